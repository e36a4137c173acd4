"""The command line inside this process, against a real sandbox: every command, in one story."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deployctl.cli.app import app
from deployctl.model.exits import Exit
from examples.shop.history import commit_overlay, make_history

pytestmark = pytest.mark.e2e
TEMPLATE = Path(__file__).parents[2] / "examples/shop/infrastructure.yml"


class Shop:
    """A throw-away repository and a sandbox of its own."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "shop"
        self.commits = make_history(self.repository)

    def at(self, ref: str) -> None:
        command = ["git", "checkout", "--quiet", ref]
        subprocess.run(command, cwd=self.repository, check=True)

    def run(self, *arguments: str, exit: int | None = 0, env: str = "sandbox") -> Result:  # noqa: A002 - the field's word
        config = ("--config", str(self.repository / "deployctl.yaml"), "--env", env)
        return self.bare(*arguments, *config, exit=exit)

    def bare(self, *arguments: str, exit: int | None = 0) -> Result:  # noqa: A002 - the field's word
        result = CliRunner().invoke(app, arguments)
        assert exit is None or result.exit_code == exit, (arguments, result.output)
        return result


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("inside")
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        one = Shop(folder)
        made = ("--stack", "shop", "--template", str(TEMPLATE))
        address = ("--parameter", "ApiUrl={endpoint}/_alb/shop")
        one.bare("sandbox", "up", "--backend", "processes", *made, *address)
        yield one
        one.bare("sandbox", "down")
    for number, handler in kept.items():
        signal.signal(number, handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_first_there_is_nothing_to_go_back_to(shop: Shop) -> None:
    shop.at("v1")
    assert "nothing to roll back" in shop.run("rollback", exit=Exit.USAGE).output
    assert (
        "nothing to fix"
        in shop.run("hotfix", "--service", "web", "--reason", "x", exit=Exit.USAGE).output
    )
    assert "no release has ended well" in shop.run("smoke", exit=Exit.USAGE).output
    assert "no release is open" in shop.run("resume", exit=Exit.USAGE).output


def test_a_plan_names_what_would_be_built(shop: Shop) -> None:
    planned = shop.run("plan", "--exit-code", exit=Exit.CHANGES).output
    assert "build api" in planned
    assert "nothing to return to" in planned
    seen = json.loads(shop.run("plan", "--json").stdout)
    assert set(seen["builds"]) == {"api", "web"}


def test_a_build_alone_pushes_and_says_digests(shop: Shop) -> None:
    built = json.loads(shop.run("build", "--json").stdout)
    assert all("@sha256:" in ref for ref in built["images"].values())
    assert "@sha256:" in shop.run("build").output


def test_a_release_goes_live_and_the_same_again_does_nothing(shop: Shop) -> None:
    result = json.loads(shop.run("release", "--yes", "--json").stdout)
    assert result["verdict"] == "released"
    assert "nothing to do" in shop.run("release").output
    assert shop.run("plan", "--exit-code").exit_code == Exit.OK


def test_status_history_and_show_agree(shop: Shop) -> None:
    status = json.loads(shop.run("status", "--json").stdout)
    release = status["live"]["id"]
    assert release in shop.run("status").output
    assert release in shop.run("history").output
    assert json.loads(shop.run("history", "--json").stdout)
    assert "rollout:api" in shop.run("show", release).output
    assert json.loads(shop.run("show", release, "--json").stdout)
    assert "there is no release" in shop.run("show", "zzz", exit=Exit.USAGE).output


def test_the_smoke_checks_run_by_themselves(shop: Shop) -> None:
    assert json.loads(shop.run("smoke", "--json").stdout)["smoke:shifted"]["state"] == "done"


def test_a_hotfix_rolls_one_service_and_needs_a_reason(shop: Shop) -> None:
    sha = commit_overlay(shop.repository, "v2-web-only")
    fix = ("hotfix", "--service", "web")
    assert "needs a reason" in shop.run(*fix, exit=Exit.USAGE).output
    wrong = shop.run("hotfix", "--service", "wbe", "--reason", "x", exit=Exit.USAGE)
    assert "Did you mean web?" in wrong.output
    result = json.loads(shop.run(*fix, "--reason", "colours", "--json").stdout)
    assert result["verdict"] == "released"
    seen = json.loads(shop.run("history", "--json").stdout)
    newest = seen["releases"][0] if isinstance(seen, dict) else seen[0]
    assert (newest["kind"], newest["commit"]) == ("hotfix", sha)


def test_an_older_commit_is_refused_and_needs_a_word(shop: Shop) -> None:
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607 - the git of this machine
        cwd=shop.repository,
        capture_output=True,
        check=True,
    ).stdout.decode()
    shop.at("v1")
    assert "does not contain" in shop.run("release", exit=Exit.SUPERSEDED).output
    fix = ("hotfix", "--service", "web", "--reason", "x")
    assert "git checkout -b hotfix" in shop.run(*fix, exit=Exit.SUPERSEDED).output
    shop.at(head.strip())


def test_going_back_and_back_again(shop: Shop) -> None:
    result = json.loads(shop.run("rollback", "--reason", "colours hurt", "--json").stdout)
    assert result["verdict"] == "released"
    assert "no good release before" in shop.run("rollback", exit=Exit.USAGE).output
    assert "there is no release" in shop.run("rollback", "--to", "zz", exit=Exit.USAGE).output


def test_an_unfinished_release_can_be_taken_back(shop: Shop) -> None:
    shop.at("v2")
    shop.run("build")
    shop.run("release", "--allow-downgrade", "--timeout", "6s", exit=Exit.LATE)
    aborted = shop.run("abort", "--reason", "enough", exit=None)
    assert aborted.exit_code in {Exit.FAILED_CLEAN, Exit.ROLLED_BACK}
    assert "enough" in aborted.output
    assert json.loads(shop.run("status", "--json").stdout)["open"] is None


def test_a_run_out_of_time_stays_open_until_it_is_resumed(shop: Shop) -> None:
    shop.run("release", "--allow-downgrade", "--timeout", "6s", exit=Exit.LATE)
    assert "is not finished" in shop.run("release", exit=Exit.UNKNOWN).output
    assert "resume" in shop.run("status").output
    assert "needs a --reason" in shop.run("resume", "--assume", "done", exit=Exit.USAGE).output
    shop.run("resume")
    assert json.loads(shop.run("status", "--json").stdout)["open"] is None


def test_a_person_holds_the_environment(shop: Shop) -> None:
    assert "free" in shop.run("lock", "status").output
    held = shop.run("lock", "hold", "--reason", "stock-taking").output
    fence = held.partition("fence ")[2].partition(")")[0]
    assert "stock-taking" in shop.run("lock", "status").output
    assert json.loads(shop.run("lock", "status", "--json").stdout)["state"] == "hold"
    assert "stock-taking" in shop.run("rollback", exit=Exit.LEASE_HELD).output
    assert "is taken" in shop.run("lock", "hold", "--reason", "x", exit=Exit.LEASE_HELD).output
    assert "another holder" in shop.run("lock", "release", "--fence", "1", exit=Exit.USAGE).output
    assert "a person holds" in shop.run("lock", "break", "--fence", fence, exit=Exit.USAGE).output
    assert "is free" in shop.run("lock", "release", "--fence", fence).output
    assert "is free" in shop.run("lock", "release", "--fence", fence).output


def test_the_sandbox_says_how_it_is(shop: Shop) -> None:
    assert json.loads(shop.bare("sandbox", "status", "--json").stdout)["healthy"]
    assert "answers" in shop.bare("sandbox", "status").output
    wrong = shop.bare("sandbox", "up", "--parameter", "ApiUrl", exit=Exit.USAGE)
    assert "Name=value" in wrong.output
