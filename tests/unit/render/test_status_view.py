"""`status` and `lock status` say what serves, who is at work, and what to type next."""

from datetime import timedelta

from deployctl.render.rows import LeaseRow, ReleaseRow, ServiceRow
from deployctl.render.status_view import Status, lock_json, lock_parts, status_json, status_parts
from tests.unit.render import story
from tests.unit.render.golden import golden
from tests.unit.render.paper import printed

NOW = story.START + timedelta(minutes=5)
LIVE = ReleaseRow(
    id=story.ID,
    at=story.START,
    commit=story.SHA,
    kind="release",
    verdict="released",
    actor="ann",
    seconds=127,
    live=True,
)
SERVICES = (
    ServiceRow(
        name="api",
        revision=f"{story.ARN}-api:12",
        image=f"{story.HOST}/api@{story.NEW}",
        ready=4,
        wanted=4,
    ),
    ServiceRow(
        name="日本",
        revision=f"{story.ARN}-web:7",
        image=f"{story.HOST}/web@{story.OLD}",
        ready=1,
        wanted=2,
        note="1 task pending",
        drifted=True,
    ),
)
HELD = LeaseRow(
    environment="production",
    state="held",
    fence=12,
    holder="bitbucket:shop:77",
    since=story.START,
    seen=NOW - timedelta(seconds=9),
    url="https://ci.example/77",
    purpose=f"release {story.ID}",
    command="deployctl lock break 12 --env production",
)
FREE = LeaseRow(environment="production", state="free", fence=12)


def test_a_steady_environment() -> None:
    status = Status(environment="production", live=LIVE, open=None, services=SERVICES, lease=FREE)
    assert printed(*status_parts(status, now=NOW)) == golden("status.txt")


def test_an_environment_in_the_middle_of_a_release() -> None:
    unfinished = ReleaseRow(
        id="r2", at=NOW, commit=story.SHA, kind="hotfix", verdict="", reason="interrupted"
    )
    status = Status(
        environment="production",
        live=LIVE,
        open=unfinished,
        services=SERVICES,
        lease=HELD,
        warnings=("the journal was spooled",),
        next_command="deployctl resume --env production",
    )
    assert printed(*status_parts(status, now=NOW)) == golden("status_open.txt")


def test_an_environment_that_saw_no_release() -> None:
    status = Status(environment="staging", live=None, open=None, services=())
    assert printed(*status_parts(status, now=NOW)) == "staging: nothing was released yet\n"
    assert status_json(status) == {
        "env": "staging",
        "live": None,
        "open": None,
        "services": [],
        "lease": None,
        "warnings": [],
        "next_command": "",
    }


def test_status_as_json() -> None:
    status = Status(environment="production", live=LIVE, open=LIVE, services=SERVICES, lease=HELD)
    told = status_json(status)
    assert told["lease"] == lock_json(HELD)
    assert isinstance(told["services"], list)
    assert told["services"][1] == {
        "name": "日本",
        "revision": f"{story.ARN}-web:7",
        "image": f"{story.HOST}/web@{story.OLD}",
        "ready": 1,
        "wanted": 2,
        "note": "1 task pending",
        "drifted": True,
    }


def test_a_held_lock_tells_its_holder_and_how_to_break_it() -> None:
    assert printed(*lock_parts(HELD, now=NOW)).splitlines() == [
        "production: held by bitbucket:shop:77, lease 12",
        f"  for         release {story.ID}",
        "  since       2026-03-14 09:00 UTC, 5m00s ago",
        "  seen        2026-03-14 09:04 UTC, 9s ago",
        "  run         https://ci.example/77",
        "  to break it deployctl lock break 12 --env production",
    ]


def test_other_locks() -> None:
    lost = LeaseRow(environment="production", state="lost", fence=3)
    told = printed(*lock_parts(lost, now=NOW))
    assert told == "production: left behind by somebody unknown, lease 3\n"
    assert printed(*lock_parts(FREE, now=NOW)) == "production: free (lease 12)\n"
    assert lock_json(FREE)["since"] is None
