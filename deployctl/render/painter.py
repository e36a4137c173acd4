"""Paints frames over each other at the bottom of a terminal."""

from collections.abc import Sequence
from io import StringIO
from math import ceil
from typing import Final

from rich.console import Console
from rich.text import Text

from deployctl.render.outlet import Outlet

_HOLD: Final = "\x1b[?2026h"  # terminals that know it show the frame at once, others ignore it
_GO: Final = "\x1b[?2026l"
_ERASE: Final = "\x1b[J"
"""To the end of the screen, behind the first line of a frame: at the very top, tmux would push what
it erases into the history; and to the end of each line, it would fold the blanks on a resize."""


class Painter:
    """Replaces the last frame by the next one, in one write.

    rich's own Live counts lines at the width they were drawn at and raises SystemExit when the
    reader is gone; here a window made narrower leaves no debris, and nothing is raised. The
    cursor is never hidden, so that a killed process leaves a usable terminal.
    """

    def __init__(self, outlet: Outlet, *, colour: bool) -> None:
        self._outlet = outlet
        self._colour = colour
        self._shown: tuple[int, ...] = ()

    def paint(self, lines: Sequence[Text], *, width: int, height: int) -> None:
        """Draw the lines where the last frame was."""
        first, *rest = self.coded(lines) or [""]
        rows = "\n".join((first + _ERASE, *rest))
        self._outlet.write(f"{_HOLD}{self._back(width, height)}{rows}{_GO}")
        self._shown = tuple(line.cell_len for line in lines)

    def leave(self, lines: Sequence[Text], *, width: int, height: int) -> None:
        """Erase the frame and leave these lines in its place, for good."""
        first, *rest = self.coded(lines) or [""]
        rows = "\n".join((first + _ERASE, *rest))
        self._outlet.write(f"{self._back(width, height)}{rows}\n")
        self._shown = ()

    def coded(self, lines: Sequence[Text]) -> list[str]:
        """The lines with the escape codes of their styles."""
        paper = Console(
            file=StringIO(),
            force_terminal=True,
            color_system="standard" if self._colour else None,
            width=10_000,
            legacy_windows=False,
            _environ={},
        )
        coded = []
        for line in lines:
            with paper.capture() as capture:
                paper.print(line, end="", soft_wrap=True, highlight=False, markup=False)
            coded.append(capture.get())
        return coded

    def _back(self, width: int, height: int) -> str:
        """Codes that put the cursor where the last frame began, as wide as the window is now."""
        if not self._shown:
            return ""
        rows = sum(max(1, ceil(cells / width)) for cells in self._shown)
        up = min(rows, height) - 1
        return f"\r\x1b[{up}A" if up > 0 else "\r"
