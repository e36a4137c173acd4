"""Addresses for tasks: each gets its own of 127/8, or a free port where only 127.0.0.1 exists."""

import contextlib
import fcntl
import hashlib
import os
import socket
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from deployctl.sandbox.engine.wire import Refusal

LOOPBACK = "127.0.0.1"
_HOSTS = 250  # host numbers used of each octet, 2..251
_TRIES = 20
_OCTETS = range(64, 251)


def bindable(address: str, port: int = 0) -> bool:
    """Whether a listener may open here now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def answers(address: str, port: int) -> bool:
    """Whether somebody listens here."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((address, port)) == 0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Octet:
    """This sandbox's own 127.X: held by a file lock, so that two sandboxes never share one."""

    def __init__(self, root: Path, wanted: int | None = None) -> None:
        self._lock: IO[bytes] | None = None
        if wanted is not None:
            self.number = wanted
            return
        folder = Path(tempfile.gettempdir()) / f"deployctl-octets-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        first = hashlib.sha256(f"{os.getuid()}:{root}".encode()).digest()[0]
        for step in range(len(_OCTETS)):
            number = _OCTETS[(first + step) % len(_OCTETS)]
            if lock := _locked(folder / str(number)):
                self._lock, self.number = lock, number
                return
        raise Refusal(500, "every 127.X is taken by another sandbox")

    def release(self) -> None:
        """Let another sandbox have it; the end of the process does the same."""
        if self._lock is not None:
            self._lock.close()


def _locked(path: Path) -> IO[bytes] | None:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


class Addresses:
    """Gives each task (not each container: sidecars meet on it) an address of its octet.

    An address is not used again soon, because the cloud's list of targets knows only addresses;
    `memory` carries the count over a restart.
    """

    def __init__(self, octet: Octet, memory: Path) -> None:
        self._octet = octet  # held as long as addresses of it are given out
        self._memory = memory
        self._lock = threading.Lock()
        self._held: dict[str, str] = {}
        self._count = 0
        with contextlib.suppress(OSError, ValueError):
            self._count = int(memory.read_text())

    def take(self, task: str, ports: Iterable[int]) -> str:
        """The task's address; a new one is free on all `ports`. Raises Refusal."""
        with self._lock:
            if task in self._held:
                return self._held[task]
            wanted = tuple(ports)
            taken: list[int] = []
            for _ in range(_TRIES):
                address = self._next()
                taken = [port for port in wanted if not bindable(address, port)]
                if not taken:
                    self._held[task] = address
                    return address
        raise Refusal(
            500,
            f"port {taken[0]} is taken on every address of this machine: some program listens on "
            f"0.0.0.0:{taken[0]}; a task in the sandbox must listen on $HOST only",
        )

    def hold(self, task: str, address: str) -> None:
        """Remember an address that a container of an earlier engine had."""
        with self._lock:
            self._held[task] = address

    def give_back(self, task: str) -> None:
        """The task is gone."""
        with self._lock:
            self._held.pop(task, None)

    def everywhere(self, port: int) -> bool:
        """Whether somebody listens on all addresses: an address of nobody answers."""
        return answers(f"127.{self._octet.number}.255.254", port)

    def _next(self) -> str:
        self._count += 1
        self._memory.write_text(str(self._count))
        third, fourth = divmod(self._count, _HOSTS)
        return f"127.{self._octet.number}.{third % _HOSTS}.{fourth + 2}"


def has_own_addresses(octet: int) -> bool:
    """Whether this machine has all of 127/8 (Linux) or only 127.0.0.1 (macOS)."""
    return bindable(f"127.{octet}.0.2")
