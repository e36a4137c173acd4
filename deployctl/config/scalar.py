"""What a plain YAML scalar means: the YAML 1.2 core schema, and nothing that YAML 1.1 added."""

import re

_NULL = {"", "~", "null", "Null", "NULL"}
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?")
_ZEROS = re.compile(r"[-+]?0[0-9]+|0[xo][0-9A-Fa-f]+")
_LONGEST_NUMBER = 40


def meant(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar.

    `no`, `on` and `22:22` stay text. So are numbers without end.
    """
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def is_ambiguous(text: str) -> bool:
    """Whether YAML readers disagree about the number: `0123` is 123 to one and 83 to another."""
    return _ZEROS.fullmatch(text) is not None
