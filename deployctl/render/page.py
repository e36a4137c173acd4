"""What a command prints when it is not a running release: lines and tables on one stream."""

import json
from dataclasses import replace
from io import StringIO
from typing import Final, TextIO

from rich.console import Console

from deployctl.model.text import clean
from deployctl.render.facts import Json
from deployctl.render.outlet import Outlet, spelled
from deployctl.render.sheet import Cell, Sheet, aligned, narrowest, rich_table, stacked
from deployctl.render.tone import Tone, painted
from deployctl.render.words import Said

Part = str | Said | Sheet
_USUAL_WIDTH: Final = 100


class Page:
    """Plain aligned text, or rich tables on a terminal. Never raises; texts are cleaned.

    `width` is the width of the terminal in cells and matters to tables alone: lines are not
    wrapped, so that commands and digests can be copied. A table that is too wide even with its
    texts wrapped becomes a list, because a cut table hides verdicts.
    """

    def __init__(
        self, *, stream: TextIO, tty: bool = False, colour: bool = False, width: int | None = None
    ) -> None:
        self._outlet = Outlet(stream)
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._tty = tty
        self._colour = colour
        self._width = width or _USUAL_WIDTH

    @property
    def is_open(self) -> bool:
        """Whether anybody still listens."""
        return self._outlet.is_open

    def put(self, *parts: Part) -> None:
        """Print the parts below each other."""
        for part in parts:
            if isinstance(part, Sheet):
                self._table(part)
            elif isinstance(part, Said):
                self._say(part)
            else:
                self._outlet.line(clean(part))

    def json(self, value: Json) -> None:
        """Print a JSON value, readable and in ASCII."""
        self._outlet.line(json.dumps(value, indent=2))

    def _say(self, said: Said) -> None:
        for line in clean(said.text).split("\n"):
            self._outlet.line(self._paint(f"{'  ' * said.depth}{line}".rstrip(), said.tone))

    def _table(self, sheet: Sheet) -> None:
        if self._tty:
            sheet = _spelled(sheet, self._encoding)
            fits = narrowest(sheet) <= self._width
            self._outlet.write(self._drawn(sheet) if fits else self._stacked(sheet))
            return
        for row in aligned(sheet):
            self._outlet.line("  ".join(self._paint_cell(cell) for cell in row))

    def _drawn(self, sheet: Sheet) -> str:
        paper = Console(
            file=StringIO(),
            force_terminal=True,
            color_system="standard" if self._colour else None,
            width=self._width,
            legacy_windows=False,
            _environ={},
        )
        with paper.capture() as capture:
            paper.print(rich_table(sheet))
        return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())

    def _stacked(self, sheet: Sheet) -> str:
        rows = ("".join(f"{self._paint_cell(cell)}\n" for cell in row) for row in stacked(sheet))
        return "\n".join(rows)

    def _paint_cell(self, cell: Cell) -> str:
        return self._paint(cell.text, cell.tone)

    def _paint(self, text: str, tone: Tone) -> str:
        return painted(text, tone) if self._colour else text


def _spelled(sheet: Sheet, encoding: str) -> Sheet:
    """Spelled before rich measures it: `…` as `...` is wider."""
    rows = tuple(
        tuple(
            Cell(text=spelled(cell.text, encoding), tone=cell.tone)
            if isinstance(cell, Cell)
            else spelled(cell, encoding)
            for cell in row
        )
        for row in sheet.rows
    )
    return replace(sheet, rows=rows)
