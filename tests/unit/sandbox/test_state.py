"""The record of a sandbox and its lock."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deployctl.model.errors import CheckFailed
from deployctl.sandbox import state
from deployctl.sandbox.process import Process
from deployctl.sandbox.state import State

ONE = State(
    port=4700,
    backend="processes",
    docker="",
    socket=Path("/run/x/docker.sock"),
    folders=(Path("/run/x"),),
    postgres_port=4701,
    postgres_data=Path("/var/tmp/pg"),
    password="p",
    processes={"engine": Process(pid=7, born="boot/1", since=1.5)},
    ready=True,
)


def test_what_is_written_down_is_read_back(tmp_path: Path) -> None:
    state.save(tmp_path, ONE)
    assert state.load(tmp_path) == ONE


def test_a_sandbox_with_no_database_is_read_back_too(tmp_path: Path) -> None:
    bare = replace(ONE, postgres_port=None, postgres_data=None)
    state.save(tmp_path, bare)
    assert state.load(tmp_path) == bare


def test_only_its_owner_reads_the_record(tmp_path: Path) -> None:
    state.save(tmp_path, ONE)
    assert (tmp_path / "sandbox.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"format": 99})])
def test_a_record_that_makes_no_sense_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "sandbox.json").write_text(text)
    assert state.load(tmp_path) is None


def test_the_state_folder_follows_the_xdg_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state.default_root() == tmp_path / "deployctl/sandbox"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state.default_root() == tmp_path / ".local/state/deployctl/sandbox"


def test_the_root_is_closed_to_others(tmp_path: Path) -> None:
    root = state.make_root(tmp_path / "a" / "b")
    assert root.stat().st_mode & 0o777 == 0o700


def test_a_root_that_cannot_be_made_is_told_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CheckFailed, match="cannot be used") as caught:
        state.make_root(tmp_path / "file" / "box")
    assert "--root" in caught.value.hint


def test_two_commands_never_change_a_sandbox_at_once(tmp_path: Path) -> None:
    with (
        state.locked(tmp_path),
        pytest.raises(CheckFailed, match="another command"),
        state.locked(tmp_path, seconds=0),
    ):
        pass
    with state.locked(tmp_path, seconds=0):
        pass


def test_a_short_root_holds_the_socket_itself() -> None:
    assert state.socket_folder(Path("/x")) == Path("/x")


def test_a_long_root_gets_a_short_folder_for_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("y" * 120)))
    long = tmp_path / ("x" * 100)
    folder = state.socket_folder(long)
    assert folder != long
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


def test_what_is_forgotten_leaves_only_the_logs(tmp_path: Path) -> None:
    root = state.make_root(tmp_path / "box")
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "log" / "engine.log").write_text("words")
    state.save(root, replace(ONE, folders=(outside,)))
    state.forget(root, replace(ONE, folders=(outside,)))
    assert not outside.exists()
    assert sorted(path.name for path in root.iterdir()) == ["deployctl-sandbox.lock", "log"]
