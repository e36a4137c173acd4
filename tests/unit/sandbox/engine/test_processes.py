"""A container as a real process: its end, its stop ladder, its children, its record."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from deployctl.sandbox.engine.launch import CONTAINER_MARK
from deployctl.sandbox.engine.processes import Container, Launch, own_user, signal_number
from deployctl.sandbox.engine.records import EXITED, RUNNING, Record, Records
from deployctl.sandbox.engine.sweep import birth, kill_all, kill_marked, marked
from deployctl.sandbox.engine.wire import Refusal

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
POLITE = """
import os, signal, sys, time
def leave(*_):
    os.write(1, b"bye\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
time.sleep(60)
"""


def record(number: int = 1) -> Record:
    """A created container."""
    return Record(
        id=f"{number:064x}", name=f"c{number}", image="i", image_id="x", labels={}, created="now",
        address="127.0.0.1", ports={"8080": 8080},
    )  # fmt: skip


def container(home: Path, code: str, *, stop_signal: int = signal.SIGTERM) -> Container:
    """A container that runs a piece of Python."""
    records, facts = Records(home), record()
    records.folder(facts.id).mkdir()
    launch = Launch(
        argv=(sys.executable, "-c", code),
        env={CONTAINER_MARK: facts.id, "PATH": os.defpath},
        cwd=home,
        stop_signal=stop_signal,
    )
    return Container(facts, launch, records)


def says(one: Container, word: bytes) -> None:
    """Wait until the container has printed a word."""
    for piece in one.log.follow(lambda: one.running):
        if word in piece:
            return
    raise AssertionError(f"never said {word!r}")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", 0),
        ("import sys; sys.exit(7)", 7),
        ("import os; os.kill(os.getpid(), 9)", 137),
        ("raise SystemExit('sorry')", 1),
    ],
)
def test_the_exit_code_is_the_true_one(tmp_path: Path, code: str, expected: int) -> None:
    one = container(tmp_path, code)
    assert one.start()
    assert one.wait(10)
    assert (one.record.state, one.record.exit_code) == (EXITED, expected)
    assert not one.start()
    assert next(Records(tmp_path).all()) == one.record


def test_a_running_container_is_on_disk_with_its_process(tmp_path: Path) -> None:
    one = container(tmp_path, STUBBORN)
    one.start()
    stored = next(Records(tmp_path).all())
    assert (stored.state, stored.pid) == (RUNNING, one.record.pid)
    assert stored.born == birth(stored.pid) != ""
    one.kill()
    assert birth(stored.pid) == ""


def test_a_polite_program_is_asked_and_a_stubborn_one_is_killed(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    polite, stubborn = container(tmp_path / "p", POLITE), container(tmp_path, STUBBORN)
    for one in (polite, stubborn):
        one.start()
        says(one, b"up")
    polite.stop(10)
    stubborn.stop(0.1)
    assert (polite.record.exit_code, polite.log.tail(1)) == (0, (b"bye\n",))
    assert stubborn.record.exit_code == 137
    stubborn.stop(1)
    stubborn.kill()


def test_the_image_s_own_stop_signal_is_used(tmp_path: Path) -> None:
    code = POLITE.replace("SIGTERM", "SIGQUIT")
    one = container(tmp_path, code, stop_signal=signal_number("SIGQUIT"))
    one.start()
    says(one, b"up")
    one.stop(10)
    assert one.record.exit_code == 0


def test_children_end_with_the_container_even_those_in_a_session_of_their_own(
    tmp_path: Path,
) -> None:
    child = "import os, time; os.setsid(); print('child', os.getpid(), flush=True); time.sleep(60)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]); input()"
    one = container(tmp_path, code.replace("input()", "import time; time.sleep(60)"))
    one.start()
    says(one, b"child")
    one.kill()
    assert one.record.state == EXITED
    assert marked(CONTAINER_MARK, one.record.id) == []


def test_a_program_that_cannot_start_leaves_the_container_created(tmp_path: Path) -> None:
    records, facts = Records(tmp_path), record()
    records.folder(facts.id).mkdir()
    one = Container(facts, Launch(argv=("/no/such",), env={}, cwd=tmp_path), records)
    with pytest.raises(Refusal, match="failed to create task"):
        one.start()
    assert one.record.state == "created"


def test_waiting_ends_when_the_container_does(tmp_path: Path) -> None:
    one = container(tmp_path, STUBBORN)
    one.start()
    assert not one.wait(0.01)
    threading.Timer(0.05, one.kill).start()
    assert one.wait(None)


def test_signals_are_read_by_name_and_number() -> None:
    assert [signal_number(text) for text in ("SIGINT", "INT", "3", "", "NOPE")] == [2, 2, 3, 15, 15]


def test_only_root_under_sudo_hands_tasks_over(tmp_path: Path) -> None:
    assert own_user("", "", python=sys.executable, folder=tmp_path) is None
    assert own_user("0", "0", python=sys.executable, folder=tmp_path) is None
    assert own_user("65534", "", python="/no/such/python", folder=tmp_path) is None
    assert own_user("65534", "", python="/bin/false", folder=Path("/")) is None


def test_a_task_under_sudo_runs_as_the_person_who_called(tmp_path: Path) -> None:
    user = own_user("65534", "65533", python="/bin/true", folder=Path("/"))
    records, facts = Records(tmp_path), record()
    records.folder(facts.id).mkdir()
    words = ("/bin/sh", "-c", "echo $(id -u) $(id -g) $(id -G)")
    env = {"PATH": os.defpath, CONTAINER_MARK: facts.id}
    one = Container(facts, Launch(argv=words, env=env, cwd=Path("/"), user=user), records)
    one.start()
    one.wait(10)
    as_ourselves = f"{os.getuid()} {os.getgid()}"
    expected = "65534 65533 65533" if os.geteuid() == 0 else as_ourselves
    assert one.log.tail(1)[0].decode().startswith(expected)


def test_the_sweep_ends_exactly_what_carries_the_mark(tmp_path: Path) -> None:
    one = container(tmp_path, STUBBORN)
    one.start()
    says(one, b"up")
    identity = one.record.id
    assert kill_marked(CONTAINER_MARK, identity[:-1]) == 0
    assert one.running
    assert kill_marked(CONTAINER_MARK, identity) == 1
    assert one.wait(10)
    assert kill_all([one.record.pid]) == 0
    assert birth(one.record.pid) == ""


def test_broken_records_are_cleared_away_and_strange_folders_left_alone(tmp_path: Path) -> None:
    records = Records(tmp_path)
    (tmp_path / f"{5:064x}").mkdir()
    (tmp_path / "mine").mkdir()
    assert list(records.all()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    records.save(record(9))  # its folder is gone: nothing to remember
    assert list(records.all()) == []
