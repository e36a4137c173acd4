"""The JSON Schema of deployctl.yaml, for editors: made from the same models that check the file."""

from copy import deepcopy
from typing import Any

from deployctl.config.overlay import SECTIONS
from deployctl.config.shape.file import File

_OVERLAY = "Overlay"


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. It checks keys and values, but cannot follow names."""
    drawn = File.model_json_schema(by_alias=True, mode="validation")
    definitions: dict[str, Any] = drawn["$defs"]
    properties: dict[str, Any] = drawn["properties"]
    environment = definitions["Environment"]
    overlays = {name: _overlay(definition) for name, definition in definitions.items()}
    overlaid = {section: _optional(_overlay(properties[section])) for section in SECTIONS}
    environment["properties"] |= overlaid
    definitions |= {f"{_OVERLAY}{name}": definition for name, definition in overlays.items()}
    del properties["environment"]
    properties["environments"] = {
        "type": "object",
        "description": "Places to release to. Each may override sections: mappings merge deeply, "
        "lists are replaced, null removes.",
        "additionalProperties": {"$ref": "#/$defs/Environment"},
        "minProperties": 1,
    }
    drawn["required"] = ["project", "services", "environments"]
    _allow_extensions(drawn)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deployctl.yaml",
        **{key: value for key, value in drawn.items() if key != "title"},
    }


def _overlay(definition: dict[str, Any]) -> dict[str, Any]:
    """The same shape where nothing is required and null removes a key."""
    copy: dict[str, Any] = deepcopy(definition)
    copy.pop("required", None)
    _point_to_overlays(copy)
    _let_null_remove(copy)
    return copy


def _let_null_remove(copy: dict[str, Any]) -> None:
    if "properties" in copy:
        copy["properties"] = {key: _optional(each) for key, each in copy["properties"].items()}
    if isinstance(copy.get("additionalProperties"), dict):
        copy["additionalProperties"] = _optional(copy["additionalProperties"])
    copy.pop("minProperties", None)


def _optional(definition: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [definition, {"type": "null"}]}


def _point_to_overlays(node: object) -> None:
    """References lead to overlays too, but the items of a list are whole: lists are replaced."""
    if isinstance(node, dict):
        if str(node.get("$ref", "")).startswith("#/$defs/"):
            node["$ref"] = f"#/$defs/{_OVERLAY}{node['$ref'].removeprefix('#/$defs/')}"
        for key, each in node.items():
            if key not in {"items", "prefixItems"}:
                _point_to_overlays(each)
    elif isinstance(node, list):
        for each in node:
            _point_to_overlays(each)


def _allow_extensions(node: object) -> None:
    if isinstance(node, dict):
        if node.get("additionalProperties") is False:
            node["patternProperties"] = {"^x-": {}}
        for each in list(node.values()):
            _allow_extensions(each)
    elif isinstance(node, list):
        for each in node:
            _allow_extensions(each)
