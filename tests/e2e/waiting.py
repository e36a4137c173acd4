"""Patience with a deadline: the only way these tests wait for a real process."""

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

Answer = TypeVar("Answer")


def until(question: Callable[[], Answer], what: str, *, seconds: float = 60) -> Answer:
    """Ask again and again until the answer is truthy, and return it; fails after `seconds`."""
    deadline = monotonic() + seconds
    pause = Event()
    while True:
        answer = question()
        if answer:
            return answer
        assert monotonic() < deadline, f"not within {seconds:g} s: {what}"
        pause.wait(0.05)
