"""The web server that stands in until the first release."""

import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from deployctl.sandbox import placeholder_server
from deployctl.sandbox.loopback import free_port
from deployctl.sandbox.patience import until

Running = tuple["subprocess.Popen[bytes]", int]


@pytest.fixture
def server() -> Iterator[Running]:
    """The file as the image runs it: alone, addressed by HOST and PORT."""
    port = free_port()
    file = Path(placeholder_server.__file__)
    environ = {"HOST": "127.0.0.1", "PORT": str(port)}
    with subprocess.Popen([sys.executable, "-I", str(file)], env=environ) as running:
        try:
            assert until(lambda: ask(port, "GET", "/")[0] == 200, seconds=10)
            yield running, port
        finally:
            running.kill()


def ask(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        with suppress(OSError):
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        return 0, b""
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/healthz", "/any/thing?x=1"])
def test_every_path_is_answered(server: Running, path: str) -> None:
    assert ask(server[1], "GET", path) == (200, b"placeholder: nothing released yet\n")


def test_every_method_is_answered(server: Running) -> None:
    assert ask(server[1], "POST", "/orders", b"{}")[0] == 200
    assert ask(server[1], "HEAD", "/") == (200, b"")


def test_asked_to_stop_it_ends_in_order(server: Running) -> None:
    running, _ = server
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=5) == 0
