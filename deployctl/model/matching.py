"""Whether a value that came satisfies a matcher."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from deployctl.model.check import Matcher, Op, filled
from deployctl.model.jsonpath import MISSING

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}
_TEXT = {Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.MATCHES}
_ORDER = {Op.LT, Op.LTE, Op.GT, Op.GTE}


def holds(matcher: Matcher, got: object, tags: Collection[str] = ()) -> bool:
    """Whether `got` is what the matcher wants; MISSING satisfies only what is negated or absent.

    `tags` are the image tags that `$git_sha` may mean: one of them has to fit, or, if the matcher
    is negated, none may. Comparisons never convert between JSON types, except that a numeric text
    (a header) can be ordered.
    """
    candidates = tags if matcher.is_about_version else ("",)
    fits = any(_fits(_with_tag(matcher, tag), got) for tag in candidates)
    return fits is not matcher.negated


def _with_tag(matcher: Matcher, tag: str) -> Matcher:
    is_pattern = matcher.op is Op.MATCHES

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return filled(value, re.escape(tag) if is_pattern else tag)
        return tuple(fill(one) for one in value) if isinstance(value, tuple) else value

    return replace(matcher, value=fill(matcher.value))


def _fits(matcher: Matcher, got: object) -> bool:
    op, wanted = matcher.op, matcher.value
    if op is Op.EXISTS:
        return (got is not MISSING) is bool(wanted)
    if got is MISSING:
        return False
    if op in _TEXT:
        return isinstance(got, (str, list, dict)) and _text(op, got, str(wanted))
    if op in _ORDER or op is Op.BETWEEN:
        return _ordered(op, got, wanted)
    return _CHOSEN[op](got, wanted)


def _same(got: object, wanted: object) -> bool:
    # JSON's true is not 1, whatever Python says
    if isinstance(got, bool) is not isinstance(wanted, bool):
        return False
    if isinstance(got, list) and isinstance(wanted, tuple):
        return len(got) == len(wanted) and all(map(_same, got, wanted))
    return got == wanted


def _text(op: Op, got: str | list[Any] | dict[str, Any], wanted: str) -> bool:
    if not isinstance(got, str):
        return op is Op.CONTAINS and any(str(one) == wanted for one in got)
    if op is Op.MATCHES:
        return re.search(wanted, got) is not None
    if op is Op.CONTAINS:
        return wanted in got
    return got.startswith(wanted) if op is Op.STARTS_WITH else got.endswith(wanted)


def _ordered(op: Op, got: object, wanted: Any) -> bool:
    number = _number(got)
    if number is None:
        return False
    if op is Op.BETWEEN:
        return bool(wanted[0] <= number <= wanted[1])
    if op in {Op.LT, Op.LTE}:
        return bool(number < wanted or (op is Op.LTE and number == wanted))
    return bool(number > wanted or (op is Op.GTE and number == wanted))


def _number(got: object) -> float | None:
    if isinstance(got, bool) or not isinstance(got, (int, float, str)):
        return None
    try:
        return float(got)
    except ValueError:
        return None


def _typed(got: object, wanted: object) -> bool:
    if isinstance(got, bool):
        return wanted == "boolean"
    return isinstance(got, _TYPES.get(str(wanted), ()))


def _counted(got: object, wanted: object) -> bool:
    return (
        isinstance(got, (str, list, dict))
        and isinstance(wanted, Matcher)
        and holds(wanted, len(got))
    )


def _one_of(got: object, wanted: object) -> bool:
    return isinstance(wanted, tuple) and any(_same(got, one) for one in wanted)


_CHOSEN: Final[dict[Op, Callable[[object, object], bool]]] = {
    Op.EQUALS: _same,
    Op.IN: _one_of,
    Op.TYPE: _typed,
    Op.COUNT: _counted,
}


def complaint(matcher: Matcher) -> str:
    """Why a matcher can never be used, as a sentence; "" when it can."""
    wanted: Any = matcher.value
    good, rule = _RULES.get(matcher.op, (lambda _: True, ""))
    if not good(wanted):
        return f"{matcher.op.value} wants {rule}, not {wanted!r}"
    if matcher.op is Op.COUNT:
        return complaint(wanted)
    if matcher.op is Op.MATCHES:
        try:
            re.compile(filled(wanted, ""))
        except re.error as error:
            return f"{wanted!r} is not a regular expression: {error}"
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_pair(value: object) -> bool:
    pair = 2
    return isinstance(value, tuple) and len(value) == pair and all(map(_is_number, value))


_IS_TEXT = (lambda value: isinstance(value, str), "a text")
_IS_NUMBER = (_is_number, "a number")
_RULES: Final[dict[Op, tuple[Callable[[Any], bool], str]]] = {
    **dict.fromkeys(_TEXT, _IS_TEXT),
    **dict.fromkeys(_ORDER, _IS_NUMBER),
    Op.EXISTS: (lambda value: isinstance(value, bool), "true or false"),
    Op.IN: (lambda value: isinstance(value, tuple) and bool(value), "a list that is not empty"),
    Op.BETWEEN: (_is_pair, "two numbers"),
    Op.TYPE: (lambda value: value in _TYPES, f"one of {', '.join(sorted(_TYPES))}"),
    Op.COUNT: (lambda value: isinstance(value, Matcher), "a comparison"),
    Op.EQUALS: (lambda value: not isinstance(value, Matcher), "a value"),
}
