"""What one preflight rule found."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """FAIL refuses the release, WARN is told, OK is counted."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer: what is so, and for WARN and FAIL the cure, as an order or a question."""

    level: Level
    what: str
    cure: str = ""


Rule = Callable[[], Finding]
"""A question with everything it needs already given; it only reads."""


def ok(what: str) -> Finding:
    """All is well."""
    return Finding(level=Level.OK, what=what)


def warn(what: str, cure: str) -> Finding:
    """Worth reading, not worth stopping for."""
    return Finding(level=Level.WARN, what=what, cure=cure)


def fail(what: str, cure: str) -> Finding:
    """Nothing may be touched before this is cured."""
    return Finding(level=Level.FAIL, what=what, cure=cure)
