"""How often one smoke check was asked, and where it stands."""

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import Final

from deployctl.model.check import Answer, Check, Reply
from deployctl.model.smoke import Judged, Word
from deployctl.model.text import one_line

_LONGEST_PAUSE: Final = 8.0
_MOST: Final = 200


class Standing(StrEnum):
    """OPEN checks are asked again; the others are over."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt: when (seconds since the check began) and what came of it, as one line."""

    at: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The attempts of one check. Times are seconds of the engine's clock.

    `good` counts good answers in a row, `bad` failed attempts since the last good one.
    `body` is an excerpt of the last answer.
    """

    check: Check
    began: float
    due: float
    standing: Standing = Standing.OPEN
    attempts: tuple[Attempt, ...] = ()
    good: int = 0
    bad: int = 0
    slow: str = ""
    body: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still has to be asked."""
        return self.standing is Standing.OPEN

    @property
    def limit(self) -> float:
        """When no further attempt may start or last."""
        return self.began + self.check.until_seconds

    @property
    def last(self) -> str:
        """What the last attempt said."""
        return self.attempts[-1].said if self.attempts else "not asked yet"


def begin(check: Check, now: float) -> Tally:
    """A check that is due at once."""
    return Tally(check=check, began=now, due=now)


def count(tally: Tally, judged: Judged, reply: Reply, *, ended: float, pause: float) -> Tally:
    """The tally after one more attempt that ended at `ended`.

    A good one is followed by the next at once, a bad one after a pause that doubles up to 8 s.
    """
    said = "; ".join(judged.reasons) or f"good, {tally.good + 1} of {tally.check.consecutive}"
    began = max(ended - reply.seconds, tally.began)
    body = one_line(reply.text[: 4 * _MOST], most=_MOST) if isinstance(reply, Answer) else ""
    tried = replace(
        tally,
        attempts=(*tally.attempts, Attempt(at=began - tally.began, said=said)),
        body=body,
    )
    if judged.word is Word.FAILED:
        return replace(tried, standing=Standing.FAILED, good=0)
    if judged.word is Word.AGAIN:
        wait = min(pause * 2**tally.bad, _LONGEST_PAUSE)
        return replace(tried, good=0, bad=tally.bad + 1, due=ended + wait)
    good = tally.good + 1
    enough = good >= tally.check.consecutive
    return replace(
        tried,
        good=good,
        bad=0,
        due=ended,
        slow=judged.slow or tally.slow,
        standing=Standing.PASSED if enough else Standing.OPEN,
    )


def expire(tally: Tally, now: float, end: float) -> Tally:
    """The tally, failed if its own time or the time of the whole suite (`end`) is over."""
    over = tally.is_open and now >= min(tally.limit, end)
    return replace(tally, standing=Standing.FAILED) if over else tally


def result(tally: Tally) -> str:
    """How it ended, in words: `passed on attempt 4 after 12.3 s`."""
    number = len(tally.attempts)
    after = tally.attempts[-1].at if tally.attempts else 0.0
    word = {
        Standing.PASSED: "passed on",
        Standing.FAILED: "failed on",
        Standing.OPEN: "not finished,",
    }[tally.standing]
    slow = f" (slow: {tally.slow})" if tally.slow else ""
    return f"{word} attempt {number} after {after:.1f} s{slow}"


def evidence(tally: Tally) -> tuple[str, ...]:
    """Every attempt in a line, equal neighbours together; then how the last answer began."""
    name = tally.check.name
    head = f"{name}: {result(tally)}: {tally.check.method} {one_line(tally.check.url, most=_MOST)}"
    lines = [head]
    number = 1
    for said, group in groupby(tally.attempts, key=lambda attempt: attempt.said):
        same = tuple(group)
        last = number + len(same) - 1
        which = f"attempt {number}" if last == number else f"attempts {number}-{last}"
        lines.append(f"{name}: {which} after {same[0].at:.1f} s: {said}")
        number = last + 1
    if tally.body:
        lines.append(f"{name}: body: {tally.body}")
    return tuple(lines)
