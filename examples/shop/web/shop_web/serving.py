"""A small threaded HTTP server that drains: on SIGTERM it answers what it was asked, then leaves.

The api and the web service carry the same file, so that each folder builds an image by itself.
"""

import logging
import os
import signal
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

BIGGEST_BODY = 64 * 1024
LAST_CALL = 0.3  # seconds that a draining server waits for a request on a new connection
log = logging.getLogger("shop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked; `path` comes without its query."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Application = Callable[[Request], Answer]


def commit() -> str:
    """The commit this image was built from: GIT_SHA, else the file COMMIT beside the package."""
    baked = Path(__file__).parent.parent / "COMMIT"
    text = baked.read_text() if baked.exists() else ""
    return os.environ.get("GIT_SHA") or text.strip() or "unknown"


class Conversation(BaseHTTPRequestHandler):
    """One connection with one client, which may bring many requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    timeout = 75  # a load balancer keeps idle connections for 60 s: it must be the one to close
    server: "Server"
    fresh = True  # has brought no request yet

    def handle_one_request(self) -> None:
        self.server.rest(self.connection, fresh=self.fresh)
        super().handle_one_request()

    def parse_request(self) -> bool:
        self.server.wake(self.connection)
        self.fresh = False
        return super().parse_request()

    def finish(self) -> None:
        self.server.wake(self.connection)
        super().finish()

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        refusal = self._refusal(length)
        if refusal:
            self.close_connection = True  # what follows on this connection cannot be told apart
            self._send(Answer(status=refusal))
            return
        path = self.path.partition("?")[0]
        body = self.rfile.read(int(length))
        method = "GET" if self.command == "HEAD" else self.command
        self._send(self.server.ask(Request(method=method, path=path, body=body)))

    do_GET = do_HEAD = do_POST = _answer  # noqa: N815 - the names http.server looks for

    def _refusal(self, length: str) -> int | None:
        """The status for a body we do not read, or None."""
        if "Transfer-Encoding" in self.headers:
            return 411
        if not length.isdecimal():
            return 400
        return 413 if int(length) > BIGGEST_BODY else None

    def _send(self, answer: Answer) -> None:
        self.close_connection |= self.server.draining
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Shop", self.server.label)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing: a line for each request would drown the lines that matter."""


class Server(socketserver.ThreadingTCPServer):
    """Answers with `application`, each connection in a thread of its own."""

    allow_reuse_address = True
    daemon_threads = False  # server_close waits for them
    request_queue_size = 256

    def __init__(self, application: Application, *, service: str, host: str, port: int) -> None:
        self.application = application
        self.label = f"{service} {commit()}"
        self.draining = self._closing = False
        self._resting: dict[socket.socket, bool] = {}  # waiting for a request: is it the first?
        super().__init__((host, port), Conversation)

    def ask(self, request: Request) -> Answer:
        """The application's answer; a bug in it costs this request alone."""
        try:
            return self.application(request)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return Answer(status=500, body=b"Something went wrong.\n", kind="text/plain")

    def rest(self, connection: socket.socket, *, fresh: bool) -> None:
        """The connection waits for its next request; while we drain, none may come any more."""
        self._resting[connection] = fresh
        if self._closing or (self.draining and not fresh):
            hang_up(connection)

    def wake(self, connection: socket.socket) -> None:
        """The connection has brought a request, or is gone."""
        self._resting.pop(connection, None)

    def serve_until_told(self) -> None:
        """Serve until SIGTERM or SIGINT; return when the last request is answered."""

        def stop(*_: object) -> None:
            threading.Thread(
                target=self.shutdown
            ).start()  # from this thread it would wait for itself

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        host, port = self.server_address[:2]
        print(f"{self.label} listens on {host!s}:{port}", flush=True)
        self.serve_forever(poll_interval=0.05)
        self._drain()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def _drain(self) -> None:
        self.draining = True
        self._take_in_the_queue()
        self.socket.close()
        for connection, fresh in list(self._resting.items()):
            if not fresh:
                hang_up(connection)
        last_call = threading.Timer(LAST_CALL, self._close)
        last_call.start()
        self.server_close()  # waits for all conversations
        last_call.cancel()

    def _take_in_the_queue(self) -> None:
        """Serve those who connected before we stopped listening: they must not be reset."""
        self.socket.listen(0)  # the queue takes no more
        self.socket.setblocking(False)  # noqa: FBT003 - the standard library's signature
        for _ in range(self.request_queue_size):
            try:
                connection, address = self.get_request()
            except OSError:
                return
            self.process_request(connection, address)

    def _close(self) -> None:
        self._closing = True
        for connection in list(self._resting):
            hang_up(connection)


def hang_up(connection: socket.socket) -> None:
    """Read no further; what has already arrived is still answered."""
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        log.debug("the client hung up first")
