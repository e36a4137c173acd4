"""The real web and the fake answer alike; the real one speaks to loopback servers only."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from deployctl.adapters.web import HttpWeb
from deployctl.model.check import Answer, NoAnswer, Reply, Why
from deployctl.ports.web import Request, Web
from tests.fakes.web import FakeWeb, refused

LONG = 2 * 1024 * 1024 + 10


def page(method: str, host: str, path: str, body: str) -> Answer:
    """The site that both serve; what it says shows what it was asked."""
    if path == "/moved":
        return Answer(status=302, headers=(("location", "/echo"),))
    if path == "/round":
        return Answer(status=302, headers=(("location", "/round"),))
    if path == "/to-metadata":
        return Answer(status=302, headers=(("location", "http://169.254.169.254/latest"),))
    if path == "/long":
        return Answer(status=200, body=b"x" * LONG)
    if path == "/slow":
        return Answer(status=200, seconds=2.0)
    said = json.dumps({"method": method, "host": host, "body": body})
    return Answer(status=200, headers=(("X-Kind", "echo"),), body=said.encode())


class Site(BaseHTTPRequestHandler):
    """`page` over HTTP/1.1."""

    protocol_version = "HTTP/1.1"
    stop = threading.Event()

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length).decode()
        answer = page(self.command, self.headers["host"], self.path, body)
        self.stop.wait(answer.seconds)
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        try:
            self.wfile.write(answer.body)
        except OSError:
            self.close_connection = True

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: a test has no access log."""


@dataclass(frozen=True, kw_only=True)
class Door:
    """A web, and where its site is."""

    web: Web
    base: str
    closed: str

    def ask(self, path: str, **more: Any) -> Reply:
        request = Request(url=self.base + path, **more)
        (reply,) = self.web.ask_many([request])
        return reply


@pytest.fixture
def real() -> Iterator[Door]:
    Site.stop = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server, socket.socket() as closed:
        # the library's queue of five would turn away some of forty callers at once
        server.socket.listen(128)
        closed.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Door(
            web=HttpWeb(),
            base=f"http://127.0.0.1:{server.server_address[1]}",
            closed=f"127.0.0.1:{closed.getsockname()[1]}",
        )
        Site.stop.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def fake() -> Door:
    def site(request: Request) -> Reply:
        if "127.0.0.1:9" in {request.connect_to, urlsplit(request.url).netloc}:
            return refused()
        parts = urlsplit(request.url)
        answer = page(request.method, parts.netloc, parts.path, request.body)
        headers = tuple((name.lower(), value) for name, value in answer.headers)
        return Answer(
            status=answer.status, headers=headers, body=answer.body, seconds=answer.seconds
        )

    return Door(web=FakeWeb(site=site), base="http://127.0.0.1:80", closed="127.0.0.1:9")


@pytest.fixture(params=["real", "fake"])
def door(request: pytest.FixtureRequest) -> Door:
    found: Door = request.getfixturevalue(request.param)
    return found


def answered(reply: Reply) -> Answer:
    assert isinstance(reply, Answer), reply
    return reply


def why(reply: Reply) -> Why:
    assert isinstance(reply, NoAnswer), reply
    return reply.why


def test_an_answer_has_status_lower_case_headers_and_body(door: Door) -> None:
    answer = answered(door.ask("/echo", method="POST", body='{"sku": 1}'))
    assert (answer.status, answer.header("X-Kind")) == (200, "echo")
    assert ("x-kind", "echo") in answer.headers
    assert json.loads(answer.body)["body"] == '{"sku": 1}'
    assert not answer.cut


def test_replies_come_in_the_order_of_the_requests(door: Door) -> None:
    paths = [f"{door.base}/{number}" for number in range(40)]
    replies = door.web.ask_many(
        [Request(url=url, method="POST", body=url, seconds=20) for url in paths]
    )
    assert [json.loads(answered(reply).body)["body"] for reply in replies] == paths


def test_nothing_asked_is_nothing_answered(door: Door) -> None:
    assert door.web.ask_many([]) == ()


def test_a_connection_elsewhere_keeps_the_name_of_the_url(door: Door) -> None:
    request = Request(url="http://shop.example/echo", connect_to=urlsplit(door.base).netloc)
    (reply,) = door.web.ask_many([request])
    assert json.loads(answered(reply).body)["host"] == "shop.example"


def test_a_redirect_is_shown_and_not_followed(door: Door) -> None:
    answer = answered(door.ask("/moved"))
    assert (answer.status, answer.header("location")) == (302, "/echo")


def test_a_redirect_is_followed_when_asked(door: Door) -> None:
    assert answered(door.ask("/moved", follow=True)).status == 200


def test_a_circle_of_redirects_ends(door: Door) -> None:
    assert why(door.ask("/round", follow=True)) is Why.BROKEN


def test_nobody_listening_is_a_connection_problem(door: Door) -> None:
    assert why(door.ask("/", connect_to=door.closed)) is Why.CONNECT


def test_a_slow_answer_is_a_timeout(door: Door) -> None:
    assert why(door.ask("/slow", seconds=0.2)) is Why.TIMEOUT


def test_a_long_body_is_cut(door: Door) -> None:
    answer = answered(door.ask("/long"))
    assert answer.cut
    assert len(answer.body) == 2 * 1024 * 1024


@pytest.mark.parametrize(
    "place", ["169.254.169.254:80", "169.254.170.2:80", "[fe80::1]:80", "[fd00:ec2::254]:80"]
)
def test_the_metadata_of_the_machine_is_never_asked(door: Door, place: str) -> None:
    assert why(door.ask("/", connect_to=place)) is Why.FORBIDDEN
    (reply,) = door.web.ask_many([Request(url=f"http://{place}/latest")])
    assert why(reply) is Why.FORBIDDEN


def test_a_redirect_to_the_metadata_is_not_followed(door: Door) -> None:
    assert why(door.ask("/to-metadata", follow=True)) is Why.FORBIDDEN


def test_only_http_is_spoken(door: Door) -> None:
    (reply,) = door.web.ask_many([Request(url="file:///etc/passwd")])
    assert why(reply) is Why.FORBIDDEN
