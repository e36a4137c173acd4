"""Signals become values: the first asks the run to stop in order, the second ends it at once."""

import os
import signal
from types import FrameType

from deployctl.adapters.clock import SystemClock
from deployctl.engine.stop import Stop
from deployctl.model.exits import Exit

_HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_HARD = 3


def listen(stop: Stop, clock: SystemClock) -> None:
    """Install the handlers. A closed terminal (SIGHUP) counts like SIGTERM.

    The journal is written before every side effect, so ending at once loses nothing but the
    watching: `deployctl resume` goes on from it.
    """

    def heard(number: int, _frame: FrameType | None) -> None:
        again = stop.is_asked or stop.count + 1 >= _HARD
        stop.ask(signal.Signals(number).name)
        if again:
            os._exit(Exit.INTERRUPTED if number == signal.SIGINT else Exit.TERMINATED)
        clock.wake()

    for number in _HEARD:
        signal.signal(number, heard)
