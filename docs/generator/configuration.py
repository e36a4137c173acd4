"""The reference of deployctl.yaml, read from its JSON Schema."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from deployctl.config import schema
from deployctl.config.overlay import SECTIONS
from deployctl.config.presets import PRESETS
from docs.generator.examples import EXAMPLES, INTRO, OPERATORS, PARTS, PLACEHOLDERS

_ANGLES: Final = re.compile(r"(<[^ ]+>)")  # Markdown would take them for HTML
_KINDS: Final = {
    "string": "text",
    "integer": "number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
}


def page() -> str:
    """The whole page as Markdown."""
    drawn = schema()
    definitions: Mapping[str, Any] = drawn["$defs"]
    parts = [INTRO, _table(drawn, definitions, required=drawn["required"]), PLACEHOLDERS]
    for name, title in PARTS.items():
        definition = definitions[name]
        parts.append(f"## {title}\n\n{definition['description']}\n")
        parts.append(_table(definition, definitions, required=definition.get("required", [])))
        if name in EXAMPLES:
            parts.append(f"```yaml\n{EXAMPLES[name]}```\n")
        if name == "Migration":
            parts.append(_presets())
        if name == "Expect":
            parts.append(OPERATORS)
    return "\n".join(parts)


def undescribed() -> Iterator[str]:
    """The shapes of the file that the page leaves out; there should be none."""
    for name in schema()["$defs"]:
        if not name.startswith("Overlay") and name not in PARTS:
            yield name


def _table(
    definition: Mapping[str, Any], definitions: Mapping[str, Any], *, required: list[str]
) -> str:
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    properties = definition["properties"]
    overlays = SECTIONS if "sandbox" in properties else ()
    for key, each in properties.items():
        if key not in overlays:
            default = "required" if key in required else _default(each)
            rows.append(f"| `{key}` | {_kind(each)} | {default} | {_meaning(each, definitions)} |")
    if overlays:
        sections = ", ".join(f"`{section}`" for section in overlays)
        rows.append(f"| {sections} | as above | | What differs in this environment. |")
    return "\n".join(rows) + "\n"


def _kind(each: Mapping[str, Any]) -> str:
    if "enum" in each or "const" in each:
        words = each.get("enum", [each.get("const")])
        return "a preset" if len(words) > 4 else " or ".join(f"`{word}`" for word in words)  # noqa: PLR2004 - more would not fit the table
    if "$ref" in each:
        name = each["$ref"].rpartition("/")[2]
        return f"[{PARTS[name]}](#{anchor(PARTS[name])})"
    if "anyOf" in each:
        return " or ".join(dict.fromkeys(_kind(one) for one in _several(each)))
    if str(each.get("pattern", "")).startswith("^(?=.)"):
        return "duration"
    return _container(each)


def _several(each: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in each["anyOf"] if one.get("type") != "null"]


def _container(each: Mapping[str, Any]) -> str:
    inner = [*each.get("patternProperties", {}).values(), each.get("items"), _free(each)]
    found = next((_kind(one) for one in inner if one and ("$ref" in one or "items" in one)), "")
    plain = _KINDS.get(str(each.get("type")), "any value")
    if each.get("type") == "object" and found:
        return f"names → {found}"
    return f"{plain} of {found}" if found else plain


def _free(each: Mapping[str, Any]) -> Mapping[str, Any]:
    more = each.get("additionalProperties")
    return more if isinstance(more, dict) else {}


def _default(each: Mapping[str, Any]) -> str:
    value = each.get("default")
    if "$ref" in each or value in ("", [], {}, None):
        return ""
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _meaning(each: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """What the key is for; where it only points to a shape, what that shape is for."""
    shape = definitions.get(str(each.get("$ref", "")).rpartition("/")[2], {})
    said = str(each.get("description") or shape["description"])
    if not said.endswith("."):  # written as the reason of a complaint: "it is the name of …"
        said = f"{said[0].upper()}{said[1:]}."
    return _ANGLES.sub(r"`\1`", said).replace("|", "\\|")


def anchor(title: str) -> str:
    """The link target that a heading gets."""
    kept = "".join(each for each in title.lower() if each.isalnum() or each in " -_")
    return kept.replace(" ", "-")


def _presets() -> str:
    rows = "\n".join(f"| `{name}` | `{' '.join(command)}` |" for name, command in PRESETS.items())
    return f"| preset | runs |\n|---|---|\n{rows}\n"
