"""The door on the unix socket: keep-alive, streams, refusals, rights, leftovers."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployctl.model.errors import Refused
from deployctl.sandbox.engine.api import open_door, parse
from deployctl.sandbox.engine.wire import NO_CONTENT, Answer, Call, Refusal, json_answer


class Echo:
    """Answers with what it was asked."""

    def answer(self, call: Call) -> Answer:
        """By path: a refusal, a bug, a stream, nothing, or the call itself."""
        if call.path == "/refused":
            raise Refusal(409, "name in use")
        if call.path == "/bug":
            raise ZeroDivisionError("oops")
        if call.path == "/stream":
            return Answer(status=200, stream=iter((b"one", b"", b"two")))
        if call.path == "/none":
            return NO_CONTENT
        return json_answer({"path": call.path, "query": dict(call.query), "body": call.json()})

    def close(self) -> None:
        """Nothing runs."""


@contextmanager
def door(path: Path, *, traced: list[str] | None = None) -> Iterator[None]:
    """The door, open inside the block."""
    server = open_door(path, Echo(), traced.append if traced is not None else None)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def line_to(path: Path) -> Iterator[http.client.HTTPConnection]:
    """One connection to the door."""
    line = http.client.HTTPConnection("engine")
    line.sock = socket.socket(socket.AF_UNIX)
    line.sock.connect(str(path))
    try:
        yield line
    finally:
        line.close()


def ask(
    line: http.client.HTTPConnection, method: str, target: str, body: str = ""
) -> tuple[int, bytes]:
    """One call over the open connection."""
    line.request(method, target, body=body or None)
    response = line.getresponse()
    return response.status, response.read()


def test_calls_follow_each_other_on_one_connection(tmp_path: Path) -> None:
    path, traced = tmp_path / "e.sock", list[str]()
    with door(path, traced=traced), line_to(path) as line:
        assert path.stat().st_mode & 0o777 == 0o600
        status, body = ask(line, "POST", "/v1.41/images/a%2Fb%3Av1/tag?x=1&y=", '{"k": 1}')
        expected = {"path": "/images/a/b:v1/tag", "query": {"x": "1", "y": ""}, "body": {"k": 1}}
        assert (status, json.loads(body)) == (200, expected)
        assert ask(line, "POST", "/none") == (204, b"")
        assert ask(line, "GET", "/stream") == (200, b"onetwo")
        assert ask(line, "GET", "/refused") == (409, b'{"message": "name in use"}')
        assert ask(line, "GET", "/bug")[0] == 500
        assert ask(line, "HEAD", "/x") == (200, b"")
        assert ask(line, "POST", "/x", "[]")[0] == 400
        assert ask(line, "POST", "/x", "{")[0] == 400
        assert ask(line, "GET", f"/containers/{'a' * 64}/json")[0] == 200
    calls = [json.loads(entry)["call"] for entry in traced]
    assert calls[0] == "POST /images/a/b:v1/tag"
    assert calls[-1] == "GET /containers/{id}/json"


def test_a_caller_that_hangs_up_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "e.sock"
    with door(path):
        with line_to(path) as rude:
            rude.request("GET", "/stream")
        with line_to(path) as line:
            assert ask(line, "POST", "/none") == (204, b"")


def test_a_dead_engine_s_socket_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "e.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with door(path), pytest.raises(Refused, match="another engine already serves"):
        open_door(path, Echo())


def test_a_socket_path_that_cannot_be_is_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="longer than 104 bytes") as long:
        open_door(tmp_path / ("x" * 120), Echo())
    assert "shorter" in long.value.hint
    with pytest.raises(Refused, match="cannot listen"):
        open_door(tmp_path / "no" / "e.sock", Echo())


def test_a_path_without_a_version_is_the_same_path() -> None:
    assert parse("GET", "/version", {}, b"").path == "/version"
    assert parse("GET", "/v1.50/version", {}, b"").path == "/version"
