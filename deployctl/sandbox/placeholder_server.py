"""Answers every request until the first release: runs alone inside the placeholder image."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType

BODY = b"placeholder: nothing released yet\n"


class Placeholder(BaseHTTPRequestHandler):
    """Says 200 to all paths and methods, whatever is asked."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """The one answer."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(BODY)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def log_message(self, *_words: object) -> None:
        """Stay silent: a health check every few seconds is no news."""


def stop(_number: int, _frame: FrameType | None) -> None:
    """End at once; nobody waits for a placeholder's answer."""
    sys.exit(0)


def main() -> None:
    """Serve until told to stop."""
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    address = (os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080")))  # noqa: S104 - a container's own network
    ThreadingHTTPServer.request_queue_size = 256
    ThreadingHTTPServer(address, Placeholder).serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
