"""Untrusted text becomes safe to show, and secrets stay hidden however they are spelled."""

import json
import re
import shlex
import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployctl.model.text import HIDDEN, Redactor, clean, one_line

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x1b[]m;0J\x07\x9b\x9d\x9c\\PX^_\r\n\t\x85\u2028\u202e\u2066\U000e0041\ud800"
        ),
    )
)


@given(HOSTILE)
def test_clean_text_holds_nothing_that_moves_a_terminal(text: str) -> None:
    assert not FORBIDDEN.search(clean(text))


@given(HOSTILE)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@given(HOSTILE, st.integers(min_value=1, max_value=40))
def test_one_line_is_one_line_of_bounded_length(text: str, most: int) -> None:
    line = one_line(text, most=most)
    assert len(line) <= most
    assert not FORBIDDEN.search(line)
    assert "\n" not in line
    assert "\t" not in line


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b2Jwiped", "wiped"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r0m\x1b\\after", "after"),
        ("\x1b]0;never closed", "0;never closed"),
        ("\x1b", ""),
        ("\x1bc reset", " reset"),
        ("50%\r100%\r\n", "50%\n100%\n"),
        ("a\x85b\u2028c\u2029d\x0be", "a\nb\nc\nd\ne"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("hi\U000e0041\U000e0042", "hi"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("half \udcff", "half \ufffd"),
        ("tab\tkept", "tab\tkept"),
    ],
)
def test_what_becomes_of(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_one_line_says_that_it_was_cut() -> None:
    assert one_line("\n  first\nsecond\tthird \n") == "  first second third"
    assert one_line("abcdefgh", most=5) == "abcd…"


SECRETS = st.text(st.characters(min_codepoint=33, exclude_characters="*"), min_size=6, max_size=40)
SURROUNDINGS = st.binary(max_size=5)


@given(secret=SECRETS.filter(lambda text: len(clean(text).strip()) >= 6))
def test_a_secret_is_hidden_in_every_spelling(secret: str) -> None:
    redactor = Redactor(values=frozenset({secret}))
    spellings = [
        secret,
        quote(secret, safe="", errors="surrogatepass"),
        quote_plus(secret, errors="surrogatepass"),
        json.dumps(secret),
        json.dumps({"key": json.dumps(secret)}),
        shlex.quote(secret),
        clean(secret),
    ]
    for spelling in spellings:
        assert spelling not in redactor.hide(f"before {spelling} after")
        assert HIDDEN in redactor.hide(f"before {spelling} after")


@given(secret=SECRETS, before=SURROUNDINGS, after=SURROUNDINGS)
def test_a_secret_is_hidden_inside_base64(secret: str, before: bytes, after: bytes) -> None:
    redactor = Redactor(values=frozenset({secret}))
    whole = before + secret.encode("utf-8", "surrogatepass") + after
    for encode in (b64encode, urlsafe_b64encode):
        text = encode(whole).decode()
        assert HIDDEN in redactor.hide(text)
        assert HIDDEN in redactor.hide(text.rstrip("="))


@given(HOSTILE, SECRETS)
def test_a_hidden_secret_is_gone_from_any_text(text: str, secret: str) -> None:
    shown = Redactor(values=frozenset({secret})).hide(f"{text}{secret}{text}")
    assert secret not in shown


def test_short_values_are_words_and_not_hidden() -> None:
    assert Redactor(values=frozenset({"admin"})).hide("the admin") == "the admin"
    assert Redactor(values=frozenset({""})).hide("the admin") == "the admin"


def test_each_line_of_a_long_secret_is_hidden() -> None:
    redactor = Redactor(values=frozenset({"first-line-of-it\nsecond-line-of-it\n"}))
    assert redactor.hide("log: second-line-of-it.") == f"log: {HIDDEN}."


def test_a_redactor_can_learn_and_never_shows_what_it_knows() -> None:
    redactor = Redactor().knowing(["hunter2hunter2"])
    assert redactor.hide("hunter2hunter2") == HIDDEN
    assert "hunter2" not in repr(redactor)


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g"
KEY = "\n".join(
    ["-----BEGIN RSA PRIVATE KEY-----", "Q" * 64, "Z" * 20, "-----END RSA PRIVATE KEY-----"]
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key AKIAIOSFODNN7EXAMPLE used", "key *** used"),
        ("ASIAIOSFODNN7EXAMPLE", "***"),
        ("aws_session_token = IQoJb3JpZ2luX2VjE", "aws_session_token = ***"),
        ('{"AWS_SESSION_TOKEN":"IQoJb3/+="}', '{"AWS_SESSION_TOKEN":"***"}'),
        ("X-Amz-Security-Token=IQoJb&x=1", "X-Amz-Security-Token=***&x=1"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("host=db password=s3cr3t user=x", "host=db password=*** user=x"),
        (f"token {JWT}!", "token ***!"),
        ("postgres://shop:pa:ss@db:5432/shop", "postgres://shop:***@db:5432/shop"),
        ("redis://:pass@cache", "redis://:***@cache"),
        ("postgres://shop:p@ss/w@db/shop", "postgres://shop:***@db/shop"),
        (f"before\n{KEY}\nafter", "before\n***\nafter"),
        ("k: " + KEY.replace("\n", "\\n"), "k: ***"),
        ("-----BEGIN PRIVATE KEY-----\n" + "Q" * 64, "***"),
        ("Q" * 64 + "\n-----END PRIVATE KEY-----\nafter", "***\nafter"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str) -> None:
    assert Redactor().hide(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:4566/path",
        "http://127.0.0.1:5000/shop/api@sha256:" + "0a" * 32,
        "https://shop.example/version says 3f9c1ab",
        "333333333333.dkr.ecr.eu-west-1.amazonaws.com/shop/api@sha256:" + "0a" * 32,
        "arn:aws:ecs:eu-west-1:333333333333:task-definition/shop-api:12",
        "20260314-090000-3f9c1ab",
        "ann@shop.example wrote: 4 of 4 tasks",
    ],
)
def test_what_only_resembles_a_secret_is_shown(text: str) -> None:
    assert Redactor(values=frozenset({"hunter2hunter2"})).hide(text) == text


@pytest.mark.parametrize(
    "piece",
    ["eyJ", "://a:", "a://x:", "-----BEGIN A-----", "A" * 70 + "\n", "\x1b]", "\x9d", "AKIA", "x="],
)
def test_a_long_hostile_text_takes_no_long_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.process_time()
    Redactor().hide(clean(text))
    assert time.process_time() - began < 2
