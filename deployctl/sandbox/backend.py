"""Decides whether tasks run in containers or as plain processes."""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from deployctl.model.errors import CheckFailed, DeployError
from deployctl.sandbox.docker_socket import DockerSocket, local_sockets
from deployctl.sandbox.facts import Backend, Choice

NOT_ISOLATED = (
    "Tasks run as plain processes of this machine, not isolated from it or from each other: "
    "release only images you built yourself."
)


def choose(
    choice: Choice,
    say: Callable[[str], None],
    sockets: Callable[[], Sequence[str]] = local_sockets,
) -> tuple[Backend, str]:
    """(backend, socket of the container engine or ""); `sockets` lists where to look for one.

    `auto` takes containers when a usable engine answers. Says once what was chosen and why.
    Raises CheckFailed when containers were asked for and cannot be had.
    """
    if choice == "processes":
        say(NOT_ISOLATED)
        return "processes", ""
    path, why_not = usable_engine(sockets())
    if path:
        say(f"Tasks run in containers of the engine at {path}.")
        return "containers", path
    if choice == "containers":
        raise CheckFailed(
            f"the sandbox cannot run containers: {why_not}",
            hint="Start a container engine, or: deployctl sandbox up --backend processes",
        )
    say(f"No containers: {why_not}. {NOT_ISOLATED}")
    return "processes", ""


def usable_engine(sockets: Sequence[str]) -> tuple[str, str]:
    """(socket, "") of an engine whose containers this machine can reach, else ("", why not)."""
    if sys.platform != "linux":
        return "", "only on Linux can this machine reach the addresses of containers"
    why_not = "no Docker-compatible engine answers on this machine"
    for path in sockets:
        engine = DockerSocket(path)
        if not engine.answers():
            if Path(path).exists() and not os.access(path, os.R_OK | os.W_OK):
                why_not = f"this user may not use the engine at {path}"
            continue
        try:
            gateway = engine.gateway()
        except DeployError as error:
            why_not = str(error)
            continue
        if _is_ours(gateway):
            return path, ""
        why_not = f"the containers of the engine at {path} are not on a network of this machine"
    return "", why_not


def _is_ours(address: str) -> bool:
    """The address belongs to this machine: a socket can be bound to it."""
    if not address:
        return False
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
