"""A stand-in for a Docker-compatible engine on a unix socket that answers by a table."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

Table = dict[str, tuple[int, str]]


class FakeDockerEngine:
    """`answers` maps "METHOD /path" to (status, body); all else is 404. `asked` is what came."""

    def __init__(self, answers: Table) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def reply(self, call: str) -> tuple[int, str]:
        """Note the call and look up its answer."""
        self.asked.append(call)
        return self.answers.get(call.partition("?")[0], (404, '{"message":"no such thing"}'))


@contextmanager
def listening(engine: FakeDockerEngine, path: Path) -> Iterator[str]:
    """Let the fake serve the socket at `path`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = engine.reply(f"{self.command} {self.path}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_DELETE = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_words: object) -> None:
            """Stay silent."""

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield str(path)
        finally:
            server.shutdown()
            thread.join()
