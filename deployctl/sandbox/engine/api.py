"""The door: an HTTP/1.1 server on a unix socket that hands each call to the backend."""

import contextlib
import json
import logging
import os
import re
import socket
import socketserver
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from deployctl.model.errors import Refused
from deployctl.sandbox.engine.wire import Answer, Backend, Call, Refusal, refusal_answer

LOG = logging.getLogger(__name__)
SOCKET_PATH_LIMIT = 104  # bytes: sun_path of macOS, the smallest of the supported systems
_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
_ID = re.compile(r"\b[0-9a-f]{64}\b")

Trace = Callable[[str], object]


def parse(method: str, target: str, headers: dict[str, str], body: bytes) -> Call:
    """One request line and its body as a Call."""
    url = urlsplit(target)
    return Call(
        method=method,
        path=unquote(_VERSION.sub("", url.path)),
        target=target,
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers=headers,
        body=body,
    )


class _Door(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The standard library wants its server as a subclass."""

    daemon_threads = True
    allow_reuse_address = False
    request_queue_size = 128
    backend: Backend
    trace: Trace | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up in mid-call is no news."""
        LOG.debug("connection ended: %s", sys.exc_info()[1])


class _Line(BaseHTTPRequestHandler):
    """One connection; it stays open between calls."""

    protocol_version = "HTTP/1.1"
    server: _Door
    wbufsize = -1  # head and body leave in one packet

    def _serve(self) -> None:
        began = time.monotonic()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        call = parse(self.command, self.path, dict(self.headers.items()), body)
        answer = _answer(self.server.backend, call)
        _note(call, answer, time.monotonic() - began, self.server.trace)
        try:
            self._send(answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = _serve  # noqa: N815 - http.server's names

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.stream is not None:
            self.send_header("Content-Type", answer.kind)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._send_chunks(answer)
            return
        if answer.status not in (204, 304):
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.body and self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    def _send_chunks(self, answer: Answer) -> None:
        self.wfile.flush()
        for piece in answer.stream or ():
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Nothing: `_note` writes the log."""

    def address_string(self) -> str:
        """A unix socket has no client address."""
        return "socket"


def _answer(backend: Backend, call: Call) -> Answer:
    try:
        return backend.answer(call)
    except Refusal as refusal:
        LOG.warning("%s %s: %d %s", call.method, call.path, refusal.status, refusal.message)
        return refusal_answer(refusal)
    except Exception as bug:
        LOG.exception("%s %s broke the engine", call.method, call.path)
        return refusal_answer(Refusal(500, f"bug in the sandbox engine: {bug!r}"))


def _note(call: Call, answer: Answer, seconds: float, trace: Trace | None) -> None:
    quiet = call.method == "GET" and call.path.startswith("/containers/")
    LOG.log(
        logging.DEBUG if quiet else logging.INFO,
        "%s %s -> %d in %.3f s",
        call.method,
        call.path,
        answer.status,
        seconds,
    )
    if trace is not None:
        shape = f"{call.method} {_ID.sub('{id}', call.path)}"
        trace(json.dumps({"at": time.time(), "call": shape, "status": answer.status}) + "\n")


def open_door(path: Path, backend: Backend, trace: Trace | None = None) -> _Door:
    """Listen on `path` with mode 0600.

    Raises Refused when the path is too long, its folder is missing, or a live engine has it.
    """
    if len(str(path).encode()) > SOCKET_PATH_LIMIT:
        raise Refused(
            f"the socket path {path} is longer than {SOCKET_PATH_LIMIT} bytes",
            hint="Use a shorter state folder, or set XDG_RUNTIME_DIR.",
        )
    _clear(path)
    before = os.umask(0o177)
    try:
        door = _Door(str(path), _Line)
    except OSError as error:
        raise Refused(
            f"cannot listen on {path}: {error.strerror}",
            hint="The folder of the socket must exist and be writable.",
        ) from None
    finally:
        os.umask(before)
    door.backend = backend
    door.trace = trace
    return door


def _clear(path: Path) -> None:
    """Remove the socket file of a dead engine; a live one keeps it."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
        except OSError:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            return
    raise Refused(
        f"another engine already serves {path}",
        hint="Run `deployctl sandbox status`, or `deployctl sandbox down` first.",
    )
