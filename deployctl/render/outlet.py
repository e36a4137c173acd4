"""A text stream that takes what its encoding can hold, and goes quiet when nobody listens."""

import os
from typing import Final, TextIO

_IN_ASCII: Final = str.maketrans(
    {
        "→": "->", "←": "<-", "…": "...", "·": "-", "✓": "+", "✗": "x", "▸": ">", "•": "*",
        "—": "-", "\u2013": "-", "\u2018": "'", "\u2019": "'", "“": '"', "”": '"',
        "─": "-", "━": "=", "│": "|", "┃": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
        "┏": "+", "┓": "+", "┗": "+", "┛": "+", "┳": "+", "┻": "+", "╇": "+", "┡": "+",
        "┩": "+", "├": "+", "┤": "+", "┼": "+", "┴": "+", "┬": "+", "└": "+", "┘": "+",
    }
)  # fmt: skip


class Outlet:
    """Writes and flushes at once; never raises.

    What the stream cannot encode is spelled in ASCII. A reader that went away (`| head -1`, a
    closed terminal) ends the output, not the release.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._open = True

    @property
    def is_open(self) -> bool:
        """Whether anybody still listens."""
        return self._open

    def line(self, text: str = "") -> None:
        """One line, or several when `text` holds line breaks."""
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        """The text as it is."""
        if not self._open:
            return
        try:
            self._stream.write(spelled(text, self._encoding))
            self._stream.flush()
        except BlockingIOError:
            return  # a reader that is only slow loses a piece, and gets the next one
        except (OSError, ValueError):
            self._open = False
            _discard(self._stream)


def spelled(text: str, encoding: str) -> str:
    """The text in characters that the encoding has."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        ascii_text = text.translate(_IN_ASCII)
        return ascii_text.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")
    return text


def _discard(stream: TextIO) -> None:
    """Send what is left in the buffers nowhere, or Python complains about it when it exits."""
    try:
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        return  # already closed, or no file at all: nothing is left to send
    try:
        os.dup2(nowhere, number)
    finally:
        os.close(nowhere)
