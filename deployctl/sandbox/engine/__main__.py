"""The engine as a process: `python -m deployctl.sandbox.engine --root … --socket … --aws …`."""

import argparse
import fcntl
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from deployctl.model.errors import DeployError, Refused
from deployctl.sandbox.engine.api import open_door
from deployctl.sandbox.engine.containers import ContainerEngine
from deployctl.sandbox.engine.entrance import Rules
from deployctl.sandbox.engine.images import Images
from deployctl.sandbox.engine.launch import Host
from deployctl.sandbox.engine.net import LOOPBACK, Addresses, Octet, bindable, has_own_addresses
from deployctl.sandbox.engine.places import OneAddress, OwnAddresses, Places
from deployctl.sandbox.engine.processes import own_user
from deployctl.sandbox.engine.registry import Registry
from deployctl.sandbox.engine.relay import Relay
from deployctl.sandbox.engine.routes import ProcessEngine
from deployctl.sandbox.engine.taskinfo import Cloud
from deployctl.sandbox.engine.tasks import Ground, Tasks
from deployctl.sandbox.engine.upstream import Upstream
from deployctl.sandbox.engine.wire import Backend, Refusal

LOG = logging.getLogger("deployctl.sandbox.engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line, read."""

    root: Path
    socket: Path
    aws_port: int
    backend: str
    docker: Path
    rules: Rules
    octet: int | None
    relay: bool
    expose: tuple[int, ...]
    trace: bool


def read_options(words: Sequence[str]) -> Options:
    """The options, or argparse's own exit with usage."""
    say = argparse.ArgumentParser(prog="python -m deployctl.sandbox.engine", description=__doc__)
    say.add_argument("--root", type=Path, required=True, help="state folder of the engine")
    say.add_argument("--socket", type=Path, required=True, help="unix socket to serve")
    say.add_argument("--aws", required=True, help="the embedded cloud, http://127.0.0.1:PORT")
    say.add_argument("--backend", choices=("processes", "containers"), required=True)
    say.add_argument("--docker", default="unix:///var/run/docker.sock", help="the real engine")
    say.add_argument("--no-gate", action="store_true", help="let tasks in unready")
    say.add_argument("--gate-seconds", type=float, default=10.0)
    say.add_argument("--drain", type=float, default=0.5, help="seconds before the stop signal")
    say.add_argument("--octet", type=int, default=None, help="tasks live on 127.OCTET.n.m")
    say.add_argument("--relay", action="store_true", help="use 127.0.0.1 and a relay only")
    say.add_argument(
        "--expose",
        type=int,
        action="append",
        default=[],
        metavar="PORT",
        help="a port of 127.0.0.1 that containers may reach",
    )
    say.add_argument("--trace", action="store_true", help="write each call to trace.jsonl")
    said = say.parse_args(words)
    return Options(
        root=said.root.absolute(),
        socket=said.socket.absolute(),
        aws_port=urlsplit(said.aws).port or 80,
        backend=said.backend,
        docker=Path(said.docker.removeprefix("unix://")),
        rules=Rules(gate=not said.no_gate, gate_seconds=said.gate_seconds, drain=said.drain),
        octet=said.octet,
        relay=said.relay,
        expose=(urlsplit(said.aws).port or 80, *said.expose),
        trace=said.trace,
    )


def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises Refused when it cannot begin."""
    options.root.mkdir(parents=True, exist_ok=True, mode=0o755)
    lock = _hold(options.root / "lock")
    logging.basicConfig(
        filename=options.root / "engine.log",
        level=logging.INFO,
        format="%(asctime)s.%(msecs)03d %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    told = _pipe_of_signals()  # before the door opens: whoever sees it open may close it
    trace = (options.root / "trace.jsonl").open("a", buffering=1) if options.trace else None
    try:
        backend = _processes(options) if options.backend == "processes" else _containers(options)
    except Refusal as refusal:
        raise Refused(
            f"the sandbox engine cannot start: {refusal.message}",
            hint="Is the container engine running? `--backend processes` needs none.",
        ) from None
    door = open_door(options.socket, backend, trace.write if trace is not None else None)
    LOG.info("serving %s on %s, pid %d", options.backend, options.socket, os.getpid())
    threading.Thread(target=door.serve_forever, args=(0.05,), name="door", daemon=True).start()
    os.read(told, 1)
    LOG.info("told to end")
    door.shutdown()
    door.server_close()
    options.socket.unlink(missing_ok=True)
    backend.close()
    LOG.info("ended")
    lock.close()


def _pipe_of_signals() -> int:
    """A pipe to read from: SIGTERM and SIGINT write to it.

    The interpreter's own handler writes, at once. A Python handler would wait for the main
    thread's next step, and the main thread may have just begun to wait for the pipe.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return reading


def _processes(options: Options) -> Backend:
    octet = Octet(options.root, options.octet)
    own = not options.relay and has_own_addresses(octet.number)
    places: Places = (
        OwnAddresses(Addresses(octet, options.root / "addresses")) if own else OneAddress(Relay())
    )
    LOG.info("tasks live on %s", f"127.{octet.number}.*" if own else "127.0.0.1, relayed")
    user = own_user(
        os.environ.get("SUDO_UID", ""),
        os.environ.get("SUDO_GID", ""),
        python=sys.executable,
        folder=options.root,
    )
    if user is None and os.geteuid() == 0:
        LOG.warning("tasks run as root on this machine: they are not isolated")
    images = Images(options.root / "images", Registry(options.aws_port))
    ground = Ground(
        root=options.root,
        images=images,
        cloud=Cloud(options.aws_port),
        places=places,
        host=_host(options.root),
        rules=options.rules,
        user=user,
    )
    return ProcessEngine(Tasks(ground), images)


def _containers(options: Options) -> Backend:
    upstream = Upstream(options.docker)
    LOG.info("behind us: engine %s", upstream.version().get("Version"))
    gateway = upstream.gateway()
    if not gateway or not bindable(gateway):
        raise Refusal(
            500,
            f"the engine at {options.docker} runs its containers in a machine or network of its "
            "own (Docker Desktop, a rootless or a remote engine), where no load balancer here "
            "reaches them",
        )
    relay = Relay()
    for port in options.expose:
        relay.add((gateway, port), (LOOPBACK, port))
    engine = ContainerEngine(
        upstream,
        cloud=Cloud(options.aws_port),
        rules=options.rules,
        owner=str(options.root),
        gateway=gateway,
    )
    engine.heal()
    return engine


def _host(root: Path) -> Host:
    """This machine's Python, also under the names python and python3 on the tasks' PATH."""
    programs = root / "bin"
    programs.mkdir(exist_ok=True)
    for name in ("python", "python3"):
        shim = programs / name
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        shim.chmod(0o755)
    path = f"{programs}:{os.environ.get('PATH') or os.defpath}"
    return Host(python=sys.executable, path=path, lang=os.environ.get("LANG") or "C.UTF-8")


def _hold(path: Path) -> IO[bytes]:
    """The lock of a state folder; the system lets go of it however we end."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Refused(
            f"another engine works in {path.parent}",
            hint="Run `deployctl sandbox status`, or `deployctl sandbox down` first.",
        ) from None
    return file


def main() -> int:
    """Read the command line and serve; the exit code."""
    try:
        serve(read_options(sys.argv[1:]))
    except DeployError as error:
        sys.stderr.write(f"{error}\n{error.hint}\n")
        return int(error.exit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
