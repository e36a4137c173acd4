"""Makes untrusted text safe to show: no control characters, no secrets."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from json import dumps
from shlex import quote as shell_quote
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"
SHORTEST_SECRET: Final = 6
"""Shorter values are words, not secrets: hiding them would only make holes in the text."""

# A payload holds no control character, so an unclosed string never swallows what follows it,
# and no input makes the search slower than linear.
_SEQUENCES = re.compile(
    r"""
    (?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]) [^\x00-\x1f\x80-\x9f]* (?:\x07|\x1b\\|\x9c)  # OSC, DCS, …
    | (?:\x1b\[|\x9b) [0-?]* [ -/]* [@-~]?                                            # CSI
    | \x1b [ -/]* [0-~]?                                                              # the rest
    """,
    re.VERBOSE,
)
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 without \t and \n, DEL, C1
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"  # the tag block, and the variation selectors that smuggle text
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[\n\t]+")


def clean(text: str) -> str:
    """Text that a terminal shows as it reads: only printable characters, `\\n` and `\\t`.

    Escape sequences, control characters, direction overrides and invisible tags are taken out;
    every kind of line break becomes `\\n`; half a surrogate pair becomes U+FFFD.
    """
    text = _BREAKS.sub("\n", _SEQUENCES.sub("", text))
    return _SURROGATES.sub("\ufffd", _UNSEEN.sub("", text))


def one_line(text: str, *, most: int = 0) -> str:
    """The same on one line, indented as it was.

    Longer than `most` characters (0: any length) ends in `…`.
    """
    line = _SPACES.sub(" ", clean(text).strip("\n")).rstrip()
    return line if not most or len(line) <= most else f"{line[: most - 1]}…"


_PEM = re.compile(
    r"""
    -----BEGIN\ [A-Z0-9 ]{1,60}-----
    (?: (?:(?!-----BEGIN)[\s\S])*? -----END\ [A-Z0-9 ]{1,60}-----
      | (?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,})* )
    | (?:^[A-Za-z0-9+/=]{1,76}\n){0,200} -----END\ [A-Z0-9 ]{1,60}-----
    """,
    re.VERBOSE | re.MULTILINE,
)
_NAMED = re.compile(
    r"""
    ( (?:aws_?session_?token|aws_?secret_?access_?key|x-amz-security-token|password|passwd)
      \\?["']? [ \t]* [=:] [ \t]* \\?["']?
    | \b authorization \\?["']? [ \t]* [=:] [ \t]* \\?["']? (?:basic|bearer) [ ] )
    [^\s"'\\&,;}]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_URL = re.compile(
    r"""
    (?<![a-z0-9+.-]) ([a-z][a-z0-9+.-]*://[^\s/:@"'<>]{0,128}:)
    (?!\d{1,5}(?:[/?\#]|$)) [^\s"'<>]{1,256} @
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ACCESS_KEY = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}")

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_PEM, HIDDEN),
    (_URL, rf"\1{HIDDEN}@"),
    (_NAMED, rf"\1{HIDDEN}"),
    (_ACCESS_KEY, HIDDEN),
    (_JWT, HIDDEN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactor:
    """Hides known secret values, however they are spelled, and what looks like a secret.

    Values shorter than six characters are not hidden. Give it whole lines: a value that is cut
    in two is not seen.
    """

    values: frozenset[str] = frozenset()
    _known: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", _any_of(self.values))

    def __repr__(self) -> str:
        return f"Redactor({len(self.values)} values)"

    def knowing(self, values: Iterable[str]) -> "Redactor":
        """The same, and these values too."""
        return Redactor(values=self.values | frozenset(values))

    def hide(self, text: str) -> str:
        """The text with `***` where a secret stood."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern, shown in _PATTERNS:
            text = pattern.sub(shown, text)
        return text


def _any_of(values: Iterable[str]) -> re.Pattern[str] | None:
    spellings = {spelling for value in values for spelling in _spellings(value)}
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _spellings(value: str) -> set[str]:
    """Every way a value, and each of its lines, may be written in a log."""
    lines = {value, *value.splitlines(), clean(value)}
    return {
        spelling
        for line in lines
        if len(line.strip()) >= SHORTEST_SECRET
        for spelling in _spell(line.strip())
        if len(spelling) >= SHORTEST_SECRET
    }


def _spell(value: str) -> set[str]:
    raw = value.encode("utf-8", "surrogatepass")
    urls = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    json = {dumps(value)[1:-1], dumps(value, ensure_ascii=False)[1:-1]}
    return {
        value,
        *urls,
        *(re.sub("%[0-9A-F]{2}", lambda hit: hit[0].lower(), url) for url in urls),
        *json,
        *(dumps(text)[1:-1] for text in json),
        shell_quote(value),
        shell_quote(value)[1:-1] if "'" in value else value,
        re.sub(r'([\\"$`])', r"\\\1", value),
        *_in_base64(raw, b64encode),
        *_in_base64(raw, urlsafe_b64encode),
    }


def _in_base64(raw: bytes, encode: Callable[[bytes], bytes]) -> set[str]:
    """The characters of base64 that `raw` alone decides, at each of its three alignments."""
    cores = set()
    for before in range(3):
        core = encode(bytes(before) + raw).decode().rstrip("=")
        undecided_after = (before + len(raw)) % 3 != 0
        cores.add(core[(0, 2, 3)[before] : len(core) - undecided_after])
    return cores
