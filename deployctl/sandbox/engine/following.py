"""Followed logs of a real engine, read to the very last line before the container is removed."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

from deployctl.sandbox.engine.logs import frame, frames
from deployctl.sandbox.engine.wire import Answer

_PATIENCE = 2.0  # seconds a removal waits for the followers of a container that has ended


class Following:
    """Who follows which container.

    Docker may end a followed stream before a last line that has no newline, and the emulator
    removes a container the moment it has ended: both lose a dying program's last words.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._followers: Counter[str] = Counter()

    def complete(
        self, container: str, followed: Answer, whole: Callable[[], bytes]
    ) -> Iterator[bytes]:
        """The followed stream, then the lines of the `whole` log that it left out."""
        with self._changed:
            self._followers[container] += 1
        return self._pieces(container, followed, whole)

    def await_end(self, container: str) -> None:
        """Wait until nobody follows the container, for a little while."""
        with self._changed:
            self._changed.wait_for(lambda: not self._followers[container], _PATIENCE)
            self._followers.pop(container, None)

    def _pieces(
        self, container: str, followed: Answer, whole: Callable[[], bytes]
    ) -> Iterator[bytes]:
        seen, rest = 0, b""
        try:
            for piece in followed.stream or (followed.body,):
                yield piece
                rest += piece
                for _, line in frames(rest):
                    seen += 1
                    rest = rest[len(frame(0, line)) :]
            for stream, line in tuple(frames(whole()))[seen:]:
                yield frame(stream, line)
        finally:
            with self._changed:
                self._followers[container] -= 1
                self._changed.notify_all()
