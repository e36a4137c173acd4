"""The screen of scripts writes one object a line, with the same keys always."""

import json
from datetime import timedelta
from io import StringIO

from deployctl.model.event import Building, Entry, LogLine, Notice, Ticked
from deployctl.render import jsonl
from deployctl.render.jsonl import JsonLines
from tests.unit.render import story

KEYS = [
    "v",
    "ts",
    "seq",
    "release",
    "env",
    "type",
    "step",
    "state",
    "note",
    "done",
    "total",
    "data",
]


def written(entries: list[Entry]) -> list[dict[str, object]]:
    stream = StringIO()
    screen = JsonLines(stream=stream, release="r0", env="staging")
    for entry in entries:
        screen.show(entry)
    screen.close()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_has_the_same_keys_and_counts_on() -> None:
    lines = written([*story.good(), *story.bad()])
    assert all(list(line) == KEYS for line in lines)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["v"] for line in lines} == {1}


def test_every_type_is_documented() -> None:
    quiet = [
        Entry(at=story.START, event=Ticked()),
        Entry(at=story.START + timedelta(seconds=30), event=Ticked()),
    ]
    types = {line["type"] for line in written([*story.good(), *story.bad()]) + written(quiet)}
    assert jsonl.__doc__ is not None
    documented = {row.split("|")[1].strip() for row in jsonl.__doc__.splitlines() if "|" in row}
    assert types == documented - {"type", "---"}


def test_a_look() -> None:
    line = next(line for line in written(story.good()) if str(line["note"]).startswith("2 of 4"))
    assert line["type"] == "change.progressed"
    assert (line["step"], line["state"]) == ("rollout:api", "running")
    assert (line["done"], line["total"]) == (2, 4)
    assert line["data"] == {"evidence": [], "hint": "", "facts": {}}


def test_the_release_is_named_from_the_plan_on() -> None:
    lines = written(story.good())
    assert (lines[0]["release"], lines[0]["env"]) == ("r0", "staging")
    assert (lines[-1]["release"], lines[-1]["env"]) == (story.ID, "production")


def test_the_last_line_is_the_result() -> None:
    line = written(story.bad())[-1]
    result = line["data"]
    assert isinstance(result, dict)
    assert (line["type"], line["state"]) == ("release.ended", "rolled back")
    assert result["exit_code"] == 21
    assert result["evidence"] == list(story.PROOF)
    assert result["plan"]["waves"][0]["changes"][0]["step"] == "migrate:shop"


def test_time_going_by_is_told_every_half_minute() -> None:
    entries = [
        Entry(at=story.START + timedelta(seconds=second), event=Ticked()) for second in range(95)
    ]
    assert [line["ts"] for line in written(entries)] == [
        "2026-03-14T09:00:30.000+00:00",
        "2026-03-14T09:01:00.000+00:00",
        "2026-03-14T09:01:30.000+00:00",
    ]


def test_lines_are_ascii_and_hold_no_line_breaks() -> None:
    stream = StringIO()
    screen = JsonLines(stream=stream)
    told = (
        Notice(text="a\nb\u2028c 日"),
        LogLine(source="api", text="é"),
        Building(service="é", state="built"),
    )
    for event in told:
        screen.show(Entry(at=story.START, event=event))
    text = stream.getvalue()
    assert text.isascii()
    assert len(text.splitlines()) == 3
