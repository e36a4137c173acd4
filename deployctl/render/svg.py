"""A recorded run as a picture, for the README."""

import re
from collections.abc import Iterable
from io import StringIO

from rich.console import Console

from deployctl.model.event import Entry
from deployctl.render.board import Board
from deployctl.render.live import closing
from deployctl.render.pen import Pen

_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def export_svg(
    entries: Iterable[Entry], *, title: str = "deployctl release", width: int = 100
) -> str:
    """The terminal at the end of these entries as an SVG: every wave with its changes.

    It loads nothing from elsewhere: without its fonts, a viewer uses its own monospace.
    """
    board = Board()
    for entry in entries:
        board.take(entry)
    console = Console(
        record=True,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        width=width,
        legacy_windows=False,
        _environ={},
    )
    for line in closing(board, Pen(width=width), everything=True):
        console.print(line, highlight=False, markup=False)
    return _FONTS.sub("", console.export_svg(title=title))
