"""A terminal small enough to test against: it knows the codes that our screens may write."""

import re

from rich.cells import cell_len

_CODES = re.compile(r"\x1b\[(\?2026[hl]|\d*[AJm]|[\d;]*m)|(\n)|(\r)|([^\x1b\n\r]+)")


class Terminal:
    """Shows what was written to it. A code it does not know is an error."""

    def __init__(self, *, columns: int) -> None:
        self._columns = columns
        self._rows: list[str] = [""]
        self._row = 0
        self._fresh = True

    @property
    def shown(self) -> list[str]:
        """All rows from the top, without trailing blanks."""
        return [row.rstrip() for row in self._rows]

    def write(self, written: str) -> None:
        at = 0
        while at < len(written):
            hit = _CODES.match(written, at)
            assert hit, f"an unknown code: {written[at : at + 10]!r}"
            self._take(hit)
            at = hit.end()

    def _take(self, hit: re.Match[str]) -> None:
        code, down, back, text = hit.groups()
        if down:
            self._row += 1
            self._fresh = True
            self._rows += [""] * (self._row + 1 - len(self._rows))
        elif back:
            self._fresh = True
        elif text:
            self._put(text)
        elif code.endswith("A"):
            self._row = max(0, self._row - int(code[:-1] or 1))
        elif code == "J":
            del self._rows[self._row + 1 :]

    def _put(self, text: str) -> None:
        row = text if self._fresh else self._rows[self._row] + text
        assert cell_len(row) <= self._columns, f"wider than the terminal: {row!r}"
        self._rows[self._row] = row
        self._fresh = False
