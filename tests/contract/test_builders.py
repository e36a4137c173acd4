"""Every container tool of this machine builds, and what it built is in the registry, runnable."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deployctl.adapters.aws.clients import Clients
from deployctl.adapters.aws.ecr import EcrRepositories
from deployctl.adapters.clock import SystemClock
from deployctl.adapters.images.registry import RegistryClient
from deployctl.adapters.images.workshop import Workbench
from deployctl.adapters.processes import Processes
from deployctl.engine.build import build_images
from deployctl.engine.stock import Desk
from deployctl.model.build import BuildSpec, Dockerfile
from deployctl.model.errors import CheckFailed
from deployctl.model.release import Commit
from tests.fakes.emulator import ministack
from tests.fakes.listener import Listener

pytestmark = pytest.mark.engine

DOCKERFILE = """\
FROM scratch AS first
ARG GIT_SHA
ENV SHA=$GIT_SHA
COPY pages /pages
FROM first AS last
COPY late /late
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as host:
        yield host


def _programs() -> list[str]:
    found = Processes({"PATH": os.environ["PATH"]})  # noqa: TID251 - what is on this machine
    return [*found.where("docker"), *found.where("podman")[:1], *found.where("buildah")[:1]]


@pytest.fixture(params=_programs() or ["no container tool"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with one container tool in it, which works here."""
    path = Path(request.param)
    environ = _environ(tmp_path)
    told = "version" if path.name == "docker" else "info"
    if (
        not path.exists()
        or subprocess.run(
            [path, told], env=environ, check=False, capture_output=True, timeout=30
        ).returncode
    ):
        pytest.skip(f"{path}: no engine answers")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / path.name).symlink_to(path)
    return folder


def _environ(home: Path) -> dict[str, str]:
    """Daemonless tools get a storage of their own that works in a container as well."""
    conf = home / "storage.conf"
    conf.write_text(f'[storage]\ndriver="vfs"\ngraphroot="{home}/graph"\nrunroot="{home}/run"\n')
    docker = {k: v for k, v in os.environ.items() if k.startswith("DOCKER_")}  # noqa: TID251 - which engine the machine uses
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "BUILDAH_ISOLATION": "chroot",
        "CONTAINERS_STORAGE_CONF": str(conf),
        **docker,
    }


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    (app / "pages").mkdir(parents=True)
    (app / "pages" / "index.html").write_text(f"<h1>{tmp_path}</h1>")
    (app / "late").write_text("late")
    (app / "Dockerfile").write_text(DOCKERFILE)
    return app


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def desk(host: str, program: Path, tmp_path: Path, listener: Listener) -> Iterator[Desk]:
    environ = _environ(tmp_path)
    clients = Clients(region="us-east-1", endpoint=f"http://{host}", keys=("test", "test"))
    repositories = EcrRepositories(clients, clock=SystemClock(), override=host)
    registry = RegistryClient(login=repositories.login, sleep=SystemClock().sleep)
    processes = Processes({**environ, "PATH": f"{program}:{environ['PATH']}"})
    yield Desk(
        repositories=repositories,
        registry=registry,
        workshop=Workbench(processes=processes, tell=listener),
        tell=listener,
    )
    registry.close()
    clients.client("ecr").close()
    if (program / "docker").exists():
        for name in ("api", "web"):
            processes.run([str(program / "docker"), "rmi", f"deployctl-build/{name}"], seconds=20)


def test_a_dockerfile_becomes_a_digest_in_the_registry(
    desk: Desk, program: Path, app: Path, listener: Listener
) -> None:
    commit = Commit(sha="a" * 40)
    specs = {"api": _spec(app, target="first"), "web": _spec(app)}
    images = build_images(specs, commit, desk)
    assert listener.lines
    for name, image in images.items():
        stored = desk.repositories.find(specs[name].repository, commit.tag)
        assert stored is not None
        assert stored.digest == image.digest
        base = desk.registry.base(image.repository, image.digest, "linux/amd64")
        config = json.loads(base.config)
        assert f"SHA={commit.sha}" in config["config"]["Env"]
        assert config["config"]["Labels"]["org.opencontainers.image.revision"] == commit.sha
        assert len(config["rootfs"]["diff_ids"]) == (1 if name == "api" else 2)
    assert build_images(specs, Commit(sha="b" * 40), desk) == images
    _is_pulled(program / "docker", images["api"].ref)


def _is_pulled(docker: Path, ref: str) -> None:
    """The engine takes the image back, digest and all."""
    if not docker.exists():
        return
    subprocess.run([docker, "pull", "-q", ref], check=True, capture_output=True, timeout=60)
    subprocess.run([docker, "rmi", ref], check=True, capture_output=True, timeout=60)


def test_a_failing_build_says_why(desk: Desk, app: Path) -> None:
    (app / "Dockerfile").write_text("FROM scratch\nCOPY nowhere /\n")
    with pytest.raises(CheckFailed, match=r"(?s)image api could not be built by.*nowhere"):
        build_images({"api": _spec(app)}, Commit(sha="c" * 40), desk)


def _spec(app: Path, *, target: str = "") -> BuildSpec:
    source = Dockerfile(context=str(app), args={"GIT_SHA": "$git_sha"}, target=target)
    repository = f"shop/{uuid4().hex[:12]}"
    return BuildSpec(repository=repository, source=source, create_repository=True)
