"""Pushing into a registry that is not well."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deployctl.model.errors import Refused, Unanswered
from deployctl.sandbox.aws import clients_at
from deployctl.sandbox.layer import make_image, pack
from deployctl.sandbox.loopback import free_port
from deployctl.sandbox.registry_push import push

IMAGE = make_image([pack(b"tar")], {})


class FullRegistry(BaseHTTPRequestHandler):
    """Makes repositories (POST /, the ECR API) and takes nothing (507 on /v2/)."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200 if self.path == "/" else 507)
        body = b"{}" if self.path == "/" else b"the disk is full"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Stay silent."""


@pytest.fixture
def full() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), FullRegistry) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_what_the_registry_refuses_is_told_in_its_words(full: int) -> None:
    with pytest.raises(Refused, match="507 the disk is full"):
        push(clients_at(full), f"127.0.0.1:{full}", IMAGE, ("shop", "1"))


def test_a_registry_that_is_gone_is_told_with_the_cure(full: int) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    with pytest.raises(Unanswered, match="does not answer") as caught:
        push(clients_at(full), nowhere, IMAGE, ("shop", "1"))
    assert "sandbox status" in caught.value.hint
