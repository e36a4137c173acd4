"""Writes one line of a drawn screen: clean, encodable, never wider than it may be."""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from deployctl.model.text import one_line
from deployctl.render.outlet import spelled
from deployctl.render.tone import Tone

Piece = tuple[str, Tone]


class Pen:
    """Knows the width (in cells, CJK counts two) and the encoding of the paper."""

    def __init__(self, *, width: int, encoding: str = "utf-8") -> None:
        self.width = max(1, width)
        self._encoding = encoding
        self._more = spelled("…", encoding)

    def spell(self, text: str) -> str:
        """The text in characters that the paper has."""
        return spelled(text, self._encoding)

    def line(self, pieces: Iterable[Piece]) -> Text:
        """The pieces behind each other; what does not fit ends in `…`. No markup is read."""
        text = Text(no_wrap=True, end="")
        for piece, tone in pieces:
            text.append(self.spell(piece), style=tone.value)
        text.rstrip()
        if text.cell_len > self.width:
            text.truncate(max(0, self.width - len(self._more)), overflow="crop")
            text.append(self._more[: self.width])
        return text

    def column(self, text: str, width: int) -> str:
        """The text padded or cut to exactly `width` cells."""
        shown = self.spell(one_line(text))
        if cell_len(shown) <= width:
            return set_cell_size(shown, width)
        if width <= len(self._more):
            return set_cell_size(shown, max(0, width))
        return set_cell_size(shown, width - len(self._more)) + self._more

    def cells(self, text: str) -> int:
        """How many cells the text takes here."""
        return cell_len(self.spell(one_line(text)))
