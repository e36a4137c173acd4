"""What a good file asks of a running release."""

from deployctl.config import parse
from deployctl.model.check import Check, When
from tests.unit.config.good import FILE, expecting, plus


def checks(text: str) -> tuple[Check, ...]:
    return parse(text, FILE)["staging"].smoke


def test_expectations_become_comparisons() -> None:
    (check,) = checks(
        expecting(
            "{json: {$.a: {gte: 1, lt: 5}, $.b: {not: {in: [x, y]}}, $.c: {not_contains: z},"
            " $.d: {count: {gte: 1}}, $.e: {not: 5}, $.f: [1, 2]}, header: {etag: exists},"
            " body: {contains: a, not_contains: [b], matches: c, min_length: 9},"
            " latency: {warn_ms: 100, fail_ms: 1500}, status: [200, 204]}"
        )
    )
    expect = check.expect
    assert [f"{rule.at} {rule.matcher}" for rule in (*expect.json, *expect.headers)] == [
        "$.a gte 1",
        "$.a lt 5",
        "$.b not in ('x', 'y')",
        "$.c not contains 'z'",
        "$.d count gte 1",
        "$.e not 5",
        "$.f (1, 2)",
        "etag exists True",
    ]
    assert [str(matcher) for matcher in expect.body] == [
        "contains 'a'",
        "not contains 'b'",
        "matches 'c'",
        "count gte 9",
    ]
    assert (expect.warn_seconds, expect.fail_seconds, expect.status) == (0.1, 1.5, (200, 204))


def test_questions_carry_what_they_send() -> None:
    text = (
        "smoke:\n"
        "  - {post: /a, json: {b: [1]}, headers: {Content-Type: text/x}}\n"
        "  - {put: /a, json: null, name: nothing, service: api, until: 2m, consecutive: 3}\n"
        "  - {delete: /a, body: text, follow: true, when: published, attempt_timeout: 1s}\n"
        "  - {head: /a}\n"
    )
    post, put, delete, head = checks(plus(text))
    assert (post.method, post.body, post.headers) == (
        "POST",
        '{"b": [1]}',
        (("Content-Type", "text/x"),),
    )
    assert (put.name, put.body, put.headers) == (
        "nothing",
        "null",
        (("content-type", "application/json"),),
    )
    assert (put.service, put.until_seconds, put.consecutive) == ("api", 120, 3)
    assert (delete.body, delete.follow, delete.when, delete.attempt_seconds) == (
        "text",
        True,
        When.PUBLISHED,
        1,
    )
    assert head.name == "HEAD /a"
