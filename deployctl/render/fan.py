"""Gives every event, clean and stamped, to all screens; a screen that breaks is left out."""

from collections import deque
from collections.abc import Iterable
from threading import RLock

from deployctl.model.event import Entry, Event, LogLine, Notice
from deployctl.model.text import Redactor
from deployctl.ports.clock import Clock
from deployctl.ports.screen import Screen
from deployctl.render.wash import LogWash, washed


class Fan:
    """A `Tell`. It never raises, and may be called from any thread, a signal or a screen.

    Every text is cleaned of control characters and secrets before a screen sees it; an event
    that cannot be cleaned is not shown.
    """

    def __init__(self, screens: Iterable[Screen], clock: Clock, redactor: Redactor) -> None:
        self._screens = list(screens)
        self._clock = clock
        self._redactor = redactor
        self._logs = LogWash()
        self._lock = RLock()
        self._told: deque[Entry] = deque()
        self._busy = False

    def __call__(self, event: Event) -> None:
        """Tell all screens."""
        self._told.append(Entry(at=self._clock.now(), event=event))
        with self._lock:
            if self._busy:
                return  # told by a screen or a signal in the middle of another: it comes next
            self._busy = True
            try:
                while self._told:
                    self._deliver(self._told.popleft())
            finally:
                self._busy = False

    def hide(self, *values: str) -> None:
        """From now on, these secret values are hidden too."""
        with self._lock:
            self._redactor = self._redactor.knowing(values)

    def close(self) -> None:
        """Close every screen, whatever the others do."""
        with self._lock:
            for screen in self._screens:
                self._safely(screen, None)
            self._screens = []

    def _deliver(self, entry: Entry) -> None:
        entry = self._washed(entry)
        for screen in tuple(self._screens):
            broken = self._safely(screen, entry)
            if broken is not None and screen in self._screens:
                self._screens.remove(screen)
                self._told.append(self._washed(Entry(at=entry.at, event=_left_out(screen, broken))))

    def _washed(self, entry: Entry) -> Entry:
        try:
            if isinstance(entry.event, LogLine):
                return Entry(at=entry.at, event=self._logs(entry.event, self._redactor))
            return washed(entry, self._redactor)
        except Exception as bug:  # noqa: BLE001 - a screen must not stop a release, nor leak
            return Entry(at=entry.at, event=_unshown(entry.event, bug))

    @staticmethod
    def _safely(screen: Screen, entry: Entry | None) -> Exception | None:
        """Show the entry, or close the screen when there is none; the error if it broke."""
        try:
            if entry is None:
                screen.close()
            else:
                screen.show(entry)
        except Exception as broken:  # noqa: BLE001 - whatever a screen does, the release goes on
            return broken
        return None


def _left_out(screen: Screen, broken: Exception) -> Notice:
    name = type(screen).__name__
    return Notice(text=f"screen {name} broke and is left out: {broken!r}", warning=True)


def _unshown(event: Event, bug: Exception) -> Notice:
    name = type(event).__name__
    return Notice(text=f"{name} could not be shown: {type(bug).__name__}", warning=True)
