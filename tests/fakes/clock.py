"""A clock that costs no time: sleeping moves it on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


class FakeClock:
    """Virtual time. `at_each_sleep` callbacks let a simulated world move with it."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._seconds = 0.0
        self.slept: list[float] = []
        self.at_each_sleep: list[Callable[[float], None]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def elapsed(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._seconds += max(seconds, 0.0)
        for move in self.at_each_sleep:
            move(self._seconds)
