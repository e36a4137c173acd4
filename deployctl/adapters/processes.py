"""Runs other programs: the one place that does, from argument lists, under a time limit."""

import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deployctl.model.errors import CheckFailed, Unanswered

_TAIL: Final = 200
_GRACE: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a program ended. `lines` are its last lines, standard error in with the output."""

    code: int
    lines: tuple[str, ...]


class Processes:
    """Starts programs with exactly this environment; `stop` ends all that still run.

    Every program leads its own process group, so that Ctrl-C in the terminal reaches us alone
    and nothing it started outlives it.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = dict(environ)
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def where(self, program: str) -> tuple[str, ...]:
        """All programs of that name on the PATH, first come first; /bin and /usr/bin may be one."""
        folders = [name for name in self.environ.get("PATH", "").split(os.pathsep) if name]
        found = (shutil.which(program, path=folder) for folder in folders)
        paths: dict[Path, str] = {}
        for path in filter(None, found):
            paths.setdefault(Path(path).resolve(), path)
        return tuple(paths.values())

    def run(
        self,
        argv: Sequence[str],
        *,
        seconds: float,
        extra: Mapping[str, str] | None = None,
        each: Callable[[str], None] | None = None,
        cwd: Path | None = None,
    ) -> Ran:
        """Run to the end; `each` hears every line as it comes.

        `extra` is added to the environment. Any exit code is an answer. Raises Unanswered after
        `seconds`, CheckFailed when the program cannot be started.
        """
        process = self._start(argv, {**self.environ, **(extra or {})}, cwd)
        late = threading.Event()
        timer = threading.Timer(seconds, _end_late, (process, late))
        timer.daemon = True
        timer.start()
        try:
            lines = _read(process, each)
            code = process.wait()
        finally:
            timer.cancel()
            self._forget(process)
        if late.is_set():
            raise Unanswered(
                f"{Path(argv[0]).name} was stopped after {seconds:.0f} s without an end"
                + "".join(f"\n  {line}" for line in lines[-20:]),
                hint="Look at its last lines; is the engine busy, or the network gone?",
            )
        return Ran(code=code, lines=lines)

    def stop(self) -> None:
        """End everything that runs; nothing new starts after this. Any thread may call it."""
        with self._lock:
            self._stopped = True
            running = tuple(self._running)
        for process in running:
            _end(process)

    def _start(
        self, argv: Sequence[str], environ: Mapping[str, str], cwd: Path | None
    ) -> "subprocess.Popen[str]":
        with self._lock:
            if self._stopped:
                raise CheckFailed(f"{Path(argv[0]).name} was not started: the run is stopping")
            try:
                process = subprocess.Popen(
                    list(argv),
                    env=environ,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    start_new_session=True,
                )
            except OSError as error:
                raise CheckFailed(
                    f"could not start {argv[0]}: {error.strerror}", hint="Is it installed?"
                ) from error
            self._running.add(process)
            return process

    def _forget(self, process: "subprocess.Popen[str]") -> None:
        if process.poll() is None:
            _end(process)
        if process.stdout:
            process.stdout.close()
        with self._lock:
            self._running.discard(process)


def _read(process: "subprocess.Popen[str]", each: Callable[[str], None] | None) -> tuple[str, ...]:
    lines: deque[str] = deque(maxlen=_TAIL)
    for raw in process.stdout or ():
        line = raw.rstrip("\r\n")
        lines.append(line)
        if each:
            each(line)
    return tuple(lines)


def _end_late(process: "subprocess.Popen[str]", late: threading.Event) -> None:
    late.set()
    _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    """Ask the whole group to end, then make it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            return
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            continue
