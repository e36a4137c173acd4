"""The witness counts every failed request, and nothing else."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from examples.shop.witness import Report, Witness, percentile
from tests.unit.shop.stand import SHOP, free_port, until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Shop: web v1\r\n\r\nok"
BROKEN = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"

Script = Callable[[int], tuple[bytes, bool]]  # number of the request → answer, hang up after it


class Stage:
    """A server that answers by script, request by request."""

    def __init__(self, script: Script) -> None:
        self.script, self.asked, self.connections = script, 0, 0
        self.hosts: set[bytes] = set()
        self._lock = Lock()

    def talk(self, connection: socket.socket) -> None:
        """Serve one connection to its end."""
        with connection, connection.makefile("rb") as lines:
            while lines.readline():
                while (line := lines.readline()) not in {b"\r\n", b""}:
                    if line.startswith(b"Host:"):
                        self.hosts.add(line.strip())
                with self._lock:
                    self.asked += 1
                    answer, last = self.script(self.asked)
                connection.sendall(answer)
                if last:
                    return


@contextmanager
def playing(script: Script) -> Iterator[tuple[str, Stage]]:
    """The url of a running stage."""
    stage = Stage(script)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def accept() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                stage.connections += 1
                Thread(target=stage.talk, args=[connection]).start()

        accepting = Thread(target=accept)
        accepting.start()
        yield url, stage
        listener.shutdown(socket.SHUT_RDWR)
    accepting.join()


def watched(url: str, requests: int, threads: int = 1) -> Report:
    """The report about so many requests or a few more."""
    witness = Witness(url, rate=1000, threads=threads).start()
    until(lambda: witness.asked() >= requests)
    return witness.stop()


def test_good_answers_are_counted_by_version_over_kept_connections() -> None:
    with playing(lambda _: (OK, False)) as (url, stage):
        report = watched(url, 50, threads=4)
    assert (report.failed, report.errors, report.reconnects) == (0, {}, 0)
    assert report.versions == {"web v1": report.requests}
    assert report.requests == stage.asked
    assert stage.connections == 4
    assert 0 < report.p50 <= report.p95 <= report.p99 <= report.slowest


def test_every_bad_status_is_a_failure() -> None:
    with playing(lambda n: (BROKEN if n in {5, 6} else OK, False)) as (url, _):
        report = watched(url, 20)
    assert (report.failed, report.errors) == (2, {"HTTP 502": 2})


def test_a_connection_closed_between_requests_is_a_reconnect() -> None:
    with playing(lambda n: (OK, n == 5)) as (url, stage):
        report = watched(url, 20)
    assert (report.failed, report.reconnects) == (0, 1)
    assert report.requests == stage.asked


def test_hanging_up_on_a_fresh_connection_is_a_failure() -> None:
    with playing(lambda n: (b"", True) if n == 1 else (OK, False)) as (url, _):
        report = watched(url, 20)
    assert (report.failed, report.errors, report.reconnects) == (1, {"reset": 1}, 0)


def test_hanging_up_twice_is_a_failure() -> None:
    with playing(lambda n: (b"", True) if n in {5, 6} else (OK, False)) as (url, _):
        report = watched(url, 20)
    assert (report.failed, report.errors, report.reconnects) == (1, {"reset": 1}, 1)


def test_an_answer_cut_short_is_a_failure() -> None:
    with playing(lambda n: (CUT, True) if n == 5 else (OK, False)) as (url, _):
        report = watched(url, 20)
    assert (report.failed, report.errors, report.reconnects) == (1, {"IncompleteRead": 1}, 0)


def test_nobody_listening_is_a_failure() -> None:
    report = watched(f"http://127.0.0.1:{free_port()}", 10)
    assert report.failed == report.requests >= 10
    assert set(report.errors) == {"refused"}
    assert report.p99 == 0


def test_no_answer_in_time_is_a_failure() -> None:
    with playing(lambda _: (b"", False)) as (url, _):
        witness = Witness(url, rate=1000, threads=1, timeout=0.05).start()
        until(lambda: witness.asked() >= 2)
        report = witness.stop()
    assert set(report.errors) == {"timeout"}


def test_a_stall_shows_in_the_times_of_all_who_were_due() -> None:
    def stall(number: int) -> tuple[bytes, bool]:
        if number == 2:
            until(lambda: witness.asked() >= 1, within=1)
            slow.wait(0.3)
        return OK, False

    slow = Event()
    with playing(stall) as (url, _):
        witness = Witness(url, rate=200, threads=1).start()
        until(lambda: witness.asked() >= 60)
        report = witness.stop()
    assert report.slowest >= 300
    assert report.p50 >= 50  # not only the one that stalled was late


def test_the_rate_is_kept() -> None:
    with playing(lambda _: (OK, False)) as (url, _):
        witness = Witness(url, rate=100, threads=4).start()
        until(lambda: witness.asked() >= 40)
        report = witness.stop()
    assert 60 < report.requests / report.seconds < 120


def test_the_host_can_be_named() -> None:
    with playing(lambda _: (OK, False)) as (url, stage):
        witness = Witness(url, host="shop.example", rate=1000, threads=1).start()
        until(lambda: witness.asked() >= 1)
        witness.stop()
    assert stage.hosts == {b"Host: shop.example"}


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 2.0), (75, 3.0), (99, 4.0), (100, 4.0), (0, 1.0)]
)
def test_percentiles_are_values_that_were_seen(percent: float, expected: float) -> None:
    assert percentile([0.001, 0.002, 0.003, 0.004], percent) == expected


def test_the_command_writes_a_report_and_exits_1_after_a_failure(tmp_path: Path) -> None:
    command = [sys.executable, str(SHOP / "witness.py"), "--report", str(tmp_path / "r.json")]
    with playing(lambda n: (BROKEN if n == 5 else OK, False)) as (url, _):
        ended = subprocess.run(
            [*command, url, "--seconds", "0", "--at-least", "20"],
            check=False,
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 1
    report = json.loads((tmp_path / "r.json").read_text())
    assert report == json.loads(ended.stdout)
    assert (report["requests"] >= 20, report["errors"]) == (True, {"HTTP 502": 1})


def test_the_command_asks_until_a_file_appears(tmp_path: Path) -> None:
    command = [sys.executable, str(SHOP / "witness.py"), "--until", str(tmp_path / "done")]
    with playing(lambda _: (OK, False)) as (url, stage):
        running = subprocess.Popen([*command, url], stdout=subprocess.DEVNULL)
        until(lambda: stage.asked > 5)
        assert running.poll() is None
        (tmp_path / "done").touch()
        assert running.wait(5) == 0


def test_the_command_reports_when_it_is_ended() -> None:
    with playing(lambda _: (OK, False)) as (url, stage):
        running = subprocess.Popen(
            [sys.executable, str(SHOP / "witness.py"), url], stdout=subprocess.PIPE
        )
        until(lambda: stage.asked > 5)
        running.terminate()
        said, _ = running.communicate()
    assert running.returncode == 0
    assert json.loads(said)["failed"] == 0
