"""Reads deployctl.yaml from disk, or says why it is not a text file we take."""

import re
from pathlib import Path

from deployctl.config.complaint import Complaint, FileWrong

LARGEST = 256 * 1024
_FOREIGN_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def read(path: Path) -> str:
    """The text of the file, without a byte order mark. Raises FileWrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise FileWrong(
            [_whole(path, "there is no such file", "", "Give its path with --config.")]
        ) from None
    except IsADirectoryError:
        inside = path / "deployctl.yaml"
        raise FileWrong(
            [_whole(path, "this is a folder", "", f"Name the file in it: --config {inside}")]
        ) from None
    except (OSError, ValueError) as error:
        why = str(getattr(error, "strerror", None) or error)
        raise FileWrong(
            [_whole(path, "the file cannot be read", why, "Check the path and its permissions.")]
        ) from None
    return decode(raw, path)


def decode(raw: bytes, path: Path) -> str:
    """Bytes of the file as text. Raises FileWrong for what is too large, foreign or binary."""
    if len(raw) > LARGEST:
        why = f"more than {LARGEST // 1024} KiB is no configuration"
        raise FileWrong([_whole(path, "the file is too large", why, "Is it the right file?")])
    if raw.startswith(_FOREIGN_MARKS):
        raise FileWrong(
            [_whole(path, "the file is UTF-16 or UTF-32", "only UTF-8 is read", "Save as UTF-8.")]
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise FileWrong([_at(path, before, what, "Save the file as UTF-8.")]) from None
    found = _UNPRINTABLE.search(text)
    if found:
        what = f"there is a control character (U+{ord(found.group()):04X})"
        raise FileWrong([_at(path, text[: found.start()], what, "Delete it.")])
    return text


def _whole(path: Path, what: str, why: str, cure: str) -> Complaint:
    return Complaint(file=str(path), line=0, column=0, what=what, why=why, cure=cure)


def _at(path: Path, before: str, what: str, cure: str) -> Complaint:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    why = "only plain UTF-8 text is read"
    return Complaint(file=str(path), line=line, column=column, what=what, why=why, cure=cure)
