"""Ends processes that a dead engine left behind, and only those: by exact mark or exact birth."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_ROUNDS = 5


def birth(pid: int) -> str:
    """When a process began, as the system counts it; "" when it is gone or a zombie.

    A pid alone may have been given to a stranger since; pid and birth together may not.
    """
    if _PROC.joinpath("self").exists():
        return _proc_birth(pid)
    done = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - ps has no fixed place
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _proc_birth(pid: int) -> str:
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces
    state, started = fields[0], fields[19]
    return "" if state in "ZX" else started


def marked(name: str, value: str) -> list[int]:
    """The processes whose environment holds exactly `name=value` (none where /proc is missing)."""
    wanted = f"{name}={value}".encode()
    found = []
    for entry in _PROC.glob("[0-9]*") if _PROC.is_dir() else ():
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def kill_group(pid: int, number: int = signal.SIGKILL) -> None:
    """Signal the group that a task leads."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def kill_all(pids: Iterable[int]) -> int:
    """SIGKILL to each; how many were there."""
    count = 0
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
            count += 1
    return count


def kill_marked(name: str, value: str) -> int:
    """End every process with the mark, also those that are born while we look; how many."""
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        found = marked(name, value)
        if not kill_all(found):
            break
        ended.update(found)
    return len(ended)
