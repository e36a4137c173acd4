"""Answer every request with "opening soon", until the first release takes over."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

WORDS = b"The shop opens soon.\n"


class OpeningSoon(BaseHTTPRequestHandler):
    """The health check is answered like everything else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(WORDS)))
        self.end_headers()
        self.wfile.write(WORDS)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingTCPServer):
    """Binds again at once after a restart."""

    allow_reuse_address = True
    daemon_threads = True


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
where = os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))
with Server(where, OpeningSoon) as server:
    print(f"placeholder listens on {where[0]}:{where[1]}", flush=True)
    server.serve_forever(poll_interval=0.05)
