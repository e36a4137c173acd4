"""One container as a local process: created, running, exited; started, stopped, watched."""

import logging
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from deployctl.sandbox.engine.launch import CONTAINER_MARK
from deployctl.sandbox.engine.logs import STDERR, STDOUT, Log
from deployctl.sandbox.engine.records import CREATED, EXITED, RUNNING, Record, Records
from deployctl.sandbox.engine.sweep import birth, kill_group, kill_marked
from deployctl.sandbox.engine.wire import Refusal

LOG = logging.getLogger(__name__)
_PIPE_PATIENCE = 0.2  # seconds: a child in its own session may hold the pipe for ever
_KILL_PATIENCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to run: argv, whole environment, folder, and as whom (None: as ourselves)."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    user: tuple[int, int] | None = None
    stop_signal: int = signal.SIGTERM


class Container:
    """The state machine of one container. Every change is on disk before anybody hears of it."""

    def __init__(self, record: Record, launch: Launch | None, records: Records) -> None:
        self._record = record
        self._launch = launch
        self._records = records
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self.log = Log(records.folder(record.id) / "log")
        self.log.path.touch()
        records.save(record)

    @property
    def record(self) -> Record:
        """The facts as they are now."""
        return self._record

    @property
    def launch(self) -> Launch | None:
        """What it runs; None for a container of an earlier engine."""
        return self._launch

    @property
    def running(self) -> bool:
        """Whether the main process runs."""
        return self._record.state == RUNNING

    def start(self) -> bool:
        """Start the process; False when it was started before. Raises Refusal."""
        with self._changed:
            if self._record.state != CREATED or self._launch is None:
                return False
            process = _spawn(self._launch)
            self._process = process
            self._become(
                state=RUNNING, pid=process.pid, born=birth(process.pid), started=timestamp()
            )
        pumps = [
            _thread(f"pump-{stream}", self.log.pump, stream, pipe)
            for stream, pipe in ((STDOUT, process.stdout), (STDERR, process.stderr))
        ]
        _thread("watch", self._watch, process, pumps)
        return True

    def stop(self, seconds: float) -> None:
        """The stop ladder: the image's signal, `seconds` of time, then SIGKILL for the group."""
        process, launch = self._process, self._launch
        if process is None or launch is None or not self.running:
            return
        LOG.info("container %s: signal %d", self._record.id[:12], launch.stop_signal)
        process.send_signal(launch.stop_signal)
        if not self.wait(seconds):
            LOG.info("container %s: SIGKILL after %g s", self._record.id[:12], seconds)
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the process group, and wait until it is gone."""
        if self._process is not None and self.running:
            kill_group(self._process.pid)
            self.wait(_KILL_PATIENCE)

    def wait(self, seconds: float | None) -> bool:
        """Wait until the container has ended; False when it still runs after `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.running, seconds)

    def _become(self, **changes: object) -> None:
        with self._changed:
            self._record = replace(self._record, **changes)  # type: ignore[arg-type] # field names
            self._records.save(self._record)
            self._changed.notify_all()

    def _watch(self, process: subprocess.Popen[bytes], pumps: list[threading.Thread]) -> None:
        """Wait for the main process; end what it left behind, as a container's end does."""
        status = process.wait()
        kill_group(process.pid)
        kill_marked(CONTAINER_MARK, self._record.id)
        for pump in pumps:
            pump.join(_PIPE_PATIENCE)
        self.log.close()
        code = status if status >= 0 else 128 - status
        LOG.info("container %s: exited %d", self._record.id[:12], code)
        self._become(state=EXITED, exit_code=code, finished=timestamp())


def _spawn(launch: Launch) -> subprocess.Popen[bytes]:
    user, group = launch.user or (None, None)
    try:
        return subprocess.Popen(
            launch.argv,
            cwd=launch.cwd,
            env=dict(launch.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the user's terminal is not for the tasks
            user=user,
            group=group,
            extra_groups=[] if launch.user else None,
        )
    except (OSError, ValueError) as error:
        raise Refusal(400, f'failed to create task: exec: "{launch.argv[0]}": {error}') from None


def signal_number(text: str) -> int:
    """An image's StopSignal ("SIGQUIT", "QUIT" or "3") as a number; SIGTERM when it has none."""
    if text.isdigit():
        return int(text)
    name = text if text.startswith("SIG") else f"SIG{text}"
    found = signal.Signals.__members__.get(name)
    return int(found) if found is not None else int(signal.SIGTERM)


def timestamp() -> str:
    """Now, as the Docker API writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def own_user(uid: str, gid: str, *, python: str, folder: Path) -> tuple[int, int] | None:
    """Whom to run tasks as: under sudo the person who called it, if they can run Python there."""
    if os.geteuid() != 0 or not uid.isdigit() or int(uid) == 0:
        return None
    user = int(uid), int(gid) if gid.isdigit() else int(uid)
    try:
        subprocess.run(
            [python, "-c", ""],
            user=user[0],
            group=user[1],
            extra_groups=[],
            cwd=folder,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        LOG.warning("tasks cannot run as uid %d: %s", user[0], error)
        return None
    return user


def _thread(name: str, target: object, *args: object) -> threading.Thread:
    thread = threading.Thread(name=name, target=target, args=args, daemon=True)  # type: ignore[arg-type] # any callable
    thread.start()
    return thread
