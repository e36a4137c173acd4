"""The cloud goes away: in the middle of a release, and before one."""

import os
import signal

import pytest

from deployctl.sandbox.stack import status
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def live(shop: Shop) -> str:
    """v1 is live."""
    sha = shop.at("v1")
    shop.deployctl("release")
    return sha


def test_a_cloud_that_dies_in_the_middle_leaves_an_open_release_and_a_way_on(
    live: str, shop: Shop
) -> None:
    assert shop.password
    shop.repaint("web")
    release = shop.start("release", "--timeout", "20s")
    release.await_event("change.began", "rollout:web")
    sandbox = status(shop.commands.state / "deployctl" / "sandbox")
    part = sandbox.part("ministack") if sandbox else None
    assert part
    os.kill(part.pid, signal.SIGKILL)
    ended = release.end(expect=70)
    result = ended.events("release.ended")[-1]
    assert result["state"] == "late"
    assert result["data"]["next_command"] == "deployctl resume --env sandbox"
    assert any("no answer" in event["note"] for event in ended.events("change.progressed"))


def test_then_every_command_says_what_is_dead_and_how_to_start_afresh(
    live: str, shop: Shop
) -> None:
    for command in ("status", "release", "resume"):
        said = shop.deployctl(command, expect=4).err
        assert "ministack" in said
        assert "is dead" in said
        assert "deployctl sandbox up" in said


def test_after_down_nothing_is_left_and_a_release_says_that_there_is_no_sandbox(
    live: str, shop: Shop
) -> None:
    assert "is down" in shop.commands.run("sandbox", "down").out
    assert "no sandbox is running" in shop.deployctl("release", expect=4).err
    assert shop.commands.run("sandbox", "status", "--json", expect=4).json() == {"running": False}
