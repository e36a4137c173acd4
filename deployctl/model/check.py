"""A smoke check: one HTTP question about a release and what a good answer looks like."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

GIT_SHA = "$git_sha"
"""Stands in a text for the image tag that this release must answer with; `$$` is a plain `$`."""

_PLACEHOLDER = re.compile(r"\$\$|\$git_sha\b")

Scalar = str | int | float | bool | None


class When(StrEnum):
    """At which moment of a release a check runs."""

    SHIFTED = "shifted"
    PUBLISHED = "published"


class Op(StrEnum):
    """How a value that came is compared with the value that is wanted.

    EXISTS wants True or False. IN wants a tuple. BETWEEN wants a pair (both ends included).
    TYPE wants string, number, integer, boolean, null, object or array. COUNT wants a Matcher over
    the length of a list, an object or a text. MATCHES wants a regular expression, and searches.
    """

    EQUALS = "equals"
    EXISTS = "exists"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    IN = "in"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"
    TYPE = "type"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One comparison. A text in `value` may hold `$git_sha`. `negated` turns the answer round."""

    op: Op
    value: "Scalar | tuple[Scalar, ...] | Matcher"
    negated: bool = False

    @property
    def is_about_version(self) -> bool:
        """Whether it asks for the commit of this release."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return any(isinstance(one, str) and mentions_version(one) for one in values)

    def __str__(self) -> str:
        wanted = str(self.value) if isinstance(self.value, Matcher) else repr(self.value)
        verb = "" if self.op is Op.EQUALS else f"{self.op.value.replace('_', ' ')} "
        return f"{'not ' if self.negated else ''}{verb}{wanted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A matcher at a place: a JSON path (`$.items[0].id`) or the name of a header."""

    at: str
    matcher: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a good answer is. `warn_seconds` and `fail_seconds` bound its latency; 0 = unbounded."""

    status: tuple[int, ...] = (200,)
    json: tuple[Rule, ...] = ()
    headers: tuple[Rule, ...] = ()
    body: tuple[Matcher, ...] = ()
    warn_seconds: float = 0.0
    fail_seconds: float = 0.0

    @property
    def matchers(self) -> Iterator[Matcher]:
        """Every matcher, wherever it stands."""
        yield from (rule.matcher for rule in (*self.json, *self.headers))
        yield from self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question, asked until it is answered well `consecutive` times in a row.

    `url` is absolute, or a path (`/version`) until `placed` has given it a place.
    `connect_to` (`host:port`, or "") is where the connection really goes while
    Host header and TLS name stay those of `url`. `service` names whose image `$git_sha` means; ""
    means any image of the release. The clocks: one attempt takes at most `attempt_seconds`,
    attempts go on for at most `until_seconds`.
    """

    name: str
    url: str
    when: When = When.SHIFTED
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    connect_to: str = ""
    service: str = ""
    expect: Expect = field(default_factory=Expect)
    consecutive: int = 1
    follow: bool = False
    attempt_seconds: float = 5.0
    until_seconds: float = 60.0

    def placed(self, url: str, connect_to: str = "") -> "Check":
        """The check with its path put behind `url`; one that has a place of its own keeps it."""
        if not self.url.startswith("/"):
            return self
        return replace(
            self, url=url.rstrip("/") + self.url, connect_to=self.connect_to or connect_to
        )


def filled(text: str, tag: str) -> str:
    """The text with `$git_sha` replaced by `tag` and `$$` by `$`."""
    return _PLACEHOLDER.sub(lambda found: "$" if found[0] == "$$" else tag, text)


def mentions_version(text: str) -> bool:
    """Whether `$git_sha` stands in the text (and not `$$git_sha`, which is plain text)."""
    return any(found[0] == GIT_SHA for found in _PLACEHOLDER.finditer(text))


class Why(StrEnum):
    """Why there is no answer. Only connecting and waiting are worth another attempt."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    TLS = "tls"
    FORBIDDEN = "forbidden"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer. Header names are lower case; `cut` says that the body was longer.

    `seconds` run from the start of the connection to the last byte of the body.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    cut: bool = False

    def header(self, name: str) -> str | None:
        """The value of a header; repeated ones are joined as HTTP says; None without one."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """No HTTP answer came; `said` is the cause in words."""

    why: Why
    said: str
    seconds: float = 0.0


Reply = Answer | NoAnswer
