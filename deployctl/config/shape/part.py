"""What all models of the file share: strictness, kinds of text, and errors with a cure."""

import json
import re
from datetime import timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

SAID = "said"
_DURATION = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?")
NAME = re.compile(r"(?!x-)[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?")
_OUTPUT = re.compile(r"\$\{stack:[^}]*\}")
DURATION_PATTERN = r"^(?=.)(\d{1,4}h)?(\d{1,5}m)?(\d{1,6}s)?$"


class Part(BaseModel):
    """A mapping of the file: unknown keys are errors, and no value is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def said(what: str, why: str, cure: str, *, key: str = "") -> PydanticCustomError:
    """An error in our own words. `{name}` in `what` becomes the dotted path of the place.

    `key` points at one key of the mapping instead of the mapping itself.
    """
    return PydanticCustomError(SAID, "said", {"what": what, "why": why, "cure": cure, "key": key})


def _duration(raw: object) -> object:
    found = _DURATION.fullmatch(raw) if isinstance(raw, str) and raw else None
    if not found:
        why = f"{raw!r} has no unit" if isinstance(raw, int | float) else ""
        raise said("`{name}` is not a duration", why, "Write it like 90s, 5m or 1h30m.")
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < length <= timedelta(days=1):
        raise said(
            "`{name}` is out of range",
            "it must be more than 0s and at most 24h",
            "Write it like 90s, 5m or 1h30m.",
        )
    return length


def in_words(length: timedelta) -> str:
    """A duration as the file writes it: `1h30m`."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def _name(text: str) -> str:
    if text.startswith("x-"):
        raise said(
            "`{name}` begins with x-",
            "such keys are ignored, so it cannot be a name",
            "Choose another name.",
        )
    if not NAME.fullmatch(text):
        raise said(
            "`{name}` is not a usable name",
            "names appear in image tags, keys and commands",
            "Use lower-case letters, digits, - and _, at most 64.",
        )
    return text


def _full(text: str) -> str:
    if not text.strip():
        raise said("`{name}` is empty", "", "Write a value, or delete the key.")
    return text


def _inside(text: str) -> str:
    parts = text.replace("\\", "/").split("/")
    if text.startswith(("/", "~")) or ".." in parts:
        raise said(
            "`{name}` leaves the project",
            f"{text!r} is not below the file's folder",
            "Write a path relative to the folder of the file, without `..`.",
        )
    return text


def _listed(raw: object) -> object:
    if isinstance(raw, str):
        raise said("`{name}` is text, not a list", "", f"Write {json.dumps(raw.split())}.")
    return tuple(raw) if isinstance(raw, list) else raw


Text = Annotated[
    str, AfterValidator(_full), Field(min_length=0, json_schema_extra={"minLength": 1})
]
Name = Annotated[
    str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})
]
Inside = Annotated[Text, AfterValidator(_inside)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(in_words, return_type=str),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["5m"]}),
]


def matching(pattern: str, cure: str, *, outputs: bool = False) -> AfterValidator:
    """A validator for text that must fit a pattern as a whole.

    With `outputs`, the output of a stack may stand in it, or be all of it: it fits by assumption.
    """
    compiled = re.compile(pattern)

    def fits(text: str) -> str:
        if outputs and _OUTPUT.fullmatch(text):
            return text
        if not compiled.fullmatch(_OUTPUT.sub("X1", text) if outputs else text):
            raise said("`{name}` does not fit", f"{text[:80]!r} is not of the right form", cure)
        return text

    return AfterValidator(fits)
