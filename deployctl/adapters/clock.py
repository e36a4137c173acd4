"""The real clock. The only place that sleeps."""

import threading
import time
from datetime import UTC, datetime


class SystemClock:
    """Wall time for records, boot time for decisions; sleeping ends early after `wake`."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def wake(self) -> None:
        """End a sleep now (called by signal handlers)."""
        self._woken.set()

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """CLOCK_BOOTTIME where the system has it: it goes on while a laptop sleeps."""
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime(clock)

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`, or until a signal wakes us."""
        if seconds > 0:
            self._woken.wait(seconds)
            self._woken.clear()
