"""What one answer says: good, not yet, or never."""

import pytest

from deployctl.model.check import Answer, Check, Expect, Matcher, NoAnswer, Op, Reply, Rule, Why
from deployctl.model.smoke import Word, verdict
from tests.fakes.web import ok

VERSION = Rule(at="$.commit", matcher=Matcher(op=Op.EQUALS, value="$git_sha"))
HEALTHY = Rule(at="$.db", matcher=Matcher(op=Op.EQUALS, value="ok"))
TAGS = ("new",)


def check(**expect: object) -> Check:
    return Check(name="c", url="https://shop.example/", expect=Expect(**expect))  # type: ignore[arg-type]  # each test names them


@pytest.mark.parametrize(
    ("reply", "word", "part"),
    [
        (NoAnswer(why=Why.CONNECT, said="refused"), Word.AGAIN, "connect: refused"),
        (NoAnswer(why=Why.TIMEOUT, said="late"), Word.AGAIN, "timeout: late"),
        (NoAnswer(why=Why.TLS, said="self signed"), Word.FAILED, "tls: self signed"),
        (NoAnswer(why=Why.FORBIDDEN, said="metadata"), Word.FAILED, "forbidden: metadata"),
        (NoAnswer(why=Why.BROKEN, said="odd"), Word.FAILED, "broken: odd"),
        (Answer(status=502), Word.AGAIN, "expected 200, got 502"),
        (Answer(status=503), Word.AGAIN, "got 503"),
        (Answer(status=504), Word.AGAIN, "got 504"),
        (Answer(status=500), Word.FAILED, "got 500"),
        (Answer(status=404), Word.FAILED, "got 404"),
        (Answer(status=302, headers=(("location", "/login"),)), Word.FAILED, "got 302 to /login"),
        (ok('{"commit": "old", "db": "ok"}'), Word.AGAIN, "$.commit: expected 'new', got \"old\""),
        (ok('{"commit": "old", "db": "down"}'), Word.AGAIN, "$.commit"),
        (ok('{"db": "ok"}'), Word.AGAIN, "got nothing"),
        (ok('{"commit": "new", "db": "down"}'), Word.FAILED, "$.db: expected 'ok', got \"down\""),
        (ok("<html>", kind="text/html"), Word.FAILED, "expected JSON, got text/html"),
        (ok("[" * 100_000), Word.FAILED, "expected JSON"),
        (Answer(status=200, body=b"\xff{"), Word.FAILED, "no content type"),
        (Answer(status=200, body=b"{", cut=True), Word.FAILED, "cut because it is too long"),
    ],
)
def test_only_what_time_may_cure_is_asked_again(reply: Reply, word: Word, part: str) -> None:
    judged = verdict(check(json=(VERSION, HEALTHY)), reply, TAGS)
    assert judged.word is word
    assert part in "; ".join(judged.reasons)


def test_a_good_answer_passes() -> None:
    judged = verdict(check(json=(VERSION, HEALTHY)), ok('{"commit": "new", "db": "ok"}'), TAGS)
    assert (judged.word, judged.reasons, judged.slow) == (Word.PASSED, (), "")


def test_an_unwanted_status_may_be_the_wanted_one() -> None:
    assert verdict(check(status=(403, 404)), Answer(status=404)).word is Word.PASSED
    assert "expected 403 or 404, got 200" in verdict(check(status=(403, 404)), ok()).reasons[0]


def test_headers_and_body_are_compared() -> None:
    expect = check(
        headers=(
            Rule(at="Cache-Control", matcher=Matcher(op=Op.CONTAINS, value="no-store")),
            Rule(at="x-powered-by", matcher=Matcher(op=Op.EXISTS, value=False)),
        ),
        body=(Matcher(op=Op.CONTAINS, value="Traceback", negated=True),),
    )
    good = Answer(status=200, headers=(("cache-control", "private"), ("cache-control", "no-store")))
    assert verdict(expect, good).word is Word.PASSED
    bad = Answer(status=200, headers=(("x-powered-by", "PHP"),), body=b"Traceback (most recent")
    assert verdict(expect, bad).reasons == (
        "header Cache-Control: expected contains 'no-store', got nothing",
        'header x-powered-by: expected exists False, got "PHP"',
        "body: expected not contains 'Traceback'",
    )


def test_a_slow_answer_warns_and_a_very_slow_one_fails() -> None:
    limits = check(warn_seconds=0.4, fail_seconds=2.0)
    assert verdict(limits, ok(seconds=0.4)).slow == ""
    assert verdict(limits, ok(seconds=0.5)).slow == "took 0.50 s, more than 0.4 s"
    assert verdict(limits, ok(seconds=0.5)).word is Word.PASSED
    assert verdict(limits, ok(seconds=2.5)).word is Word.FAILED
    assert verdict(check(), ok(seconds=60)).word is Word.PASSED


def test_a_version_without_known_tags_is_shown_as_written() -> None:
    (reason,) = verdict(check(json=(VERSION,)), ok('{"commit": "x"}'), ()).reasons
    assert "expected '$git_sha'" in reason


def test_foreign_text_is_shortened_and_harmless() -> None:
    nasty = '{"db": "' + "\\u001b[31m" + "x" * 1000 + '"}'
    (reason,) = verdict(check(json=(HEALTHY,)), ok(nasty)).reasons
    assert "\x1b" not in reason
    assert len(reason) < 300
