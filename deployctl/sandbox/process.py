"""Processes we started: their identity across restarts of ourselves, and how they are ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deployctl.model.errors import CheckFailed
from deployctl.sandbox.patience import until

MARK = "DEPLOYCTL_SANDBOX_ROOT"
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process and the moment it was born: together they name it once and for all.

    `born` is opaque: compare it, never read it. `since` is the wall clock, seconds.
    """

    pid: int
    born: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to start one part. `user`: None as ourselves, else (uid, gid)."""

    argv: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    log: Path
    user: tuple[int, int] | None = None


def start(launch: Launch) -> Process:
    """Start a process that outlives us, in a session of its own (a Ctrl-C does not reach it).

    Raises CheckFailed when the program cannot be started.
    """
    uid, gid = launch.user or (None, None)
    try:
        with launch.log.open("wb") as log:
            child = subprocess.Popen(
                list(launch.argv),
                env=dict(launch.environ),
                cwd=launch.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=uid,
                group=gid,
                extra_groups=[] if launch.user else None,
            )
    except OSError as error:
        raise CheckFailed(
            f"the sandbox cannot start {launch.argv[0]}: {error}",
            hint="Install the sandbox's parts: pip install 'deployctl[sandbox]'",
        ) from error
    child.returncode = 0  # it is meant to outlive us: Popen shall not mourn it
    return Process(pid=child.pid, born=birth(child.pid), since=time.time())


def birth(pid: int) -> str:
    """When process `pid` began, as a word that no later process of that number repeats.

    "" when there is no such process, or only its corpse (a zombie).
    """
    if not _PROC.joinpath("self/stat").exists():
        return _birth_by_ps(pid)
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_text(errors="replace")
        boot = _PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()  # the name before may hold anything
    return "" if state in "ZX" else f"{boot}/{fields[18]}"  # proc(5): starttime


def _birth_by_ps(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],  # noqa: S607 - where ps is differs
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, began = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else began.strip()


def alive(process: Process) -> bool:
    """The very process we started still runs."""
    with suppress(ChildProcessError):  # bury it when it is our own child
        os.waitpid(process.pid, os.WNOHANG)
    return process.born != "" and birth(process.pid) == process.born


def end(process: Process, *, by: signal.Signals, seconds: float) -> bool:
    """Ask a process to end, wait for it, and kill it (its whole group) when it does not.

    True: it ended by itself. Nothing is done when it is gone already.
    """
    if not alive(process):
        return True
    with suppress(ProcessLookupError):
        os.kill(process.pid, by)
    if until(lambda: not alive(process), seconds=seconds):
        return True
    kill(process)
    return False


def kill(process: Process) -> None:
    """End a process and its group at once."""
    if not alive(process):
        return
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        os.kill(process.pid, signal.SIGKILL)
    until(lambda: not alive(process), seconds=5)


def marked(root: Path) -> Iterator[Process]:
    """Processes of the sandbox at `root` that no record names (found by their environment).

    Only where /proc exists; elsewhere nothing is found and the records have to do.
    """
    mark = f"{MARK}={root}".encode()
    for folder in _PROC.glob("[0-9]*"):
        pid = int(folder.name)
        try:
            environ = folder.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in environ and pid != os.getpid():
            yield Process(pid=pid, born=birth(pid), since=time.time())


def clean_environ(root: Path, **more: str) -> dict[str, str]:
    """What a part may know of our environment: where programs are, the language, its own home.

    The user's AWS keys, proxies and endpoints stay outside.
    """
    kept = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "LD_LIBRARY_PATH", "TZ")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    return environ | {
        MARK: str(root),
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def python(*argv: str) -> list[str]:
    """Our own interpreter; -P: a file in the working folder never shadows a module."""
    return [sys.executable, "-P", *argv]
