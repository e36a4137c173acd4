"""Ports on loopback: a free one, or the one a person asked for."""

import errno
import socket

from deployctl.model.errors import CheckFailed

_HIGHEST = 65535


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on at this moment, chosen by the system."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def claim(port: int, host: str = "127.0.0.1") -> int:
    """Return `port` when it can be used.

    Raises CheckFailed naming the port and the cure when it is taken or not allowed.
    """
    if not 0 < port <= _HIGHEST:
        raise CheckFailed(
            f"{port} is not a port", hint=f"Choose a number from 1024 to {_HIGHEST}: --port N"
        )
    with socket.socket() as probe:
        # what still lingers from a closed connection does not hinder a server either
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = {
                errno.EADDRINUSE: "another program listens there",
                errno.EACCES: "only root may use it",
            }.get(error.errno or 0, str(error))
            raise CheckFailed(
                f"the sandbox cannot use port {port} on {host}: {why}",
                hint=f"End that program (ss -ltnp 'sport = :{port}' names it), choose another "
                "port with --port N, or leave --port out and a free one is taken.",
            ) from error
    return port
