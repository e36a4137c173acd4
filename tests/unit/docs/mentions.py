"""Finds commands of deployctl in a text, and says which of them do not exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from docs.generator.commands import walk

_START = re.compile(r"(?<![\w/'\".-])deployctl +")
_REST = re.compile(r"[^`#;|&<>]*(?:(?<=\w)\|(?=\w)[^`#;|&<>]*)*")
_WORD = re.compile(r"[a-z][a-z-]*")
_OPTION = re.compile(r"--?[a-z][a-z-]*")
COMMANDS: dict[str, Any] = dict(walk())
GROUPS = {path.split()[1] for path in COMMANDS if len(path.split()) > 2}
_OF_ALL = {"--help", "--version", "--install-completion", "--show-completion"}
_NO_COMMANDS = {"deployctl layer", "deployctl that", "deployctl sandbox engine"}
"""Words that follow the name in a sentence or the name of a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One command as a text has it: its words and options. A word may be a gap, written `…`."""

    words: tuple[str, ...]
    options: frozenset[str]


def mentions(text: str) -> Iterator[Mention]:
    """Every `deployctl word …` in a text; a mention ends with its sentence."""
    for line in text.replace("\\\n", " ").splitlines():
        for said in _START.split(line)[1:]:
            found = _REST.match(said)
            yield from _mention((found[0] if found else "").split())


def _mention(given: list[str]) -> Iterator[Mention]:
    words: list[str] = []
    options: set[str] = set()
    for each in given:
        bare = each.rstrip(".,:)'\"")
        if _OPTION.match(bare):
            options.add(bare.partition("=")[0])
        elif not options and len(words) < 2 and _is_word(bare):
            words.append(bare)
        if bare != each:
            break
    if words or options:
        yield Mention(words=tuple(words), options=frozenset(options))


def _is_word(text: str) -> bool:
    return text == "…" or all(_WORD.fullmatch(part) for part in text.split("|"))


def complaint(mention: Mention) -> str:
    """What is wrong with it; "" when the command line would be understood."""
    if not mention.words:
        return _unknown(mention.options - _OF_ALL, "deployctl")
    every = product(*(word.split("|") for word in mention.words))
    return next((said for words in every if (said := _wrong(words, mention.options))), "")


def _wrong(words: tuple[str, ...], options: frozenset[str]) -> str:
    depth = 2 if words[0] in GROUPS else 1
    path = " ".join(("deployctl", *words[:depth]))
    if path in _NO_COMMANDS:
        return ""
    fitting = [name for name in COMMANDS if _fits(name, path)]
    if not fitting:
        return f"there is no `{path}`"
    known = {option for name in fitting for param in COMMANDS[name].params for option in param.opts}
    return _unknown(options - known - _OF_ALL, path)


def _fits(name: str, path: str) -> bool:
    """A group alone is a command too; a gap stands for any word."""
    parts, wanted = name.split(), path.split()
    return all(given in {part, "…"} for part, given in zip(parts, wanted, strict=False)) and (
        len(wanted) <= len(parts)
    )


def _unknown(options: frozenset[str], path: str) -> str:
    return f"`{path}` has no {', '.join(sorted(options))}" if options else ""
