"""Takes control characters and secrets out of every text in an event."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar, cast

from deployctl.model.event import LogLine
from deployctl.model.text import HIDDEN, Redactor, clean, one_line

T = TypeVar("T")


def washed(fact: T, redactor: Redactor) -> T:
    """The same fact (a frozen dataclass, mapping, tuple or text, nested) with clean texts.

    A tuple of texts is washed as one text, because a key in a log spans lines.
    """
    return cast("T", _wash(fact, redactor))


def _wash(fact: object, redactor: Redactor) -> object:
    if isinstance(fact, Enum):
        return fact
    if isinstance(fact, str):
        return redactor.hide(clean(fact))
    if isinstance(fact, Mapping):
        return {_wash(k, redactor): _wash(v, redactor) for k, v in fact.items()}
    if isinstance(fact, tuple):
        return _wash_all(fact, redactor)
    if is_dataclass(fact) and not isinstance(fact, type):
        texts = {f.name: _wash(getattr(fact, f.name), redactor) for f in fields(fact) if f.init}
        return replace(fact, **texts)
    return fact


def _wash_all(facts: tuple[object, ...], redactor: Redactor) -> tuple[object, ...]:
    texts = [fact for fact in facts if isinstance(fact, str) and not isinstance(fact, Enum)]
    if texts and len(texts) == len(facts):
        return tuple(redactor.hide(clean("\n".join(texts))).split("\n"))
    return tuple(_wash(fact, redactor) for fact in facts)


_LONGEST_LINE = 2000
_LONGEST_KEY = 200  # lines; a key is shorter, and a log that never closes one must come back


class LogWash:
    """Washes log lines, which arrive one by one: remembers who is in the middle of a PEM block."""

    def __init__(self) -> None:
        self._inside: dict[str, int] = {}

    def __call__(self, line: LogLine, redactor: Redactor) -> LogLine:
        """The line, on one line, of bounded length."""
        text, source = clean(line.text), one_line(line.source)
        inside = source in self._inside
        self._follow(text, source)
        shown = HIDDEN if inside else one_line(redactor.hide(text), most=_LONGEST_LINE)
        return LogLine(source=redactor.hide(source), text=shown)

    def _follow(self, text: str, source: str) -> None:
        if text.rfind("-----BEGIN ") > text.rfind("-----END "):
            self._inside[source] = 0
        elif source in self._inside:
            self._inside[source] += 1
            if "-----END " in text or self._inside[source] >= _LONGEST_KEY:
                del self._inside[source]
