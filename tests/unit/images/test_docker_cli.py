"""Which builder is used and what it is told, with little programs in the place of the real ones."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from deployctl.adapters.images.workshop import Workbench, for_builders
from deployctl.adapters.processes import Processes
from deployctl.model.build import Dockerfile
from deployctl.model.errors import CheckFailed
from deployctl.ports.images import Job, Packed
from tests.fakes.listener import Listener
from tests.fakes.registry import digest_of

SCRIPT = """#!/bin/sh
case "$*" in
    "version --format"*) {version} ;;
    "buildx version") exit {buildx} ;;
    info|--version) {info} ;;
    *" --tag "*) echo "$0 DOCKER_BUILDKIT=$DOCKER_BUILDKIT SECRET=$SECRET $*" >> {log}; {build} ;;
    *docker-archive:*) echo "push $2" >> {log}; cp {image} "${{3#docker-archive:}}" ;;
    save*) echo "$*" >> {log}; while [ "$1" != -o ]; do shift; done; cp {image} "$2" ;;
    *) echo "$1 $2" >> {log} ;;
esac
"""


class Machine:
    """A PATH of its own, an app, and what its programs were asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "log"
        self.log.touch()
        self.path = [str(root / "bin")]
        (root / "bin").mkdir()
        (root / "bin" / "cp").symlink_to(shutil.which("cp") or "/bin/cp")
        self.listener = Listener()
        self.app = root / "app"
        self.app.mkdir()
        (self.app / "Dockerfile").write_text("FROM scratch\n")
        self._image()

    def _image(self) -> None:
        layer = b"the layer"
        config = json.dumps({"rootfs": {"diff_ids": [digest_of(layer)]}}).encode()
        told = json.dumps([{"Config": "c", "Layers": ["l"]}]).encode()
        with tarfile.open(self.root / "image.tar", "w") as tar:
            for name, content in {"c": config, "l": layer, "manifest.json": told}.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))

    def install(self, name: str, *, folder: str = "bin", **answers: str) -> None:
        defaults = {
            "version": "exit 1",
            "buildx": "1",
            "info": 'echo "tool version 4.3.1"',
            "build": 'echo "step 1"',
            "log": str(self.log),
            "image": str(self.root / "image.tar"),
        }
        program = self.root / folder / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(SCRIPT.format(**{**defaults, **answers}))
        program.chmod(0o755)

    def docker(self, version: str, *, folder: str = "bin", server: str = "{}", **more: str) -> None:
        told = json.dumps({"Client": {"Version": version}, "Server": json.loads(server)})
        answer = f"echo 'WARNING: something'; echo '{told}'"
        self.install("docker", folder=folder, version=answer, **more)

    def bench(self) -> Workbench:
        environ = {"PATH": ":".join(self.path), "SECRET": "hush", "DOCKER_BUILDKIT": "1"}
        return Workbench(processes=Processes(environ), tell=self.listener)

    def pack(self, source: Dockerfile | None = None) -> Packed:
        source = source or Dockerfile(context=str(self.app))
        job = Job(name="Shop API", source=source, content="c0ffee" * 7, labels={"l": "1"})
        with self.bench().pack(job) as packed:
            return packed

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines()


SERVER = '{"Version": "20.10"}'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_buildx_is_preferred(machine: Machine) -> None:
    machine.docker("28.2.2", server=SERVER, buildx="0")
    packed = machine.pack()
    assert packed.maker == "docker 28.2.2, buildx"
    assert " buildx build --load --file " in machine.asked[0]


def test_an_old_client_builds_with_its_own_buildkit(machine: Machine) -> None:
    machine.docker("20.10.24+dfsg1", server=SERVER)
    assert machine.pack().maker == "docker 20.10.24+dfsg1, BuildKit"
    assert "DOCKER_BUILDKIT=1 SECRET= build --file " in machine.asked[0]


def test_without_buildx_a_new_client_builds_the_classic_way(machine: Machine) -> None:
    machine.docker("28.2.2", server=SERVER)
    assert machine.pack().maker == "docker 28.2.2, classic builder"
    assert "DOCKER_BUILDKIT=0 SECRET= build --file " in machine.asked[0]


def test_of_two_clients_the_one_with_buildkit_is_taken(machine: Machine) -> None:
    machine.docker("28.2.2", server=SERVER)
    machine.docker("20.10.24", server=SERVER, folder="other")
    machine.path.append(str(machine.root / "other"))
    assert machine.pack().maker == "docker 20.10.24, BuildKit"


def test_podman_comes_after_a_docker_without_engine(machine: Machine) -> None:
    machine.docker("28.2.2", server="null", buildx="0")
    machine.install("podman")
    assert machine.pack().maker == "podman 4.3.1"
    assert " build --format docker --file " in machine.asked[0]
    assert machine.asked[1].startswith("save --format docker-archive -o ")


def test_buildah_comes_last(machine: Machine) -> None:
    machine.install("docker", version="echo '{broken'")
    machine.install("podman", info="exit 125")
    machine.install("buildah")
    assert machine.pack().maker == "buildah 4.3.1"
    assert " bud --format docker --file " in machine.asked[0]
    assert machine.asked[1].startswith("push deployctl-build/shop-api:c0ffeec0ffee-")


def test_no_builder_at_all_names_the_ways_without_one(machine: Machine) -> None:
    with pytest.raises(CheckFailed, match="there is no docker, podman or buildah") as caught:
        machine.pack()
    assert "`layer:`" in caught.value.hint
    machine.docker("28.2.2", server="null")
    machine.install("buildah", info="exit 1")
    with pytest.raises(CheckFailed, match=r"engine does not answer; .*buildah does not work here"):
        machine.pack()


def test_everything_that_was_asked_for_reaches_the_builder(machine: Machine) -> None:
    machine.docker("20.10.24", server=SERVER)
    (machine.app / "prod").touch()
    source = Dockerfile(
        context=str(machine.app),
        dockerfile="prod",
        target="web",
        args={"B": "2", "A": "a b; $(id)"},
        platform="linux/arm64",
    )
    machine.pack(source)
    told = machine.asked[0]
    assert f"--file {machine.app}/prod --tag deployctl-build/shop-api:c0ffeec0ffee-" in told
    assert told.endswith(
        "--platform linux/arm64 --target web --build-arg A=a b; $(id) --build-arg B=2 "
        f"--label l=1 {machine.app}"
    )
    assert [asked.split()[0] for asked in machine.asked[1:]] == ["save", "tag", "rmi"]
    assert machine.listener.lines == [("build Shop API", "step 1")]


def test_a_failing_build_shows_its_last_words(machine: Machine) -> None:
    build = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; exit 17"
    machine.docker("20.10.24", server=SERVER, build=build)
    with pytest.raises(CheckFailed) as caught:
        machine.pack()
    message = str(caught.value)
    assert message.startswith("image Shop API could not be built by docker 20.10.24, BuildKit.")
    assert "  line 11\n" in message
    assert message.endswith("line 30")
    assert "line 10\n" not in message
    assert f"--file {machine.app}/Dockerfile" in caught.value.hint


def test_an_image_that_cannot_be_saved_is_told(machine: Machine) -> None:
    machine.docker("20.10.24", server=SERVER, image="/none/image.tar")
    with pytest.raises(CheckFailed, match=r"could not be saved(?s:.*)/none/image\.tar"):
        machine.pack()


def test_an_ignore_file_of_its_own_needs_buildkit(machine: Machine) -> None:
    (machine.app / "Dockerfile.dockerignore").touch()
    machine.docker("28.2.2", server=SERVER)
    with pytest.raises(CheckFailed, match="BuildKit only"):
        machine.pack()


def test_builders_get_what_they_need_and_no_secret_of_the_pipeline() -> None:
    environ = {
        "PATH": "/bin",
        "DOCKER_HOST": "tcp://x",
        "HTTPS_PROXY": "p",
        "AWS_PROFILE": "shop",
        "BITBUCKET_STEP_OIDC_TOKEN": "t",
        "DATABASE_URL": "postgres://",
    }
    assert sorted(for_builders(environ)) == ["AWS_PROFILE", "DOCKER_HOST", "HTTPS_PROXY", "PATH"]
