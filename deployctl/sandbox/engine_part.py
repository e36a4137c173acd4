"""The sandbox's container engine as one of its processes."""

from pathlib import Path

from deployctl.sandbox.docker_socket import DockerSocket
from deployctl.sandbox.process import Launch, clean_environ, python
from deployctl.sandbox.state import State

NAME = "engine"
LABEL = "deployctl.sandbox"  # the engine marks its containers with LABEL=<its root>


def launch(root: Path, state: State) -> Launch:
    """How the engine is started; it needs nothing else to run."""
    argv = python(
        *("-m", "deployctl.sandbox.engine", "--root", str(home(root))),
        *("--socket", str(state.socket), "--aws", f"http://127.0.0.1:{state.port}"),
        *("--backend", state.backend),
        # Two busy cores may take ten seconds to start Python; MiniStack waits for sixty.
        *("--gate-seconds", "25"),
    )
    if state.docker:
        argv += ["--docker", f"unix://{state.docker}"]
    if state.postgres_port:
        argv += ["--expose", str(state.postgres_port)]
    return Launch(argv=argv, environ=clean_environ(root), folder=root, log=log(root))


def home(root: Path) -> Path:
    """Where the engine keeps its own records."""
    return root / "engine"


def log(root: Path) -> Path:
    """What the engine said."""
    return root / "log" / "engine.log"


def answers(state: State) -> bool:
    """It serves its socket."""
    return DockerSocket(str(state.socket), timeout=2).answers()
