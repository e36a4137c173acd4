"""Short facts, complaints, and the choice of a screen."""

from typing import Literal

import pytest

from deployctl.model.errors import ConfigWrong, LeaseHeld
from deployctl.render.choice import screen_name, wants_colour
from deployctl.render.complaints import (
    Complaint,
    bug_parts,
    complaint_parts,
    complaints_json,
    error_parts,
)
from deployctl.render.facts import error_json
from deployctl.render.short import count, duration, estimate, fact
from tests.unit.render import story
from tests.unit.render.paper import printed


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, "0s"), (0.9, "0s"), (59, "59s"), (60, "1m00s"), (127, "2m07s"), (3599, "59m59s"),
     (3720, "1h02m"), (90_000, "25h00m")],
)  # fmt: skip
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "no time known"), (40, "about 40s"), (119, "about 119s"), (300, "about 5 min")],
)
def test_estimates(seconds: int, told: str) -> None:
    assert estimate(seconds) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (story.NEW, "sha256:b7b7b7b7b7b7"),
        (f"{story.HOST}/api@{story.NEW}", "sha256:b7b7b7b7b7b7"),
        (story.SHA, "3f9c1ab"),
        (f"{story.SHA}-dirty-0a1b2c", "3f9c1ab-dirty"),
        ("0a" * 32, "0a0a0a0a0a0a"),
        (f"{story.ARN}-api:12", "shop-api:12"),
        ("arn:aws:iam::333333333333:role/deploy", "deploy"),
        ("0008_orders", "0008_orders"),
    ],
)
def test_long_facts_are_shortened_to_what_tells_them_apart(value: str, told: str) -> None:
    assert fact(value) == told


def test_counting() -> None:
    assert [count(n, "wave") for n in (0, 1, 2)] == ["0 waves", "1 wave", "2 waves"]


COMPLAINTS = (
    Complaint(where="deployctl.yaml:3:5", what="unknown key 'serices'", cure="services?\nor x-…"),
    Complaint(where="deployctl.yaml:9:1", what="no environment"),
)


def test_complaints_are_told_all_at_once_with_their_cures() -> None:
    assert printed(*complaint_parts(COMPLAINTS)).splitlines() == [
        "deployctl.yaml:3:5: unknown key 'serices'",
        "  cure: services?",
        "        or x-…",
        "deployctl.yaml:9:1: no environment",
        "2 mistakes",
    ]
    assert complaints_json(COMPLAINTS[1:]) == {
        "complaints": [{"where": "deployctl.yaml:9:1", "what": "no environment", "cure": ""}]
    }


def test_an_error_is_told_with_its_cure() -> None:
    held = LeaseHeld("production is being released by ann", hint="Wait.")
    assert printed(*error_parts(held)) == (
        "error: production is being released by ann\n  cure: Wait.\n"
    )
    assert printed(*error_parts(ConfigWrong("no file"))) == "error: no file\n"
    assert error_json(held) == {
        "error": "LeaseHeld",
        "message": "production is being released by ann",
        "hint": "Wait.",
        "exit_code": 5,
    }


def test_a_bug_is_named_as_ours() -> None:
    assert printed(*bug_parts(KeyError("x"))) == "bug in deployctl: KeyError: 'x'\n"
    told = printed(*bug_parts(KeyError("x"), report="crash.txt"))
    assert told.endswith("  details: crash.txt\n")


Output = Literal["auto", "live", "plain", "jsonl"]


@pytest.mark.parametrize(
    ("output", "tty", "environment", "name"),
    [
        ("auto", True, {"TERM": "xterm"}, "live"),
        ("auto", True, {"TERM": "dumb"}, "plain"),
        ("auto", True, {"CI": "true"}, "plain"),
        ("auto", False, {"TERM": "xterm"}, "plain"),
        ("live", True, {"CI": "true"}, "live"),
        ("live", False, {}, "plain"),
        ("plain", True, {}, "plain"),
        ("jsonl", True, {}, "jsonl"),
    ],
)
def test_which_screen(output: Output, tty: bool, environment: dict[str, str], name: str) -> None:
    assert screen_name(output, tty=tty, environment=environment) == name


@pytest.mark.parametrize(
    ("tty", "environment", "wanted"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"NO_COLOR": "1"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
    ],
)
def test_whether_in_colour(tty: bool, environment: dict[str, str], wanted: bool) -> None:
    assert wants_colour(tty=tty, environment=environment) == wanted
