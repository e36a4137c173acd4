"""Killed, interrupted or told to stop in the middle: nothing is lost and nothing is done twice."""

import json
import resource
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.commandline import Ended, Running
from tests.e2e.recorded import calls
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def live(shop: Shop) -> str:
    """v1 is live."""
    sha = shop.at("v1")
    shop.deployctl("release")
    return sha


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every request of the release that is killed and of the one that goes on."""
    return tmp_path_factory.mktemp("record") / "requests"


@pytest.fixture(scope="module")
def killed(live: str, record: Path, shop: Shop) -> dict[str, Any]:
    """v2 was killed when the api had begun to roll; what each command said then."""
    shop.at("v2")
    release = shop.start("release", record=record)
    release.await_event("change.began", "rollout:api")
    release.signal(signal.SIGKILL)
    release.end(expect=-9)
    return {
        "status": shop.status(),
        "text": shop.deployctl("status").out,
        "lock": shop.deployctl("lock", "status", "--json").json(),
        "release": shop.deployctl("release", expect=24),
    }


@pytest.fixture(scope="module")
def resumed(killed: dict[str, Any], record: Path, shop: Shop) -> Ended:
    """The same release, finished by another process."""
    return shop.recorded(record, "resume")


def rolling(shop: Shop) -> Running:
    """A release of a new web version that has begun to roll."""
    if shop.status()["open"]:
        shop.deployctl("abort", expect=21)
    shop.at(shop.status()["live"]["commit"])
    shop.repaint("web")
    release = shop.start("release")
    release.await_event("change.began", "rollout:web")
    return release


def test_after_kill_9_status_shows_the_open_release_and_the_way_on(
    killed: dict[str, Any], live: str, shop: Shop
) -> None:
    assert killed["status"]["open"]["commit"] == shop.at("v2")
    assert killed["status"]["live"]["commit"] == live
    assert killed["status"]["next_command"] == "deployctl resume --env sandbox"
    assert "has not ended" in killed["text"]
    assert killed["lock"]["state"] == "lost"


def test_a_new_release_is_refused_until_the_old_one_has_a_verdict(killed: dict[str, Any]) -> None:
    said = killed["release"].err
    assert "is not finished" in said
    assert "deployctl resume --env sandbox" in said
    assert "deployctl abort --env sandbox" in said


def test_resume_finishes_it(resumed: Ended, shop: Shop) -> None:
    v2 = shop.at("v2")
    assert resumed.events("release.ended")[-1]["state"] == "released"
    assert shop.serving() == (v2, v2)
    assert shop.status()["open"] is None


def test_both_processes_together_did_every_effect_once(resumed: Ended, record: Path) -> None:
    effects = Counter(
        (one["operation"], json.loads(one["body"]).get("service", ""))
        for one in calls(record)
        if one["operation"] in {"RunTask", "UpdateService"}
    )
    services = [("UpdateService", f"shop-{name}") for name in ("api", "web", "worker")]
    assert effects == dict.fromkeys([("RunTask", ""), *services], 1)


def test_the_database_was_migrated_once(resumed: Ended, shop: Shop) -> None:
    assert shop.migrations_run() == 2  # v1's and v2's
    assert shop.database.sql("SELECT version_num FROM alembic_version") == "0002"


def test_after_kill_9_abort_takes_it_back(resumed: Ended, shop: Shop) -> None:
    before, revisions = shop.serving(), shop.revisions()
    release = rolling(shop)
    release.signal(signal.SIGKILL)
    release.end(expect=-9)
    ended = shop.deployctl("abort", "--reason", "not today", expect=21)
    assert "not today" in ended.err
    assert (shop.serving(), shop.revisions()) == (before, revisions)
    assert shop.status()["open"] is None


def test_with_nothing_open_resume_and_abort_say_so(resumed: Ended, shop: Shop) -> None:
    for command in ("resume", "abort"):
        assert "no release is open" in shop.deployctl(command, expect=2).err


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_a_signal_stops_in_order_and_names_the_command_that_goes_on(
    resumed: Ended, shop: Shop, number: signal.Signals, code: int, word: str
) -> None:
    release = rolling(shop)
    release.signal(number)
    result = release.end(expect=code).events("release.ended")[-1]
    assert result["state"] == word
    assert result["data"]["next_command"] == "deployctl resume --env sandbox"
    now = shop.status()
    assert now["open"]["id"] == result["release"]
    assert now["lease"]["state"] == "free"
    shop.deployctl("resume")
    assert shop.status()["open"] is None


def test_a_second_signal_ends_at_once_and_the_journal_still_knows(
    resumed: Ended, shop: Shop
) -> None:
    release = rolling(shop)
    release.signal(signal.SIGHUP, signal.SIGINT)  # arrive together, are heard in this order
    ended = release.end(expect=130)
    assert ended.events("release.ended") == []
    assert shop.status()["open"] is not None
    shop.deployctl("resume")


def test_a_disk_that_fills_up_stops_the_release_and_the_journal_still_knows(
    resumed: Ended, shop: Shop
) -> None:
    release = rolling(shop)
    resource.prlimit(release.process.pid, resource.RLIMIT_FSIZE, (0, 0))
    result = release.end(expect=24).events("release.ended")[-1]
    assert "the journal cannot be written" in result["note"]
    assert result["data"]["next_command"] == "deployctl resume --env sandbox"
    assert shop.status()["open"]["id"] == result["release"]
    shop.deployctl("resume")


def test_where_the_policy_says_so_a_signal_takes_the_release_back(
    resumed: Ended, shop: Shop
) -> None:
    config = shop.config("strict", lambda tree: tree["rollback"].update(on_interrupt="rollback"))
    before = shop.serving()
    shop.at(shop.status()["live"]["commit"])
    shop.repaint("web")
    release = shop.start("release", "--config", config)
    release.await_event("change.began", "rollout:web")
    release.signal(signal.SIGINT)
    release.end(expect=21)
    assert shop.serving() == before


def test_a_second_release_is_refused_with_the_holders_name(resumed: Ended, shop: Shop) -> None:
    first = rolling(shop)
    first.signal(signal.SIGSTOP)  # so that it cannot be over before the other has looked
    try:
        shown = shop.deployctl("lock", "status", "--json").json()
        second = shop.deployctl("release", expect=5)
    finally:
        first.signal(signal.SIGCONT)
    first.end(expect=0)
    assert shown["state"] == "held"
    assert f"(pid {first.process.pid})" in shown["holder"]
    assert f"(pid {first.process.pid})" in second.err
    assert f"deployctl lock break --env sandbox --fence {shown['fence']}" in second.err


def test_an_environment_on_hold_takes_no_release_until_it_is_given_back(
    resumed: Ended, shop: Shop
) -> None:
    shop.at(shop.status()["live"]["commit"])
    shop.deployctl("lock", "hold", "--reason", "audit")
    fence = shop.deployctl("lock", "status", "--json").json()["fence"]
    assert "audit" in shop.deployctl("release", expect=5).err
    wrong = shop.deployctl("lock", "release", "--fence", str(fence + 1), expect=2)
    assert f"has fence {fence}" in wrong.err
    shop.deployctl("lock", "release", "--fence", str(fence))
    shop.deployctl("release")


def test_the_lease_of_a_dead_run_is_broken_only_with_the_fence_that_was_shown(
    resumed: Ended, shop: Shop
) -> None:
    release = rolling(shop)
    release.signal(signal.SIGKILL)
    release.end(expect=-9)
    fence = shop.deployctl("lock", "status", "--json").json()["fence"]
    shop.deployctl("lock", "break", "--fence", str(fence - 1), expect=2)
    shop.deployctl("lock", "break", "--fence", str(fence))
    assert shop.deployctl("lock", "status", "--json").json()["state"] == "free"
    shop.deployctl("resume")
