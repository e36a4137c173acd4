"""How a smoke check's expectation is written: a plain value, a word, or operators."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from deployctl.config.complaint import nearest
from deployctl.config.shape.part import said
from deployctl.model.check import Matcher, Op, Scalar
from deployctl.model.matching import complaint

_NEGATED = {"not_contains": Op.CONTAINS}
_OPERATORS = ("not", *(op.value for op in Op), *_NEGATED)
_SCALAR_TYPES = ["string", "number", "boolean", "null"]
_DEEPEST = 4
_TYPES = ("string", "number", "integer", "boolean", "null", "object", "array")


def matchers(raw: object, *, negated: bool = False, depth: int = 0) -> Iterator[Matcher]:
    """The comparisons that one expectation means; all must hold. Raises a complaint."""
    if depth > _DEEPEST:
        raise said("`{name}` is nested too deep", "", "Write one comparison a level.")
    if not isinstance(raw, Mapping):
        yield _usable(Matcher(op=Op.EQUALS, value=_value(raw), negated=negated), "")
        return
    if not raw:
        raise said(
            "`{name}` expects nothing",
            "a check that cannot fail is no check",
            "Write a value or an operator like {contains: text}.",
        )
    for word, wanted in raw.items():
        yield from _operator(str(word), wanted, negated=negated, depth=depth)


def _operator(word: str, wanted: object, *, negated: bool, depth: int) -> Iterator[Matcher]:
    if word == "not":
        yield from _opposite(wanted, negated=negated, depth=depth)
        return
    if word not in _OPERATORS:
        cure = nearest(word, _OPERATORS, f"Take one of: {', '.join(_OPERATORS)}.")
        raise said(f"unknown operator `{word}`", "in {name}", cure, key=word)
    op = _NEGATED.get(word) or Op(word)
    if op is Op.COUNT:
        inner = tuple(matchers(wanted, depth=depth + 1))
        for one in inner:
            yield _usable(Matcher(op=op, value=one, negated=negated), word)
        return
    turned = negated is not (word in _NEGATED)
    yield _usable(Matcher(op=op, value=_value(wanted), negated=turned), word)


def _opposite(wanted: object, *, negated: bool, depth: int) -> Iterator[Matcher]:
    if isinstance(wanted, Mapping) and len(wanted) > 1:
        raise said(
            "`not` takes one comparison",
            "the opposite of several at once is ambiguous",
            "Write `not` with a value or with one operator.",
            key="not",
        )
    yield from matchers(wanted, negated=not negated, depth=depth + 1)


def _value(raw: object) -> Scalar | tuple[Scalar, ...]:
    if isinstance(raw, list | tuple):
        return tuple(_scalar(each) for each in raw)
    return _scalar(raw)


def _scalar(raw: object) -> Scalar:
    if raw is None or isinstance(raw, str | int | float | bool):
        return raw
    raise said(
        "`{name}` compares with a list or mapping",
        "only single values are compared",
        'Name the place inside it, like "$.items[0].id".',
    )


def _usable(matcher: Matcher, word: str) -> Matcher:
    why = unusable(matcher)
    if why:
        raise said("`{name}` cannot be compared", why, "Correct the value.", key=word)
    return matcher


def unusable(matcher: Matcher) -> str:
    """Why a matcher can never be used; "" when it can."""
    try:
        return complaint(matcher)
    except (OverflowError, RecursionError) as error:  # absurd regular expressions
        return f"it is too large ({error})"


def _checked(raw: object) -> object:
    for _ in matchers(raw):
        pass
    return raw


def _checked_header(raw: object) -> object:
    return raw if raw == "exists" else _checked(raw)


def _schema(*, depth: int) -> dict[str, object]:
    value: dict[str, object] = {"type": _SCALAR_TYPES}
    texts = ("contains", "not_contains", "starts_with", "ends_with", "matches")
    numbers = ("lt", "lte", "gt", "gte")
    inner = _schema(depth=depth - 1) if depth else value
    operators: dict[str, object] = {
        "equals": value,
        "exists": {"type": "boolean"},
        "in": {"type": "array", "items": value, "minItems": 1},
        "between": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "type": {"enum": list(_TYPES)},
        "not": inner,
        "count": inner,
        **{word: {"type": "string"} for word in texts},
        **{word: {"type": "number"} for word in numbers},
    }
    mapping = {
        "type": "object",
        "properties": operators,
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [{"type": [*_SCALAR_TYPES, "array"]}, mapping]}


Expected = Annotated[object, PlainValidator(_checked), WithJsonSchema(_schema(depth=1))]
ExpectedHeader = Annotated[
    object, PlainValidator(_checked_header), WithJsonSchema(_schema(depth=1))
]
