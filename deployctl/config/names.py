"""What may stand where in the file, read off the models: for suggestions and for editors."""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from deployctl.config.node import Path

_LATER = "what is not acted upon is not accepted"
PLANNED = {
    "assets": _LATER,
    "gates": _LATER,
    "load": _LATER,
    "freeze": _LATER,
    "notify": _LATER,
    "retention": _LATER,
    "builder": "the first of docker, buildx, podman, buildah that is there builds",
    "role": "the credentials of the surroundings are used",
    "profile": "the credentials of the surroundings are used; set AWS_PROFILE",
}
"""Keys that a reader of the roadmap may expect, and why they are refused for now."""


def keys_at(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that the mapping at `path` may have; none when they are free."""
    here = _at(model, path)
    if not _is_model(here):
        return ()
    return tuple(field.alias or name for name, field in here.model_fields.items())


def field_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """What the model says about the key that `path` leads to."""
    here = _at(model, path[:-1])
    return _field(here, str(path[-1])) if _is_model(here) else None


def _at(model: type[BaseModel], path: Path) -> Any:
    here: Any = model
    for step in path:
        if isinstance(here, _Items):
            here = here.item
        elif _is_model(here):
            field = _field(here, str(step))
            here = _inside(field.annotation) if field else None
    return here


def _is_model(here: Any) -> bool:
    return isinstance(here, type) and issubclass(here, BaseModel)


def _field(model: type[BaseModel], key: str) -> FieldInfo | None:
    for name, field in model.model_fields.items():
        if key in {name, field.alias}:
            return field
    return None


def _inside(annotation: Any) -> Any:
    """The model in an annotation; of a list or mapping of models, one step away."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _inside(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        models = [_inside(each) for each in get_args(annotation) if each is not type(None)]
        return models[0] if models else None
    if origin in {dict, tuple}:
        args = [each for each in get_args(annotation) if each is not Ellipsis]
        return _Items(_inside(args[-1]))
    return annotation


class _Items:
    """Stands for a mapping or list of alike things: one more step leads to one of them."""

    def __init__(self, item: Any) -> None:
        self.item = item
