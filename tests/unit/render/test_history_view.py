"""`history` and `show` say what was released and how it went."""

from datetime import timedelta

from deployctl.model.change import State
from deployctl.render.history_view import history_json, history_parts, show_json, show_parts
from deployctl.render.rows import ReleaseRow, StepRow
from tests.unit.render import story
from tests.unit.render.golden import golden
from tests.unit.render.paper import printed


def row(number: int, verdict: str, *, live: bool = False, bad: bool = False) -> ReleaseRow:
    return ReleaseRow(
        id=f"2026031{number}-090000-3f9c1ab",
        at=story.START - timedelta(days=4 - number),
        commit=story.SHA,
        kind="release",
        verdict=verdict,
        actor="ann",
        seconds=60.0 * number + 5 if verdict else None,
        live=live,
        bad=bad,
    )


ROWS = (row(4, ""), row(3, "rolled back", bad=True), row(2, "released", live=True), row(1, "stuck"))
STEPS = (
    StepRow(step="migrate:shop", state=State.DONE, note="0007 → 0008", seconds=3),
    StepRow(
        step="rollout:api",
        state=State.FAILED,
        note="2 tasks stopped",
        seconds=40,
        evidence=story.PROOF,
        hint=story.HINT,
    ),
    StepRow(step="rollout:web", state=None, evidence=("never looked at",)),
)


def test_a_history() -> None:
    assert printed(*history_parts(ROWS, environment="production")) == golden("history.txt")


def test_a_history_on_a_terminal() -> None:
    text = printed(*history_parts(ROWS, environment="production"), tty=True, width=120)
    assert text == golden("history_tty.txt")


def test_an_empty_history() -> None:
    assert printed(*history_parts((), environment="staging")) == "staging: no release yet\n"
    assert history_json(()) == {"releases": []}


def test_history_as_json() -> None:
    assert history_json(ROWS[2:3]) == {
        "releases": [
            {
                "id": "20260312-090000-3f9c1ab",
                "at": "2026-03-12T09:00:00+00:00",
                "commit": story.SHA,
                "kind": "release",
                "verdict": "released",
                "actor": "ann",
                "reason": "",
                "seconds": 125.0,
                "bad": False,
                "live": True,
            }
        ]
    }


def test_one_release_with_the_proof_of_its_failure() -> None:
    parts = show_parts(
        ROWS[1],
        STEPS,
        images={"api": f"{story.HOST}/api@{story.NEW}"},
        next_command="deployctl release --env production",
    )
    assert printed(*parts) == golden("show.txt")


def test_an_open_release_of_which_little_is_known() -> None:
    assert printed(*show_parts(ROWS[0], ())).splitlines() == [
        "release 20260314-090000-3f9c1ab: open",
        f"  commit  {story.SHA}",
        "  began   2026-03-14 09:00 UTC",
        "  by      ann",
    ]


def test_show_as_json() -> None:
    told = show_json(ROWS[1], STEPS, next_command="x")
    assert told["next_command"] == "x"
    assert told["images"] == {}
    assert isinstance(told["steps"], list)
    assert told["steps"][2] == {
        "step": "rollout:web",
        "state": "",
        "note": "",
        "seconds": None,
        "evidence": ["never looked at"],
        "hint": "",
    }
