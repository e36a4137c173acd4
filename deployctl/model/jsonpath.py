"""A small, strict part of JSONPath: one place in one document (`$.items[0].id`, `$["a b"]`)."""

import re
from enum import Enum
from typing import Final

_STEP: Final = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*)
    | \[(?P<index>-?\d+)\]
    | \[(?P<quote>["'])(?P<key>.*?)(?P=quote)\]""",
    re.VERBOSE,
)


class Missing(Enum):
    """What `find` answers when the document has no such place (a null is a value)."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


def parse(path: str) -> tuple[str | int, ...]:
    """Names and positions of a path, in order; `$` alone is the whole document.

    Raises ValueError with the cause for anything else than `$`, `.name`, `["name"]`, `[0]`, `[-1]`.
    """
    if not path.startswith("$"):
        raise ValueError(f"{path!r} does not start with $")
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError(f'{path!r}: {path[at:]!r} is none of .name, ["name"], [0]')
        index = found["index"]
        steps.append(int(index) if index else found["name"] or found["key"] or "")
        at = found.end()
    return tuple(steps)


def find(document: object, path: str) -> object:
    """The value at `path`, or MISSING."""
    here = document
    for step in parse(path):
        here = _inside(here, step)
    return here


def _inside(here: object, step: str | int) -> object:
    if isinstance(step, str):
        return here.get(step, MISSING) if isinstance(here, dict) else MISSING
    if isinstance(here, list) and -len(here) <= step < len(here):
        return here[step]
    return MISSING
