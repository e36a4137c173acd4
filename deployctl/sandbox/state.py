"""What a sandbox has written down about itself, and the lock under which it is changed."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from deployctl.model.errors import CheckFailed
from deployctl.sandbox.facts import Backend
from deployctl.sandbox.patience import until
from deployctl.sandbox.process import Process

_SOCKET_LIMIT = 104  # bytes of a unix socket's path on macOS; Linux has 108
_FORMAT = 1
_LOCK = "deployctl-sandbox.lock"  # also the mark of a folder that is ours


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The record of one sandbox. `docker`: the real engine's socket, "" without one.

    `folders` are outside the root and belong to this sandbox alone. `ready`: `up` came to its end.
    """

    port: int
    backend: Backend
    docker: str
    socket: Path
    folders: tuple[Path, ...] = ()
    postgres_port: int | None = None
    postgres_data: Path | None = None
    password: str = ""
    processes: dict[str, Process] = field(default_factory=dict)
    ready: bool = False

    def with_process(self, name: str, process: Process) -> "State":
        """The same record with one more process."""
        return replace(self, processes={**self.processes, name: process})


def default_root() -> Path:
    """$XDG_STATE_HOME/deployctl/sandbox, or ~/.local/state/deployctl/sandbox."""
    home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "deployctl" / "sandbox"


def make_root(root: Path) -> Path:
    """Create the state folder for its owner alone and return its full path.

    Raises CheckFailed when it cannot be made, belongs to someone else, or holds other things.
    """
    root = root.expanduser().resolve()
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if root.stat().st_uid != os.geteuid():
            raise CheckFailed(
                f"the sandbox folder {root} belongs to another user",
                hint="Choose a folder of your own: deployctl sandbox up --root DIR",
            )
        if any(root.iterdir()) and not is_root(root):
            raise CheckFailed(
                f"the folder {root} holds other things than a sandbox",
                hint="Choose an empty or a new one: deployctl sandbox up --root DIR",
            )
        root.chmod(0o700)
        root.joinpath(_LOCK).touch()
        for name in ("home", "tmp", "log"):
            root.joinpath(name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CheckFailed(
            f"the sandbox folder {root} cannot be used: {error.strerror}",
            hint="Choose another folder: deployctl sandbox up --root DIR",
        ) from error
    return root


def is_root(root: Path) -> bool:
    """The folder is a sandbox's: only then may anything in it be removed."""
    return root.joinpath(_LOCK).is_file()


@contextmanager
def locked(root: Path, *, seconds: float = 60) -> Iterator[None]:
    """Hold the sandbox while it is changed; the lock falls with the process that holds it.

    Raises CheckFailed when another command does not let go in time.
    """
    with root.joinpath(_LOCK).open("ab") as file:
        if not until(lambda: _try_lock(file.fileno()), seconds=seconds):
            raise CheckFailed(
                f"another command is at work on the sandbox in {root} since {seconds:g} s",
                hint="Wait for it, or end it (it is another `deployctl sandbox`), and try again.",
            )
        yield


def _try_lock(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def save(root: Path, state: State) -> None:
    """Write the record so that a reader sees the old one or the new one, never a half."""
    fresh = root / "sandbox.json.new"
    text = json.dumps(asdict(state) | {"format": _FORMAT}, default=str, indent=1)
    with fresh.open("w") as file:
        os.fchmod(file.fileno(), 0o600)  # it holds the database's password
        file.write(text + "\n")
    fresh.replace(root / "sandbox.json")


def load(root: Path) -> State | None:
    """The record, or None when there is none or it cannot be read."""
    try:
        raw = json.loads(root.joinpath("sandbox.json").read_text())
        return _parsed(raw) if raw.pop("format") == _FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _parsed(raw: dict[str, Any]) -> State:
    raw["socket"] = Path(raw["socket"])
    raw["folders"] = tuple(Path(folder) for folder in raw["folders"])
    raw["postgres_data"] = Path(raw["postgres_data"]) if raw["postgres_data"] else None
    raw["processes"] = {name: Process(**one) for name, one in raw["processes"].items()}
    return State(**raw)


def forget(root: Path, state: State | None) -> None:
    """Remove all that the sandbox kept except its logs; without a record, what is in its root."""
    with suppress(OSError):  # what the engine wrote itself belongs to them
        root.joinpath("engine", "engine.log").rename(root / "log" / "engine.detail.log")
    inside = [root / name for name in ("engine", "postgres", "home", "tmp")]
    for folder in (*(state.folders if state else ()), *inside):
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("docker.sock", "sandbox.json", "sandbox.json.new"):
        root.joinpath(name).unlink(missing_ok=True)


def socket_folder(root: Path) -> Path:
    """A folder for the engine's socket whose path is short enough for every system.

    The root itself when it is short; else a fresh folder of ours in the runtime folder or /tmp.
    """
    if len(os.fsencode(root / "docker.sock")) < _SOCKET_LIMIT:
        return root
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for base in filter(None, (runtime, "/tmp")):  # noqa: S108 - mkdtemp makes it ours alone
        with suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="deployctl-", dir=base))
            if len(os.fsencode(folder / "docker.sock")) < _SOCKET_LIMIT:
                return folder
            folder.rmdir()
    raise CheckFailed(
        "there is no folder with a path short enough for the engine's socket",
        hint="Choose a shorter one: deployctl sandbox up --root DIR",
    )
