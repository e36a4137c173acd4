"""Processes of the sandbox: started, recognised and ended."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployctl.model.errors import CheckFailed
from deployctl.sandbox import process
from deployctl.sandbox.patience import until
from deployctl.sandbox.process import MARK, Launch, Process

_READY = "import signal, time, sys; print('ready', flush=True); "
_FOREVER = _READY + "time.sleep(60)"
_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _FOREVER
_PARENT = "import os; child = os.fork(); " + _DEAF


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Process]]:
    """Processes of a test; they end with it."""
    running: list[Process] = []
    yield running
    for one in running:
        process.kill(one)


def begin(started: list[Process], folder: Path, words: str) -> Process:
    log = folder / "log"
    launch = Launch(
        argv=[sys.executable, "-S", "-c", words],
        environ={MARK: str(folder)},
        folder=folder,
        log=log,
    )
    one = process.start(launch)
    started.append(one)
    assert until(lambda: "ready" in log.read_text(), seconds=10)
    return one


def test_a_started_process_lives_in_a_session_of_its_own(
    started: list[Process], tmp_path: Path
) -> None:
    one = begin(started, tmp_path, _FOREVER)
    assert process.alive(one)
    assert os.getsid(one.pid) == one.pid


def test_asked_to_end_it_ends(started: list[Process], tmp_path: Path) -> None:
    one = begin(started, tmp_path, _FOREVER)
    assert process.end(one, by=signal.SIGTERM, seconds=10)
    assert not process.alive(one)


def test_one_that_does_not_listen_is_killed_with_its_whole_group(
    started: list[Process], tmp_path: Path
) -> None:
    one = begin(started, tmp_path, _PARENT)
    assert not process.end(one, by=signal.SIGTERM, seconds=0)
    assert until(lambda: not list(process.marked(tmp_path)), seconds=10)


def test_another_process_of_the_same_number_is_never_touched(
    started: list[Process], tmp_path: Path
) -> None:
    one = begin(started, tmp_path, _FOREVER)
    stranger = replace(one, born="another boot/1")
    assert not process.alive(stranger)
    assert process.end(stranger, by=signal.SIGKILL, seconds=0)
    process.kill(stranger)
    assert process.alive(one)


def test_a_dead_process_is_recognised_as_dead(started: list[Process], tmp_path: Path) -> None:
    one = begin(started, tmp_path, _FOREVER)
    os.kill(one.pid, signal.SIGKILL)
    assert until(lambda: not process.alive(one), seconds=10)
    assert process.birth(one.pid) == ""


def test_forgotten_processes_are_found_by_their_exact_mark(
    started: list[Process], tmp_path: Path
) -> None:
    one = begin(started, tmp_path, _FOREVER)
    assert [found.pid for found in process.marked(tmp_path)] == [one.pid]
    assert not list(process.marked(tmp_path.parent))


def test_a_program_that_is_not_there_is_told_with_the_cure(tmp_path: Path) -> None:
    launch = Launch(argv=["/nowhere/x"], environ={}, folder=tmp_path, log=tmp_path / "log")
    with pytest.raises(CheckFailed, match="/nowhere/x"):
        process.start(launch)


def test_the_users_keys_and_proxies_stay_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "HTTPS_PROXY", "AWS_ENDPOINT_URL", "DOCKER_HOST"):
        monkeypatch.setenv(name, "of the user")
    environ = process.clean_environ(tmp_path, GATEWAY_PORT="1")
    assert "of the user" not in environ.values()
    assert environ["GATEWAY_PORT"] == "1"
    assert environ["HOME"] == str(tmp_path / "home")
    assert environ[MARK] == str(tmp_path)


def test_where_there_is_no_proc_ps_tells_the_birth() -> None:
    told = process._birth_by_ps(os.getpid())
    assert told
    assert told == process._birth_by_ps(os.getpid())
    assert process._birth_by_ps(2**22 + 1) == ""
