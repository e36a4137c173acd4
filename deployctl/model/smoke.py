"""What one answer says about one smoke check."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deployctl.model.check import Answer, Check, Expect, Matcher, NoAnswer, Reply, Rule, Why, filled
from deployctl.model.jsonpath import MISSING, find
from deployctl.model.matching import holds
from deployctl.model.text import one_line

_PASSING_STATUS: Final = {502, 503, 504}
_PASSING_WHY: Final = {Why.CONNECT, Why.TIMEOUT}
_MOST: Final = 200
_BROKEN: Final = object()


class Word(StrEnum):
    """AGAIN is a cause that time may cure: no connection, a busy gateway, another version."""

    PASSED = "passed"
    AGAIN = "again"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The judgement of one attempt: why not, and `slow` when it passed but took too long."""

    word: Word
    reasons: tuple[str, ...] = ()
    slow: str = ""


def verdict(check: Check, reply: Reply, tags: Collection[str] = ()) -> Judged:
    """Judge one reply; `tags` are the image tags that `$git_sha` stands for.

    An answer with the wanted status but another version is judged AGAIN, whatever else is wrong
    with it: it comes from another build.
    """
    if isinstance(reply, NoAnswer):
        return _judged(
            f"{reply.why.value}: {one_line(reply.said, most=_MOST)}", reply.why in _PASSING_WHY
        )
    expect = check.expect
    if reply.status not in expect.status:
        return _judged(_unwanted(expect, reply), reply.status in _PASSING_STATUS)
    found = tuple(_complaints(expect, reply, tags))
    if found:
        other_version = any(about_version for about_version, _ in found)
        word = Word.AGAIN if other_version else Word.FAILED
        return Judged(word=word, reasons=tuple(sentence for _, sentence in found))
    return _timed(expect, reply.seconds)


def _judged(reason: str, passing: bool) -> Judged:  # noqa: FBT001 - read at the two calls above
    return Judged(word=Word.AGAIN if passing else Word.FAILED, reasons=(reason,))


def _unwanted(expect: Expect, answer: Answer) -> str:
    wanted = " or ".join(str(status) for status in expect.status)
    place = answer.header("location")
    to = f" to {one_line(place, most=_MOST)}" if place else ""
    return f"status: expected {wanted}, got {answer.status}{to}"


def _timed(expect: Expect, seconds: float) -> Judged:
    if expect.fail_seconds and seconds > expect.fail_seconds:
        reason = f"latency: at most {expect.fail_seconds:g} s wanted, took {seconds:.2f} s"
        return Judged(word=Word.FAILED, reasons=(reason,))
    slow = ""
    if expect.warn_seconds and seconds > expect.warn_seconds:
        slow = f"took {seconds:.2f} s, more than {expect.warn_seconds:g} s"
    return Judged(word=Word.PASSED, slow=slow)


def _complaints(
    expect: Expect, answer: Answer, tags: Collection[str]
) -> Iterator[tuple[bool, str]]:
    # each with whether it is about the version
    for rule in expect.headers:
        got = answer.header(rule.at)
        value = MISSING if got is None else got
        if not holds(rule.matcher, value, tags):
            sentence = _sentence(f"header {rule.at}", rule.matcher, value, tags)
            yield rule.matcher.is_about_version, sentence
    yield from _json_complaints(expect.json, answer, tags)
    for matcher in expect.body:
        if not holds(matcher, answer.text, tags):
            yield matcher.is_about_version, f"body: expected {_wanted(matcher, tags)}"


def _json_complaints(
    rules: tuple[Rule, ...], answer: Answer, tags: Collection[str]
) -> Iterator[tuple[bool, str]]:
    document = _document(answer) if rules else _BROKEN
    for rule in rules:
        if document is _BROKEN:
            kind = answer.header("content-type") or "no content type"
            cut = ", and cut because it is too long" if answer.cut else ""
            # not well formed, so this says nothing about the version
            yield False, f"body: expected JSON, got {one_line(kind, most=_MOST)}{cut}"
            return
        got = find(document, rule.at)
        if not holds(rule.matcher, got, tags):
            sentence = _sentence(rule.at, rule.matcher, got, tags)
            yield rule.matcher.is_about_version, sentence


def _document(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return _BROKEN


def _sentence(place: str, matcher: Matcher, got: object, tags: Collection[str]) -> str:
    shown = (
        "nothing" if got is MISSING else one_line(json.dumps(got, ensure_ascii=False), most=_MOST)
    )
    return f"{place}: expected {_wanted(matcher, tags)}, got {shown}"


def _wanted(matcher: Matcher, tags: Collection[str]) -> str:
    if not matcher.is_about_version:
        return str(matcher)
    return " or ".join(filled(str(matcher), tag) for tag in sorted(tags)) or str(matcher)
