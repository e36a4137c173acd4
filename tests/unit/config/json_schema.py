"""The part of JSON Schema that our schema uses, to hold documents against it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    *("$schema", "$ref", "$defs", "title", "description", "examples", "default"),
    *("type", "enum", "const", "pattern", "minLength", "minimum", "maximum", "exclusiveMinimum"),
    *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
    *("minProperties", "items", "minItems", "maxItems", "anyOf"),
}


def complaints(schema: Mapping[str, Any], document: object) -> list[str]:
    """What does not fit; empty when the document is valid."""
    return list(_check(schema, document, schema, "$"))


def keywords(node: object, *, names: bool = False) -> set[str]:
    """The keywords that occur in a schema, to prove that none is passed over."""
    if isinstance(node, list):
        return set().union(*map(keywords, node))
    if not isinstance(node, dict):
        return set()
    found = set() if names else set(node)
    for key, each in node.items():
        if names or key not in {"default", "examples", "enum", "const"}:
            inside = key in {"properties", "patternProperties", "$defs"} and not names
            found |= keywords(each, names=inside)
    return found


def unknown_keywords(schema: Mapping[str, Any]) -> set[str]:
    """Keywords that `complaints` would pass over."""
    return keywords(dict(schema)) - _KNOWN


def _check(rule: Any, got: object, root: Mapping[str, Any], at: str) -> Iterator[str]:
    if "$ref" in rule:
        yield from _check(root["$defs"][rule["$ref"].rpartition("/")[2]], got, root, at)
    if "anyOf" in rule:
        branches = [list(_check(each, got, root, at)) for each in rule["anyOf"]]
        if all(branches):
            yield min(branches, key=len)[0]
    yield from _check_value(rule, got, at)
    if isinstance(got, dict):
        yield from _check_object(rule, got, root, at)
    if isinstance(got, list):
        if not rule.get("minItems", 0) <= len(got) <= rule.get("maxItems", len(got)):
            yield f"{at}: {len(got)} items"
        for index, each in enumerate(got):
            yield from _check(rule.get("items", {}), each, root, f"{at}[{index}]")


def _check_value(rule: Any, got: object, at: str) -> Iterator[str]:
    wanted = rule.get("type", [*_TYPES])
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(got, name) for name in names):
        yield f"{at}: {got!r} is not {wanted}"
    if got not in rule.get("enum", [got]) or got != rule.get("const", got):
        yield f"{at}: {got!r} is not allowed"
    if isinstance(got, str):
        if not re.search(rule.get("pattern", ""), got) or len(got) < rule.get("minLength", 0):
            yield f"{at}: {got!r} does not fit"
    elif isinstance(got, int | float) and not isinstance(got, bool):
        low, high = rule.get("minimum", got), rule.get("maximum", got)
        if not low <= got <= high or got <= rule.get("exclusiveMinimum", got - 1):
            yield f"{at}: {got!r} is out of range"


def _is(got: object, name: str) -> bool:
    if isinstance(got, bool):
        return name == "boolean"
    return isinstance(got, _TYPES[name])


def _check_object(
    rule: Any, got: dict[str, object], root: Mapping[str, Any], at: str
) -> Iterator[str]:
    if len(got) < rule.get("minProperties", 0):
        yield f"{at}: is empty"
    yield from (f"{at}: lacks {key}" for key in rule.get("required", ()) if key not in got)
    for key, each in got.items():
        yield from _check(rule.get("propertyNames", {}), key, root, f"{at}.{key}?")
        ruled = rule.get("properties", {}).get(key)
        for pattern, other in rule.get("patternProperties", {}).items():
            ruled = other if ruled is None and re.search(pattern, key) else ruled
        ruled = rule.get("additionalProperties", {}) if ruled is None else ruled
        if ruled is False:
            yield f"{at}: unknown key {key}"
        elif ruled is not True:
            yield from _check(ruled, each, root, f"{at}.{key}")
