"""A port that nobody uses at the moment."""

import socket


def free_port() -> int:
    """Chosen by the system, on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
