"""Commands that need no cloud: what they print, and what they exit with."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deployctl import __version__
from deployctl.adapters.sqlite_store import SqliteStore
from deployctl.cli.app import app
from deployctl.cli.duration import limit, seconds
from deployctl.model.errors import UsageWrong
from deployctl.model.exits import Exit
from deployctl.model.lease import Holder, taken
from tests.fakes.clock import START

GOOD = """\
project: shop
services:
  api: {build: api, ecs: shop-api}
state: {path: state}
environments:
  test:
    account: "111111111111"
    region: eu-west-1
    cluster: shop
    url: https://shop.example
    endpoint: http://127.0.0.1:9
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "deployctl.yaml"
    file.write_text(GOOD)
    return file


def run(*arguments: str, config: Path | None = None, exit: int = 0) -> Result:  # noqa: A002 - the field's word
    given = (*arguments, "--config", str(config)) if config else arguments
    result = CliRunner().invoke(app, given)
    assert result.exit_code == exit, result.output
    return result


def test_the_version_is_said() -> None:
    assert run("--version").stdout == f"deployctl {__version__}\n"


def test_the_schema_is_json() -> None:
    assert json.loads(run("schema").stdout)["properties"]["project"]


def test_a_good_file_is_called_good(config: Path) -> None:
    assert "good for test" in run("config", "check", config=config).stdout


def test_the_effective_settings_are_shown(config: Path) -> None:
    assert "repository: shop/api" in run("config", "show", config=config).stdout


def test_every_complaint_about_a_file_is_printed_with_its_place_and_cure(config: Path) -> None:
    config.write_text(GOOD.replace("ecs:", "ec:").replace("region:", "regoin:"))
    result = run("config", "check", config=config, exit=Exit.CONFIG)
    assert ":3:" in result.stderr
    assert "Did you mean" in result.stderr
    assert "Traceback" not in result.output


def test_an_error_is_also_json_when_asked(config: Path) -> None:
    config.write_text("project: 7\n")
    result = run("history", "--json", config=config, exit=Exit.CONFIG)
    assert json.loads(result.stdout)


def test_no_environment_is_guessed_where_there_is_a_choice(config: Path) -> None:
    config.write_text(GOOD + GOOD.partition("environments:\n")[2].replace("test:", "live:"))
    result = run("history", config=config, exit=Exit.USAGE)
    assert "test, live" in result.stderr


def test_an_environment_without_a_past_says_so(config: Path) -> None:
    assert json.loads(run("history", "--json", config=config).stdout)
    run("history", config=config)
    assert "there is no release" in run("show", "x", config=config, exit=Exit.USAGE).stderr


def test_status_of_a_cloud_that_does_not_answer_says_why(config: Path) -> None:
    result = run("status", config=config)
    assert "no answer from AWS" in result.output


def test_a_release_into_the_void_fails_before_anything(config: Path) -> None:
    folder = config.parent
    (folder / "api").mkdir()
    commit = ("--commit", "a" * 40)
    result = run("release", *commit, config=config, exit=Exit.CHECK_FAILED)
    assert "no answer from AWS" in result.output
    assert "Traceback" not in result.output


def test_holding_by_hand_needs_the_fence_to_give_back(config: Path) -> None:
    assert "free" in run("lock", "status", config=config).output
    assert "is held (fence 1)" in run("lock", "hold", "--reason", "x", config=config).output
    again = run("lock", "hold", "--reason", "y", config=config, exit=Exit.LEASE_HELD)
    assert "is taken by" in again.stderr
    wrong = run("lock", "release", "--fence", "7", config=config, exit=Exit.USAGE)
    assert "fence 1 now, not 7" in wrong.stderr
    run("lock", "break", "--fence", "1", config=config, exit=Exit.USAGE)
    assert "is free" in run("lock", "release", "--fence", "1", config=config).output
    assert "is free" in run("lock", "break", "--fence", "1", config=config).output


def test_the_lease_of_a_dead_run_is_broken_at_once(config: Path) -> None:
    store = SqliteStore(config.parent / "state", "test")
    dead = taken(None, Holder(owner="o", actor="ann", pid=1), version="v", at=START)
    assert store.swap(None, dead)
    store.swap(dead, dead.released(version="w", at=START))
    free = store.lease()
    assert free is not None
    again = taken(free, Holder(owner="o", actor="ann", pid=1), version="x", at=START)
    SqliteStore(config.parent / "state", "test").swap(free, again)
    shown = run("lock", "status", config=config).output
    assert "ann" in shown
    result = run("lock", "release", "--fence", "2", config=config, exit=Exit.USAGE)
    assert "a run holds it" in result.stderr


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    result = run("config", "show", "--env", "x", config=tmp_path, exit=Exit.CONFIG)
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "wanted"), [("90s", 90), ("10m", 600), ("1h30m", 5400), ("", 0), (" 2h ", 7200)]
)
def test_durations_are_read(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


def test_a_duration_that_is_none_is_refused_with_the_form() -> None:
    with pytest.raises(UsageWrong, match="soon"):
        seconds("soon")
    assert limit("") is None
    assert limit("5s") == 5
