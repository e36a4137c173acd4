"""The engine as a process: its command line, its start, its refusals, its end."""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deployctl.model.errors import Refused
from deployctl.sandbox.engine.__main__ import read_options, serve
from deployctl.sandbox.engine.net import free_port
from tests.unit.sandbox.engine.docker_double import docker_double


def words(home: Path, *more: str, port: int = 4577) -> list[str]:
    """A command line."""
    return [
        "--root", str(home / "root"), "--socket", str(home / "e.sock"),
        "--aws", f"http://127.0.0.1:{port}", "--backend", "processes", *more,
    ]  # fmt: skip


def started(home: Path, *more: str) -> "subprocess.Popen[str]":
    """The engine as a process, once its socket is there or it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "deployctl.sandbox.engine", *words(home, *more, port=free_port())],
        stderr=subprocess.PIPE,
        text=True,
    )
    pause = threading.Event()
    while process.poll() is None and not answers(home / "e.sock"):
        pause.wait(0.02)
    return process


def ended(process: "subprocess.Popen[str]") -> str:
    """Tell the engine to end, and wait: what it said on stderr."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise


def answers(path: Path) -> bool:
    """Whether the door is open."""
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


def test_the_command_line_is_read(tmp_path: Path) -> None:
    options = read_options(
        words(tmp_path, "--no-gate", "--drain", "0", "--expose", "5432", "--octet", "99")
    )
    assert (options.aws_port, options.expose, options.octet) == (4577, (4577, 5432), 99)
    assert (options.rules.gate, options.rules.drain, options.rules.gate_seconds) == (False, 0, 10)
    assert options.docker == Path("/var/run/docker.sock")


@pytest.mark.parametrize("more", [(), ("--relay", "--trace")])
def test_the_engine_serves_and_ends_clean(tmp_path: Path, more: tuple[str, ...]) -> None:
    process = started(tmp_path, *more)
    said = ended(process)
    assert (process.returncode, said) == (0, "")
    assert not (tmp_path / "e.sock").exists()
    log = (tmp_path / "root/engine.log").read_text()
    assert "serving processes" in log
    assert log.rstrip().endswith("ended")


def test_one_folder_has_one_engine(tmp_path: Path) -> None:
    first = started(tmp_path)
    with pytest.raises(Refused, match="another engine works in") as refused:
        serve(read_options(words(tmp_path)))
    assert "sandbox down" in refused.value.hint
    first.kill()
    first.communicate()
    second = started(tmp_path)
    assert second.poll() is None
    ended(second)


def test_an_engine_that_cannot_start_says_why_and_how_to_go_on(tmp_path: Path) -> None:
    nowhere = ("--backend", "containers", "--docker", f"unix://{tmp_path}/none.sock")
    process = started(tmp_path, *nowhere)
    said = ended(process)
    assert process.returncode == 4
    assert "the sandbox engine cannot start: the container engine at" in said
    assert "--backend processes" in said


def test_containers_in_another_machine_are_out_of_reach(tmp_path: Path) -> None:
    with docker_double(tmp_path / "d.sock") as docker:
        docker.ipam = {"Subnet": "192.0.2.0/24"}
        process = started(
            tmp_path, "--backend", "containers", "--docker", f"unix://{tmp_path}/d.sock"
        )
        said = ended(process)
    assert process.returncode == 4
    assert "a machine or network of its own" in said


def test_the_containers_backend_starts_in_front_of_an_engine(tmp_path: Path) -> None:
    with docker_double(tmp_path / "d.sock") as docker:
        docker.ipam = {"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.9"}
        docker.labels = {}
        process = started(
            tmp_path, "--backend", "containers", "--docker", f"unix://{tmp_path}/d.sock"
        )
        ended(process)
        assert process.returncode == 0
        assert docker.asked("GET /version")
        assert docker.asked("DELETE")
