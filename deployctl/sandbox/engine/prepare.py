"""Makes a container ready to run here: its copy of the image, command line and environment."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployctl.sandbox.engine.images import Image
from deployctl.sandbox.engine.launch import (
    CONTAINER_MARK,
    ROOT_MARK,
    Host,
    Place,
    command_line,
    environment,
    working_dir,
)
from deployctl.sandbox.engine.processes import Launch, signal_number
from deployctl.sandbox.engine.records import Record
from deployctl.sandbox.engine.taskinfo import Task

_LOOK_SECONDS = 5.0  # for one run of a health check command


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to run: the image, the task, and the create call's own body."""

    image: Image
    task: Task
    wish: Mapping[str, Any]


def prepare(
    record: Record,
    order: Order,
    *,
    folder: Path,
    root: Path,
    host: Host,
    user: tuple[int, int] | None,
) -> Launch:
    """Copy the image below `folder` and work out the launch. Raises Refusal."""
    image, task, wish = order.image, order.task, order.wish
    rootfs = folder / "rootfs"
    shutil.copytree(image.rootfs, rootfs, symlinks=True)
    (rootfs / "tmp").mkdir(exist_ok=True)
    place = Place(
        rootfs=rootfs,
        address=record.address,
        ports=ports_of(record),
        hostname=record.id[:12],
        marks={ROOT_MARK: str(root), CONTAINER_MARK: record.id},
    )
    env = environment(image.words("Env"), tuple(wish.get("Env") or ()), place, host)
    cwd = working_dir(
        place, task.working_dir, str(wish.get("WorkingDir") or ""), image.text("WorkingDir")
    )
    if user is not None:
        _hand_over(folder, user)
    return Launch(
        argv=command_line(words_of(order), env=env, cwd=cwd, place=place, host=host),
        env=env,
        cwd=cwd,
        user=user,
        stop_signal=signal_number(image.text("StopSignal")),
    )


def words_of(order: Order) -> tuple[str, ...]:
    """Entrypoint and command; the image's command does not follow a task's own entry point."""
    task, wish, image = order.task, order.wish, order.image
    entry_point = task.entry_point or _list(wish.get("Entrypoint")) or image.words("Entrypoint")
    command = _list(wish.get("Cmd"))
    if not command and task.entry_point is None:
        command = image.words("Cmd")
    return (*entry_point, *command)


def run_beside(launch: Launch, address: str, words: tuple[str, ...]) -> int:
    """Run a health check command in a container's environment; localhost means its address."""
    here = [word.replace("localhost", address).replace("127.0.0.1", address) for word in words]
    try:
        done = subprocess.run(
            here,
            cwd=launch.cwd,
            env=dict(launch.env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LOOK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1
    except OSError:
        return 127
    return done.returncode


def ports_of(record: Record) -> dict[int, int]:
    """Container port → port on this machine."""
    return {int(inside): outside for inside, outside in record.ports.items()}


def _list(value: str | Iterable[str] | None) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _hand_over(folder: Path, user: tuple[int, int]) -> None:
    """The task's files belong to whom it runs as."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            shutil.chown(path, *user)
