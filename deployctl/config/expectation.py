"""What the file says about a smoke check, as the facts that the smoke step works with."""

import json
from collections.abc import Iterator, Mapping

from deployctl.config.shape.matchers import matchers
from deployctl.config.shape.smoke import Body, Smoke
from deployctl.config.shape.smoke import Expect as Expectation
from deployctl.model.check import Check, Expect, Matcher, Op, Rule, When

_JSON = ("content-type", "application/json")
_MS = 1000


def check_of(smoke: Smoke) -> Check:
    """One check; its `url` is still a path."""
    headers = tuple(smoke.headers.items())
    body = smoke.body
    if smoke.sends_json:
        body = json.dumps(smoke.json_)
        if _JSON[0] not in {name.lower() for name, _ in headers}:
            headers = (*headers, _JSON)
    return Check(
        name=smoke.name or f"{smoke.method} {smoke.path}",
        when=When(smoke.when),
        url=smoke.path,
        method=smoke.method,
        headers=headers,
        body=body,
        service=smoke.service,
        expect=_expect(smoke.expect),
        consecutive=smoke.consecutive,
        follow=smoke.follow,
        attempt_seconds=smoke.attempt_timeout.total_seconds(),
        until_seconds=smoke.until.total_seconds(),
    )


def _expect(said: Expectation) -> Expect:
    return Expect(
        status=said.status,
        json=tuple(_rules(said.json_)),
        headers=tuple(_rules(said.header)),
        body=tuple(_texts(said.body)),
        warn_seconds=(said.latency.warn_ms or 0) / _MS,
        fail_seconds=(said.latency.fail_ms or 0) / _MS,
    )


def _rules(expected: Mapping[str, object]) -> Iterator[Rule]:
    for at, raw in expected.items():
        exists = {"exists": True} if raw == "exists" and not at.startswith("$") else raw
        for matcher in matchers(exists):
            yield Rule(at=at, matcher=matcher)


def _texts(body: Body) -> Iterator[Matcher]:
    for text in body.contains:
        yield Matcher(op=Op.CONTAINS, value=text)
    for text in body.not_contains:
        yield Matcher(op=Op.CONTAINS, value=text, negated=True)
    for text in body.matches:
        yield Matcher(op=Op.MATCHES, value=text)
    if body.min_length:
        yield Matcher(op=Op.COUNT, value=Matcher(op=Op.GTE, value=body.min_length))
