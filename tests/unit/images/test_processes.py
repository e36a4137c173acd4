"""Programs are run with our environment only, heard line by line, and never left behind."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from deployctl.adapters.processes import Processes
from deployctl.model.errors import CheckFailed, Unanswered

SH = "/bin/sh"


def test_every_line_is_heard_and_the_exit_code_is_told(tmp_path: Path) -> None:
    heard: list[str] = []
    ran = Processes({"GREETING": "hello"}).run(
        [SH, "-c", "echo $GREETING $MORE; pwd; echo oops >&2; exit 3"],
        seconds=10,
        extra={"MORE": "world"},
        each=heard.append,
        cwd=tmp_path,
    )
    assert ran.code == 3
    assert ran.lines == tuple(heard) == ("hello world", str(tmp_path), "oops")


def test_nothing_of_our_own_environment_leaks() -> None:
    code = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    assert Processes({"ONLY": "this"}).run([sys.executable, "-c", code], seconds=10).lines == (
        "['ONLY']",
    )


def test_only_the_last_lines_are_kept() -> None:
    ran = Processes({}).run(
        [SH, "-c", "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo $i; done"], seconds=10
    )
    assert (len(ran.lines), ran.lines[-1]) == (200, "300")


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    with pytest.raises(Unanswered, match=r"(?s)after 0 s.*working") as caught:
        Processes({"PATH": os.defpath}).run(
            [SH, "-c", f"echo working; sleep 60 & echo $! > {pid}; wait"], seconds=0.3
        )
    assert caught.value.hint
    _gone(int(pid.read_text()))


def _gone(pid: int) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return
        if state == "Z":
            return
    raise AssertionError(f"process {pid} is still there")


def test_stop_ends_what_runs_and_lets_nothing_start() -> None:
    processes = Processes({"PATH": os.defpath})
    codes: list[int] = []
    begun = threading.Event()

    def work() -> None:
        argv = [SH, "-c", "echo on; exec sleep 60"]
        codes.append(processes.run(argv, seconds=60, each=lambda _: begun.set()).code)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    processes.stop()
    thread.join(10)
    assert codes == [-15]
    with pytest.raises(CheckFailed, match="stopping"):
        processes.run([SH, "-c", "true"], seconds=1)


def test_a_listener_that_fails_leaves_no_program_behind() -> None:
    def broken(_: str) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        Processes({"PATH": os.defpath}).run(
            [SH, "-c", "echo on; sleep 60"], seconds=60, each=broken
        )


def test_a_missing_program_is_named() -> None:
    with pytest.raises(CheckFailed, match="/none/such") as caught:
        Processes({}).run(["/none/such"], seconds=1)
    assert caught.value.hint == "Is it installed?"


def test_all_programs_of_a_name_are_found_in_order(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "tool").touch(0o755)
    path = f"{tmp_path}/b:{tmp_path}/none:{tmp_path}/a:{tmp_path}/b"
    found = Processes({"PATH": path}).where("tool")
    assert found == (f"{tmp_path}/b/tool", f"{tmp_path}/a/tool")
    assert Processes({}).where("tool") == ()
