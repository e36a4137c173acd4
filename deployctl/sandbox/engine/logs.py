"""A container's output: one frame a line, kept in a file, read by followers while it grows."""

import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

STDOUT, STDERR = 1, 2
LINE_LIMIT = 16 * 1024  # bytes, as Docker cuts lines
_HEAD = struct.Struct(">BxxxL")
_PATIENCE = 1.0  # seconds between two looks at a container that says nothing


def frame(stream: int, line: bytes) -> bytes:
    """One line in Docker's multiplexed format: stream number, length, payload."""
    return _HEAD.pack(stream, len(line)) + line


def frames(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The complete frames in a piece of the file."""
    at = 0
    while at + _HEAD.size <= len(raw):
        stream, length = _HEAD.unpack_from(raw, at)
        end = at + _HEAD.size + length
        if end > len(raw):
            return
        yield stream, raw[at + _HEAD.size : end]
        at = end


class Log:
    """The log file of one container; a frame is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._grown = threading.Condition()
        self._file: IO[bytes] | None = None
        self._closed = False

    def write(self, stream: int, line: bytes) -> None:
        """Append one line (with its newline, if it has one)."""
        with self._grown:
            if self._closed:
                return  # an escaped child still talks; its container is over
            if self._file is None:
                self._file = self.path.open("ab", buffering=0)
            self._file.write(frame(stream, line))
            self._grown.notify_all()

    def close(self) -> None:
        """No line will follow: followers read to the end and stop."""
        with self._grown:
            self._closed = True
            if self._file is not None:
                self._file.close()
                self._file = None
            self._grown.notify_all()

    def pump(self, stream: int, source: IO[bytes]) -> None:
        """Copy a process's output line by line until it ends."""
        with source:
            while line := source.readline(LINE_LIMIT):
                self.write(stream, line)

    def tail(self, lines: int) -> tuple[bytes, ...]:
        """The last lines of both streams, without their stream numbers."""
        return tuple(line for _, line in self._all())[-lines:] if lines > 0 else ()

    def read(self, *, streams: frozenset[int], tail: int | None = None) -> bytes:
        """What is there now, framed; `tail` keeps only that many lines."""
        chosen = [frame(s, line) for s, line in self._all() if s in streams]
        return b"".join(chosen if tail is None else chosen[max(0, len(chosen) - tail) :])

    def follow(self, running: Callable[[], bool]) -> Iterator[bytes]:
        """Pieces of the file until the container has ended and everything was read."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            while True:
                ended = not running()
                if piece := file.read(1 << 16):
                    yield piece
                elif ended:
                    return
                else:
                    self._wait(file)

    def _wait(self, file: IO[bytes]) -> None:
        with self._grown:
            if file.tell() >= os.fstat(file.fileno()).st_size:  # it may be unlinked already
                self._grown.wait(_PATIENCE)

    def _all(self) -> list[tuple[int, bytes]]:
        try:
            return list(frames(self.path.read_bytes()))
        except FileNotFoundError:
            return []
