"""Bounded waiting for a part of the sandbox, with its last words when it does not come."""

import time
from collections.abc import Callable
from pathlib import Path

from deployctl.model.errors import CheckFailed

_PAUSE = 0.05


def until(check: Callable[[], bool], *, seconds: float, pause: float = _PAUSE) -> bool:
    """Ask again and again until the answer is yes or the time is over; the last answer."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def last_words(log: Path, *, lines: int = 12) -> str:
    """The end of a log file, indented; a note when it holds nothing."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            text = file.read().decode(errors="replace")
    except OSError:
        return "  (no log)"
    end = [line for line in text.splitlines() if line.strip()][-lines:]
    return "\n".join(f"  {line}" for line in end) or "  (its log is empty)"


def came_up(
    name: str, log: Path, *, alive: Callable[[], bool], ready: Callable[[], bool], seconds: float
) -> None:
    """Wait until a part answers.

    Raises CheckFailed with the last lines of its log when it ends or stays silent.
    """
    until(lambda: not alive() or ready(), seconds=seconds)
    if alive() and ready():
        return
    what = f"did not answer within {seconds:g} s" if alive() else "ended while starting"
    raise CheckFailed(
        f"the sandbox's {name} {what}. The end of {log}:\n{last_words(log)}",
        hint="Read the log; then: deployctl sandbox down, deployctl sandbox up",
    )
