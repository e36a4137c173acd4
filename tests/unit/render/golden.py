"""Compares what is printed with the files that a person has read and found good."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "golden"


def golden(name: str) -> str:
    """The text of `golden/<name>`. To renew one, print the new text into the file and read it."""
    return (_FOLDER / name).read_text(encoding="utf-8")
