"""Builds Dockerfiles with the container tool that is there: docker, podman or buildah."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from deployctl.adapters.images.context import ignore_file
from deployctl.adapters.processes import Processes
from deployctl.model.build import Dockerfile
from deployctl.model.errors import CheckFailed, DeployError
from deployctl.ports.images import Job

_PROBE_SECONDS: Final = 20
_BUILD_SECONDS: Final = 3600
_LAST_LINES: Final = 20
_BUILDKIT_OF_ITS_OWN: Final = 23  # from this client version on, BuildKit is buildx


class Kind(StrEnum):
    """How a tool builds."""

    BUILDX = "buildx"
    BUILDKIT = "BuildKit"
    CLASSIC = "classic builder"
    PODMAN = "podman"
    BUILDAH = "buildah"


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """A tool that answered. `program` is its path."""

    program: str
    kind: Kind
    version: str

    def __str__(self) -> str:
        if self.kind in {Kind.PODMAN, Kind.BUILDAH}:
            return f"{self.kind} {self.version}"
        return f"docker {self.version}, {self.kind}"


def detected(processes: Processes) -> Builder:
    """The best builder of this machine: docker with BuildKit, docker without, podman, buildah.

    A docker client counts only when its engine answers. Raises CheckFailed, with what was tried,
    when there is none.
    """
    tried: list[str] = []
    dockers = [_docker(processes, path, tried) for path in processes.where("docker")]
    answering = [builder for builder in dockers if builder]
    for builder in answering:
        if builder.kind is not Kind.CLASSIC:
            return builder
    if answering:
        return answering[0]
    for kind in (Kind.PODMAN, Kind.BUILDAH):
        for path in processes.where(kind.value):
            ran = _asked(processes, [path, "info"])
            if ran is not None:
                return Builder(program=path, kind=kind, version=_version(processes, path))
            tried.append(f"{path} does not work here")
    raise CheckFailed(
        "nothing here can build a Dockerfile: "
        + ("; ".join(tried) or "there is no docker, podman or buildah"),
        hint="Start the engine (or the docker service of the CI step), install buildah, or use "
        "`layer:` or `oci_layout:` as the source, which need no engine.",
    )


def build(
    builder: Builder,
    processes: Processes,
    job: Job,
    source: Dockerfile,
    *,
    saved: Path,
    each: Callable[[str], None],
) -> None:
    """Build the job and leave the image as a `save` tar at `saved`.

    The engine keeps one image a build (`deployctl-build/NAME:latest`), so its cache stays warm
    and nothing piles up. Raises CheckFailed with the last lines when it fails.
    """
    _refuse_own_ignore(builder, source)
    name = f"deployctl-build/{re.sub('[^a-z0-9]+', '-', job.name.lower()).strip('-') or 'image'}"
    tag = f"{name}:{job.content[:12]}-{uuid4().hex[:8]}"
    extra = _environment(builder.kind)
    argv = _argv(builder, job, source, tag)
    ran = processes.run(argv, seconds=_BUILD_SECONDS, extra=extra, each=each)
    if ran.code:
        raise _failed(f"image {job.name} could not be built", builder, ran.lines, argv)
    argv = _saving(builder, tag, saved)
    ran = processes.run(argv, seconds=_BUILD_SECONDS)
    if ran.code:
        raise _failed(f"image {job.name} could not be saved", builder, ran.lines, argv)
    for argv in (
        [builder.program, "tag", tag, f"{name}:latest"],
        [builder.program, "rmi", tag],
    ):
        processes.run(argv, seconds=_PROBE_SECONDS)  # tidiness only: its failure costs disk


def _docker(processes: Processes, path: str, tried: list[str]) -> Builder | None:
    lines = _asked(processes, [path, "version", "--format", "{{json .}}"], any_code=True) or ()
    answer = next((line for line in lines if line.startswith("{")), "{}")
    try:
        told: dict[str, Any] = json.loads(answer)
    except ValueError:
        told = {}
    if not told.get("Server"):
        tried.append(f"{path}: its engine does not answer")
        return None
    version = str((told.get("Client") or {}).get("Version", "0"))
    if _asked(processes, [path, "buildx", "version"]) is not None:
        kind = Kind.BUILDX
    elif int(re.match(r"\d*", version)[0] or 0) < _BUILDKIT_OF_ITS_OWN:  # type: ignore[index]  # \d* always matches
        kind = Kind.BUILDKIT
    else:
        kind = Kind.CLASSIC
    return Builder(program=path, kind=kind, version=version)


def _asked(
    processes: Processes, argv: list[str], *, any_code: bool = False
) -> tuple[str, ...] | None:
    """What a short question brought, or None when there was no good answer."""
    try:
        ran = processes.run(argv, seconds=_PROBE_SECONDS)
    except DeployError:
        return None
    return ran.lines if any_code or ran.code == 0 else None


def _version(processes: Processes, path: str) -> str:
    words = " ".join(_asked(processes, [path, "--version"]) or ()).split()
    return next((word.rstrip(",") for word in words if word[0].isdigit()), "")


def _refuse_own_ignore(builder: Builder, source: Dockerfile) -> None:
    """Only BuildKit reads NAME.dockerignore; another builder would send what was not counted."""
    own = ignore_file(Path(source.context), source.dockerfile)
    if builder.kind is Kind.CLASSIC and own.name != ".dockerignore":
        raise CheckFailed(
            f"{own.name} is understood by BuildKit only, and this docker has none ({builder})",
            hint="Install docker-buildx, or name it .dockerignore.",
        )


def _environment(kind: Kind) -> dict[str, str]:
    match kind:
        case Kind.BUILDKIT:
            return {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}
        case Kind.CLASSIC:
            return {"DOCKER_BUILDKIT": "0"}
        case Kind.BUILDX:
            # an attestation would make an index of what has to be one image
            return {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "BUILDKIT_PROGRESS": "plain"}
        case Kind.PODMAN | Kind.BUILDAH:
            return {}


def _argv(builder: Builder, job: Job, source: Dockerfile, tag: str) -> list[str]:
    verbs = {
        Kind.BUILDX: ["buildx", "build", "--load"],
        # OCI's own format has no place for HEALTHCHECK and SHELL
        Kind.PODMAN: ["build", "--format", "docker"],
        Kind.BUILDAH: ["bud", "--format", "docker"],
    }
    argv = [builder.program, *verbs.get(builder.kind, ["build"])]
    argv += ["--file", str(Path(source.context, source.dockerfile)), "--tag", tag]
    argv += ["--platform", source.platform]
    if source.target:
        argv += ["--target", source.target]
    for option, values in (("--build-arg", source.args), ("--label", job.labels)):
        for name, value in sorted(values.items()):
            argv += [option, f"{name}={value}"]
    return [*argv, source.context]


def _saving(builder: Builder, tag: str, saved: Path) -> list[str]:
    match builder.kind:
        case Kind.BUILDAH:
            return [builder.program, "push", tag, f"docker-archive:{saved}"]
        case Kind.PODMAN:
            return [builder.program, "save", "--format", "docker-archive", "-o", str(saved), tag]
        case _:
            return [builder.program, "save", "-o", str(saved), tag]


def _failed(what: str, builder: Builder, lines: tuple[str, ...], argv: list[str]) -> CheckFailed:
    last = "\n".join(f"  {line}" for line in lines[-_LAST_LINES:])
    return CheckFailed(
        f"{what} by {builder}. Its last words:\n{last}", hint=f"See it alone: {shlex.join(argv)}"
    )
