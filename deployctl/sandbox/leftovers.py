"""Clears away what a sandbox that did not end in order has left on the machine."""

import shutil
import signal
from contextlib import suppress
from pathlib import Path

from deployctl.model.errors import DeployError
from deployctl.sandbox import engine_part, ministack, postgres, process
from deployctl.sandbox.docker_socket import DockerSocket
from deployctl.sandbox.process import Process
from deployctl.sandbox.seed import withdraw
from deployctl.sandbox.state import State, forget, load

# MiniStack first: it stops its tasks through the engine. PostgreSQL last: tasks use it.
# INT makes PostgreSQL cut its sessions and end in order.
ENDING = (
    (ministack.NAME, signal.SIGTERM, 30.0),
    (engine_part.NAME, signal.SIGTERM, 20.0),
    (postgres.NAME, signal.SIGINT, 10.0),
)


def end_all(root: Path) -> list[str]:
    """End every process and container of the sandbox at `root` and forget it.

    Returns a sentence about each thing that had to be forced or swept up. Only what is
    provably ours is touched: a recorded process by its birth, others by their environment,
    containers by their label.
    """
    state = load(root)
    notes = _end_recorded(state.processes) if state else []
    swept = _sweep(root)
    if swept:
        notes.append(f"ended {swept} process(es) that had outlived their sandbox")
    if state:
        notes += _remove_containers(root, state)
        withdraw(state)
    forget(root, state)
    for folder in postgres.folders_of(root):
        shutil.rmtree(folder, ignore_errors=True)
    return notes


def _end_recorded(processes: dict[str, Process]) -> list[str]:
    notes: list[str] = []
    for name, by, seconds in ENDING:
        one = processes.get(name)
        if one and not process.end(one, by=by, seconds=seconds):
            notes.append(f"{name} did not end within {seconds:g} s and was killed")
    return notes


def _sweep(root: Path) -> int:
    """Kill what carries the sandbox's mark; new ones may be born meanwhile, so look again."""
    ended: set[int] = set()
    for _ in range(5):
        found = [*process.marked(root), *process.marked(engine_part.home(root))]
        if not found:
            break
        for one in found:
            process.kill(one)
            ended.add(one.pid)
    return len(ended)


def _remove_containers(root: Path, state: State) -> list[str]:
    if not state.docker:
        return []
    label = f"{engine_part.LABEL}={engine_part.home(root)}"
    with suppress(DeployError):
        number = DockerSocket(state.docker).remove_containers(label)
        return [f"removed {number} container(s) that had outlived their sandbox"] * bool(number)
    return [f"the container engine at {state.docker} does not answer: its containers may remain"]
