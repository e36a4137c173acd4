"""A table as a fact: columns and rows of short texts, drawn plainly or by rich."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from deployctl.model.text import one_line
from deployctl.render.tone import Tone

_FOLDED: Final = 8  # cells: narrower columns are no longer read but spelled
_BETWEEN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A text and how it is meant."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows as wide as `columns`. A bare text is a plain cell.

    `folds` names the columns whose words may be broken when the paper is narrow.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | str, ...], ...]
    folds: frozenset[str] = frozenset()


def aligned(sheet: Sheet) -> list[list[Cell]]:
    """The rows, headings first, padded to columns; nothing is cut or wrapped."""
    head = [Cell(text=name.upper(), tone=Tone.DIM) for name in sheet.columns]
    table = [head, *([_cell(cell) for cell in row] for row in sheet.rows)]
    widths = [max(cell_len(cell.text) for cell in column) for column in zip(*table, strict=True)]
    return [_padded(row, widths) for row in table]


def rich_table(sheet: Sheet) -> Table:
    """The same as a rich table; no markup is read.

    When it is too wide, texts are wrapped; ids and other single words stay whole while they can.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for at, name in enumerate(sheet.columns):
        whole = all(" " not in text for text in _texts(sheet, at)[1:])
        table.add_column(Text(name), overflow="fold", no_wrap=whole and name not in sheet.folds)
    for row in sheet.rows:
        cells = (_cell(cell) for cell in row)
        table.add_row(*(Text(cell.text, style=cell.tone.value) for cell in cells))
    return table


def narrowest(sheet: Sheet) -> int:
    """How many cells a rich table of it needs at least, when texts are wrapped between words."""
    words = (
        max((cell_len(word) for text in _texts(sheet, at) for word in text.split()), default=0)
        for at in range(len(sheet.columns))
    )
    widths = (
        min(widest, _FOLDED) if name in sheet.folds else widest
        for name, widest in zip(sheet.columns, words, strict=True)
    )
    return sum(widths) + _BETWEEN * len(sheet.columns) + 1


def stacked(sheet: Sheet) -> list[list[Cell]]:
    """Each row as lines `column: text`, for paper too narrow for a table; without empty cells."""
    return [
        [
            Cell(text=f"{name}: {cell.text}" if name else cell.text, tone=cell.tone)
            for name, cell in zip(sheet.columns, map(_cell, row), strict=True)
            if cell.text
        ]
        for row in sheet.rows
    ]


def _texts(sheet: Sheet, at: int) -> list[str]:
    return [sheet.columns[at], *(_cell(row[at]).text for row in sheet.rows)]


def _cell(cell: Cell | str) -> Cell:
    text, tone = (cell.text, cell.tone) if isinstance(cell, Cell) else (cell, Tone.PLAIN)
    return Cell(text=one_line(text), tone=tone)


def _padded(row: Sequence[Cell], widths: Sequence[int]) -> list[Cell]:
    last = max((at for at, cell in enumerate(row) if cell.text), default=0)
    return [
        cell
        if at == last
        else Cell(text=cell.text + " " * (width - cell_len(cell.text)), tone=cell.tone)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        if at <= last
    ]
