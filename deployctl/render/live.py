"""The screen of a terminal: redraws itself in place, and leaves a clean summary when it closes."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Final, TextIO

from rich.text import Text

from deployctl.model.event import Entry
from deployctl.model.text import clean
from deployctl.render.board import Board
from deployctl.render.endings import final_block
from deployctl.render.live_view import body, frame, header, log_lines
from deployctl.render.outlet import Outlet
from deployctl.render.painter import Painter
from deployctl.render.pen import Pen

_BETWEEN_FRAMES: Final = 0.25
_USUAL_SIZE: Final = (80, 24)
Size = Callable[[], tuple[int, int]]
"""Asked before each frame: columns and lines of the terminal as it is now."""


class Live:
    """One line a wave and a change, at most four frames a second, never more than a screenful."""

    def __init__(self, *, stream: TextIO, colour: bool = True, size: Size | None = None) -> None:
        self._encoding = stream.encoding or "utf-8"
        self._outlet = Outlet(stream)
        self._painter = Painter(self._outlet, colour=colour)
        self._size = size or size_of(stream)
        self._board = Board()
        self._fence: int | None = None
        self._drawn: datetime | None = None
        self._closed = False

    def holds(self, fence: int) -> None:
        """Show the number of the lease that is held."""
        self._fence = fence

    def show(self, entry: Entry) -> None:
        """Take it in; draw when the last frame is old enough."""
        if self._closed:
            return
        self._board.take(entry)
        drawn = self._drawn
        # A wall clock that was set back must not freeze the picture: hence the absolute value.
        if drawn is None or abs((entry.at - drawn).total_seconds()) >= _BETWEEN_FRAMES:
            self._drawn = entry.at
            self._draw()

    def close(self) -> None:
        """Take the picture away and leave the summary. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._board.began is None:
            return
        width, height = self._size()
        pen = Pen(width=width, encoding=self._encoding)
        self._painter.leave(closing(self._board, pen), width=width, height=height)

    def _draw(self) -> None:
        width, height = self._size()
        pen = Pen(width=width - 1, encoding=self._encoding)
        lines = frame(self._board, pen, height=max(1, height - 1), fence=self._fence)
        self._painter.paint(lines, width=width, height=height)


def closing(board: Board, pen: Pen, *, everything: bool = False) -> list[Text]:
    """What stays: header, waves, warnings and notices, and how it ended, uncut."""
    lines = [
        *header(board, pen),
        *(strip.text for strip in body(board, pen, everything=everything)),
    ]
    if board.outcome is None:
        return [*lines, *log_lines(board, pen)]
    release = board.plan.release if board.plan else None
    block = final_block(board.outcome, release=release, seconds=board.seconds)
    texts = (Text(pen.spell(clean(text)), style=tone.value) for text, tone in block)
    return [*lines, Text(""), *texts]


def size_of(stream: TextIO) -> Size:
    """How to ask for the size of the terminal behind a stream; 80x24 when it does not know."""

    def size() -> tuple[int, int]:
        try:
            columns, lines = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            return _USUAL_SIZE
        return columns or _USUAL_SIZE[0], lines or _USUAL_SIZE[1]

    return size
