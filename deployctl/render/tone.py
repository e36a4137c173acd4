"""How a piece of text is meant; screens turn it into colour, or leave it."""

from enum import StrEnum

from rich.color import ColorSystem
from rich.style import Style


class Tone(StrEnum):
    """What a reader should feel. The value is a rich style."""

    PLAIN = "none"
    HEAD = "bold"
    GOOD = "green"
    NEWS = "cyan"
    WARN = "yellow"
    BAD = "bold red"
    DIM = "dim"


def painted(text: str, tone: Tone) -> str:
    """The text with the escape codes of its tone; no codes for plain text."""
    return Style.parse(tone.value).render(text, color_system=ColorSystem.STANDARD)
