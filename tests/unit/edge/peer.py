"""A raw TCP peer on loopback that answers each connection as the test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Serve = Callable[[socket.socket], None]
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def serving(serve: Serve, host: str = "127.0.0.1") -> Iterator[int]:
    """A raw TCP server that gives each connection to `serve`."""
    listener = socket.create_server((host, 0))
    listener.settimeout(0.05)
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(5)
            with connection:
                try:
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run)
    thread.start()
    yield int(listener.getsockname()[1])
    over.set()
    thread.join()
    listener.close()


def head(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(4096)
        if not more:
            break
        got += more
    return got


def polite(connection: socket.socket) -> None:
    head(connection)
    connection.sendall(GOOD)
