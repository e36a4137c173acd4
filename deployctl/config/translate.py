"""Turns what the models say about values into complaints about places in the file."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from deployctl.config.complaint import Complaint, complain, nearest
from deployctl.config.names import PLANNED, field_at, keys_at
from deployctl.config.node import Entry, Listing, Mark, Node, Path, Scalar, Table
from deployctl.config.overlay import NAMED
from deployctl.config.shape.file import File
from deployctl.config.shape.part import SAID

_KINDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
}
_WORD = re.compile(r"[\w-]+")
_WHOLE = "the file"
_PARTS = ("what", "why", "cure")
_LIMITS = {
    "greater_than": ("gt", "it must be more than {}"),
    "greater_than_equal": ("ge", "it must be at least {}"),
    "less_than_equal": ("le", "it must be at most {}"),
}


def translated(error: ValidationError, root: Table, environment: str) -> Iterator[Complaint]:
    """A complaint for each error, at the value (or key) it is about."""
    for each in error.errors(include_url=False):
        place = _Place(root, each["loc"], environment)
        yield _complaint(place, each["type"], each.get("ctx", {}), each["msg"])


def dotted(path: Path, environment: str) -> str:
    """A path as people write it: `services.api.ecs`, `smoke[0].get`."""
    if path[:1] == ("environment",):
        path = ("environments", environment, *path[1:])
    words = "".join(map(_worded, path))
    return words.removeprefix(".") or _WHOLE


def _worded(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _WORD.fullmatch(step) else f"[{json.dumps(step, ensure_ascii=False)}]"


class _Place:
    """Where in the tree an error's location leads; steps that are no keys are left out."""

    def __init__(self, root: Table, loc: tuple[int | str, ...], environment: str) -> None:
        self.node: Node = root
        self.key = root.mark
        self.path: Path = ()
        self.missing = ""
        self.siblings: Mapping[str, Entry] = {}
        self.environment = environment
        self.is_key = loc[-1:] == ("[key]",)
        for step in loc:
            self._go(step)
        self.name = dotted(self.path, environment)

    def _go(self, step: int | str) -> None:
        match self.node:
            case Table(entries=entries) if str(step) in entries:
                self.siblings = entries
                self.key, self.node = entries[str(step)].key, entries[str(step)].node
                self.path = (*self.path, str(step))
            case Listing(items=items) if isinstance(step, int) and step < len(items):
                self.key, self.node = items[step].mark, items[step]
                self.path = (*self.path, step)
            case _:
                self.missing = str(step)

    def key_of(self, key: str) -> Mark:
        """The place of a key of this mapping, or of the mapping's own key."""
        found = self.node.entries.get(key) if isinstance(self.node, Table) else None
        return found.key if found else self.key


def _complaint(place: _Place, kind: str, ctx: Mapping[str, Any], message: str) -> Complaint:
    if kind == SAID:
        return _as_said(place, ctx)
    if kind in _KEYS:
        return _KEYS[kind](place)
    if kind in _KINDS:
        return _wrong_kind(place, _KINDS[kind])
    what, why, cure = _about_value(place, kind, ctx, message)
    return complain(place.node.mark, what, why, cure)


def _about_value(
    place: _Place, kind: str, ctx: Mapping[str, Any], message: str
) -> tuple[str, str, str]:
    if kind == "literal_error":
        expected = str(ctx["expected"]).replace("'", "")
        said = _shown(place.node)
        if said == expected:
            return f"`{place.name}` is text, not a number", "", f"Write {said} without quotes."
        cure = nearest(said, expected.replace(" or ", ", ").split(", "), f"Write {expected}.")
        return f"`{place.name}` has an unknown value", f"{said} is not one of: {expected}", cure
    if kind == "too_short":
        return f"`{place.name}` is empty", "it must name at least one", "Write one, or delete it."
    if kind in _LIMITS:
        bound, words = _LIMITS[kind]
        return f"`{place.name}` is out of range", words.format(ctx[bound]), "Change the number."
    return f"`{place.name}` is wrong", message, "Correct it."


def _as_said(place: _Place, ctx: Mapping[str, Any]) -> Complaint:
    what, why, cure = (str(ctx[part]).replace("{name}", place.name) for part in _PARTS)
    at_key = ctx["key"] or place.is_key or isinstance(place.node, Table)
    mark = place.key_of(str(ctx["key"])) if at_key else place.node.mark
    return complain(mark, what, why, cure)


def _lacks(place: _Place) -> Complaint:
    key = place.missing
    why, example = _described((*place.path, key))
    what = f"`{place.name}` has no `{key}`" if place.path else f"there is no `{key}`"
    cure = f"Write: {key}: {example}"
    if place.path[:1] and place.path[0] in NAMED:
        others = [each for each in place.siblings if each != place.path[-1]]
        cure = nearest(str(place.path[-1]), others, cure)
    return complain(place.key, what, why, cure)


def _described(path: Path) -> tuple[str, str]:
    field = field_at(File, path)
    if field is None:
        return "", "…"
    examples = field.examples or ["…"]
    return str(field.description or ""), str(examples[0])


def _unknown(place: _Place) -> Complaint:
    key = str(place.path[-1])
    what = f"unknown key `{key}`"
    if key in PLANNED:
        return complain(
            place.key, f"`{key}` is not available in this version", PLANNED[key], "Delete the key."
        )
    known = keys_at(File, place.path[:-1])
    if place.path[:-1] == ():
        known = tuple(each for each in known if each != "environment")
        known = (*known, "environments")
    holder = dotted(place.path[:-1], place.environment)
    why = f"{holder} has no such key" if holder == _WHOLE else f"`{holder}` has no such key"
    return complain(place.key, what, why, nearest(key, known, f"Known: {', '.join(known)}."))


def _wrong_kind(place: _Place, wanted: str) -> Complaint:
    node = place.node
    what = f"`{place.name}` is not {wanted}"
    mark = place.key if isinstance(node, Table) else node.mark
    if not isinstance(node, Scalar):
        held = "a list" if isinstance(node, Listing) else "a mapping"
        return complain(mark, what, f"it is {held}", f"Write {wanted}.")
    if node.value is None:
        return complain(
            mark,
            f"`{place.name}` is empty",
            f"it must be {wanted}",
            "Write a value, or delete the key.",
        )
    held = {bool: "true or false", str: "text"}.get(type(node.value), "a number")
    cure = f'Write it in quotes: "{node.text}"' if wanted == "text" else f"Write {wanted}."
    return complain(mark, what, f"{_shown(node)} is {held}", cure)


def _shown(node: Node) -> str:
    return node.text[:80] if isinstance(node, Scalar) else "it"


_KEYS = {"missing": _lacks, "extra_forbidden": _unknown}
