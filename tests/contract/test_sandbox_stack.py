"""A real sandbox: started, looked at, killed part by part, and ended without a trace."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployctl.model.errors import CheckFailed
from deployctl.sandbox import engine_part, postgres, process
from deployctl.sandbox.facts import Sandbox, SandboxSettings
from deployctl.sandbox.patience import until
from deployctl.sandbox.process import MARK, Launch
from deployctl.sandbox.stack import down, find, status, up
from deployctl.sandbox.state import load, make_root, save

pytest.importorskip("ministack", reason="the sandbox extra is not installed")
LOCK = "deployctl-sandbox.lock"
PARTS = ("engine", "ministack", "postgres")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A root for one test; whatever it starts ends with it."""
    folder = tmp_path / "box"
    yield folder
    down(folder, lambda _: None)


def started(root: Path, said: list[str] | None = None, port: int | None = None) -> Sandbox:
    say = (said if said is not None else []).append
    return up(SandboxSettings(root=root, backend="processes", port=port), say)


def traces(root: Path) -> list[object]:
    """What still exists of a sandbox: processes, folders outside, files other than logs."""
    files = [path for path in root.iterdir() if path.name not in {"log", LOCK}]
    running = [*process.marked(root), *process.marked(engine_part.home(root))]
    return [*running, *postgres.folders_of(root), *files]


def pid_of(sandbox: Sandbox, name: str) -> int:
    part = sandbox.part(name)
    assert part
    return part.pid


def kill(sandbox: Sandbox, name: str) -> None:
    os.kill(pid_of(sandbox, name), signal.SIGKILL)

    def dead() -> bool:
        now = status(sandbox.root)
        part = now.part(name) if now else None
        return part is not None and not part.alive

    assert until(dead, seconds=10)


def test_it_comes_up_whole_and_goes_without_a_trace(root: Path) -> None:
    sandbox = started(root)
    assert tuple(part.name for part in sandbox.parts) == PARTS
    assert sandbox.healthy
    assert find(root).endpoint == sandbox.endpoint
    assert down(root, lambda _: None)
    assert status(root) is None
    assert traces(root) == []


def test_up_again_changes_nothing_and_down_again_is_fine(root: Path) -> None:
    first, said = started(root), list[str]()
    second = started(root, said)
    assert [part.pid for part in second.parts] == [part.pid for part in first.parts]
    assert "already running" in said[0]
    assert down(root, lambda _: None)
    assert not down(root, lambda _: None)


def test_a_running_one_with_another_port_is_not_what_was_asked_for(root: Path) -> None:
    port = started(root).port
    with pytest.raises(CheckFailed, match=f"already runs with port {port}, not 1"):
        started(root, port=1)


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_is_named_and_all_the_rest_can_be_ended(root: Path, name: str) -> None:
    sandbox = started(root)
    kill(sandbox, name)
    with pytest.raises(CheckFailed, match=f"{name} .* is dead") as caught:
        find(root)
    assert "deployctl sandbox up" in caught.value.hint
    assert down(root, lambda _: None)
    assert traces(root) == []


def test_a_folder_that_is_no_sandbox_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with pytest.raises(CheckFailed, match="holds other things"):
        started(tmp_path)
    assert not down(tmp_path, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_up_clears_a_crashed_sandbox_away_and_says_so(root: Path) -> None:
    old, said = started(root), list[str]()
    kill(old, "ministack")
    fresh = started(root, said)
    assert "ministack had died" in said[0]
    assert fresh.healthy
    assert {part.pid for part in fresh.parts}.isdisjoint(part.pid for part in old.parts)


def test_a_start_that_was_cut_short_is_no_sandbox_and_up_begins_afresh(root: Path) -> None:
    old, said = started(root), list[str]()
    record = load(root)
    assert record
    save(root, replace(record, ready=False))
    with pytest.raises(CheckFailed, match="its start did not come to an end"):
        find(root)
    assert started(root, said).port != old.port
    assert "it was not whole" in said[0]


def test_the_users_profile_and_proxy_do_not_matter(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "none of that name")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert started(root).healthy


def test_after_a_lost_record_nothing_is_left_either(root: Path) -> None:
    started(root)
    (root / "sandbox.json").unlink()
    said: list[str] = []
    assert down(root, said.append)
    assert "outlived" in said[0]
    assert traces(root) == []


def test_a_process_that_a_task_left_behind_is_swept_up(root: Path) -> None:
    started(root)
    stray = process.start(
        Launch(
            argv=[sys.executable, "-c", "import time; time.sleep(60)"],
            environ={MARK: str(engine_part.home(root))},
            folder=root,
            log=root / "log" / "stray.log",
        )
    )
    said: list[str] = []
    down(root, said.append)
    assert not process.alive(stray)
    assert traces(root) == []


def test_two_sandboxes_do_not_meet(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    one = started(root)
    try:
        two = started(other)
        assert one.endpoint != two.endpoint
        assert one.database_url != two.database_url
        down(root, lambda _: None)
        assert find(other).healthy
    finally:
        down(other, lambda _: None)


def test_a_taken_port_is_refused_before_anything_starts(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CheckFailed, match=f"port {port}"):
            started(root, port=port)
    assert traces(root) == []


def test_a_part_that_does_not_start_is_told_with_its_last_words(root: Path) -> None:
    make_root(root)
    (root / "engine").write_text("a file where the engine wants its folder")
    with pytest.raises(CheckFailed, match=r"engine ended while starting(?s:.*)engine") as caught:
        started(root)
    assert "deployctl sandbox" in caught.value.hint
    assert status(root) is None
    assert not list(process.marked(root))


def test_the_database_takes_our_password_and_no_other(root: Path) -> None:
    url = started(root).database_url
    wheel = postgres._binaries(root)
    good = [str(wheel / "psql"), url, "-Atc", "select current_database()"]
    assert subprocess.run(good, capture_output=True, text=True, check=True).stdout == "shop\n"
    bad = [str(wheel / "psql"), url.replace(":", ":x", 2), "-c", "select 1"]
    assert subprocess.run(bad, capture_output=True, check=False).returncode != 0


def test_a_sandbox_may_go_without_a_database(root: Path) -> None:
    settings = SandboxSettings(root=root, backend="processes", database=False)
    sandbox = up(settings, lambda _: None)
    assert sandbox.database_url == sandbox.task_database_url == ""
    assert sandbox.part("postgres") is None
