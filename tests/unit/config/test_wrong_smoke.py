"""Smoke checks that could never tell anything, and what is said about them."""

import pytest

from tests.unit.config.good import Wrong, expecting, plus

WRONG = {
    "smoke mapping": Wrong(
        text=plus("smoke: {get: /}\n"),
        at="7:1",
        what="`smoke` is not a list, it is a mapping",
        cure="Write a list.",
    ),
    "smoke nothing": Wrong(
        text=plus("smoke: [{name: x}]\n"),
        at="7:9",
        what="`smoke[0]` must ask one question, it asks nothing",
        cure="Write one of: get: /path, post: …",
    ),
    "smoke two": Wrong(
        text=plus("smoke: [{get: /, post: /}]\n"),
        at="7:18",
        what="`smoke[0]` must ask one question, it has get and post",
        cure="Write one of: get: /path, post: …",
    ),
    "smoke url": Wrong(
        text=plus('smoke: [{get: "https://x/"}]\n'),
        at="7:15",
        what="`smoke[0].get` is not a path",
        cure="Begin with a slash, like /healthz.",
    ),
    "smoke status": Wrong(
        text=expecting("{status: ok}"),
        at="7:35",
        what="`smoke[0].expect.status` is not an HTTP status",
        cure="Write 200, or a list like [200, 204].",
    ),
    "smoke status range": Wrong(
        text=expecting("{status: [200, 99]}"),
        at="7:35",
        what="`smoke[0].expect.status` is not an HTTP status",
        cure="Write 200, or a list like [200, 204].",
    ),
    "smoke operator": Wrong(
        text=expecting("{json: {$.a: {containz: x}}}"),
        at="7:40",
        what='unknown operator `containz`, in smoke[0].expect.json["$.a"]',
        cure="Did you mean `contains`?",
    ),
    "smoke regexp": Wrong(
        text=expecting('{json: {$.a: {matches: "("}}}'),
        at="7:40",
        what='`smoke[0].expect.json["$.a"]` cannot be compared',
        cure="Correct the value.",
    ),
    "smoke path": Wrong(
        text=expecting("{json: {a.b: 1}}"),
        at="7:34",
        what='`smoke[0].expect.json["a.b"]` is no place in a JSON document',
        cure='Write it like "$.items[0].id".',
    ),
    "smoke body re": Wrong(
        text=expecting('{body: {matches: "("}}'),
        at="7:43",
        what="`smoke[0].expect.body.matches` cannot be searched",
        cure="Correct the expression.",
    ),
    "smoke when": Wrong(
        text=plus("smoke: [{get: /, when: publishd}]\n"),
        at="7:24",
        what="`smoke[0].when` has an unknown value",
        cure="Did you mean `published`?",
    ),
    "latency": Wrong(
        text=expecting("{latency: {warn_ms: 5, fail_ms: 2}}"),
        at="7:37",
        what="`smoke[0].expect.latency` never warns",
        cure="Make warn_ms smaller than fail_ms.",
    ),
    "smoke two bodies": Wrong(
        text=plus("smoke: [{post: /, body: a, json: {}}]\n"),
        at="7:28",
        what="`smoke[0]` sends two bodies, both `body` and `json` are there",
        cure="Keep one of them.",
    ),
    "smoke impatient": Wrong(
        text=plus("smoke: [{get: /, attempt_timeout: 2m}]\n"),
        at="7:18",
        what="`smoke[0]` gives up in the middle of an attempt",
        cure="Make `until` longer.",
    ),
    "smoke consecutive": Wrong(
        text=plus("smoke: [{get: /, consecutive: 0}]\n"),
        at="7:31",
        what="`smoke[0].consecutive` is out of range, it must be at least 1",
        cure="Change the number.",
    ),
    "smoke empty matcher": Wrong(
        text=expecting("{json: {$.a: {}}}"),
        at="7:34",
        what='`smoke[0].expect.json["$.a"]` expects nothing',
        cure="Write a value or an operator like {contains:",
    ),
    "smoke list in list": Wrong(
        text=expecting("{json: {$.a: [[1]]}}"),
        at="7:39",
        what='`smoke[0].expect.json["$.a"]` compares with a list or mapping',
        cure="Name the place inside it, like",
    ),
    "smoke not two": Wrong(
        text=expecting("{json: {$.a: {not: {lt: 1, gt: 5}}}}"),
        at="7:40",
        what="`not` takes one comparison",
        cure="Write `not` with a value or with one",
    ),
    "smoke between": Wrong(
        text=expecting("{json: {$.a: {between: [1]}}}"),
        at="7:40",
        what='`smoke[0].expect.json["$.a"]` cannot be compared',
        cure="Correct the value.",
    ),
    "smoke huge pattern": Wrong(
        text=expecting("{json: {$.a: {matches: 'a{99999999999}'}}}"),
        at="7:40",
        what='`smoke[0].expect.json["$.a"]` cannot be compared',
        cure="Correct the value.",
    ),
    "smoke deep not": Wrong(
        text=expecting("{json: {$.a: {not: {not: {not: {not: {not: {not: 1}}}}}}}}"),
        at="7:34",
        what='`smoke[0].expect.json["$.a"]` is nested too deep',
        cure="Write one comparison a level.",
    ),
    "smoke body number": Wrong(
        text=expecting("{body: {contains: 5}}"),
        at="7:44",
        what="`smoke[0].expect.body.contains` is not text",
        cure="Write a text or a list of texts.",
    ),
    "smoke status bool": Wrong(
        text=expecting("{status: true}"),
        at="7:35",
        what="`smoke[0].expect.status` is not an HTTP status",
        cure="Write 200, or a list like [200, 204].",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_smoke_check_that_cannot_work_is_refused_with_place_and_cure(name: str) -> None:
    WRONG[name].is_complained_about()
