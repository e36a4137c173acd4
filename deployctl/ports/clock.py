"""Time comes in through this plug; only its adapter ever sleeps."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the engine sees it."""

    def now(self) -> datetime:
        """The wall clock, UTC, aware. For records only: it decides nothing."""
        ...

    def elapsed(self) -> float:
        """Seconds that only grow and go on counting while the machine sleeps (CLOCK_BOOTTIME)."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; returns early when a signal asks the run to stop."""
        ...
