"""What of a release's images is in stock already: one look at every build, reading only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deployctl.engine.crew import each
from deployctl.model.build import (
    BuildSpec,
    Dockerfile,
    Layer,
    Pinned,
    built_from,
    content_tag,
    is_commit_tag,
)
from deployctl.model.errors import CheckFailed, Refused
from deployctl.model.release import Commit, Image
from deployctl.ports.images import Registry, Repositories, Repository, Stored, Workshop
from deployctl.ports.screen import Tell

REVISION: Final = "org.opencontainers.image.revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The plugs of building. `tell` is called from several threads at once."""

    repositories: Repositories
    registry: Registry
    workshop: Workshop
    tell: Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One look at one build. `image` is there when nothing has to be made."""

    spec: BuildSpec
    repository: Repository | None
    content: str = ""
    base: str = ""
    image: Image | None = None
    unnamed: bool = False  # no commit tag is on it: an earlier push was cut off between its tags


def look_all(specs: Mapping[str, BuildSpec], commit: Commit, desk: Desk) -> dict[str, Found]:
    """One look at every build, some at once. Raises what can be known to fail."""
    _refuse_shared(specs)
    return each(specs, lambda name: _look(specs[name], commit, desk), stop=desk.workshop.stop)


def _look(spec: BuildSpec, commit: Commit, desk: Desk) -> Found:
    repository = desk.repositories.look(spec.repository)
    if repository is None and not (spec.create_repository and not isinstance(spec.source, Pinned)):
        raise Refused(
            f"there is no repository {spec.repository}",
            hint=desk.repositories.missing(spec.repository),
        )
    if isinstance(spec.source, Pinned) and repository:
        return _pinned(spec, repository, spec.source.digest, desk)
    base = _base_digest(spec, desk)
    content = desk.workshop.content(spec.source, base)
    found = Found(spec=spec, repository=repository, content=content, base=base)
    if repository is None:
        return found
    stored = desk.repositories.find(spec.repository, content_tag(content))
    if stored is None:
        _refuse_taken(spec, repository, commit, desk)
        return found
    return Found(
        spec=spec,
        repository=repository,
        content=content,
        image=image_of(repository, stored, commit.tag, desk),
        unnamed=not any(map(is_commit_tag, stored.tags)),
    )


def _pinned(spec: BuildSpec, repository: Repository, digest: str, desk: Desk) -> Found:
    stored = desk.repositories.find(spec.repository, digest)
    if stored is None:
        raise Refused(
            f"{repository.address} has no image {digest}",
            hint="Correct `digest:` of the build, or push the image first.",
        )
    return Found(spec=spec, repository=repository, image=image_of(repository, stored, digest, desk))


def image_of(repository: Repository, stored: Stored, ours: str, desk: Desk) -> Image:
    """What is there, and the commit it was built from: by its tags, else by its own label."""
    revision = ""
    if not any(map(is_commit_tag, stored.tags)):
        revision = desk.registry.labels(repository.address, stored.digest).get(REVISION, "")
    return Image(
        repository=repository.address,
        digest=stored.digest,
        built_from=built_from(stored.tags, ours=ours, revision=revision),
    )


def _base_digest(spec: BuildSpec, desk: Desk) -> str:
    if not isinstance(spec.source, Layer) or not spec.source.base:
        return ""
    name, ref = split_base(spec.source.base)
    stored = desk.repositories.find(name, ref)
    if stored is None:
        raise Refused(
            f"there is no base image {spec.source.base} in the registry",
            hint="Push it there first, or correct `base:` (name:tag or name@sha256:…, no host).",
        )
    return stored.digest


def split_base(base: str) -> tuple[str, str]:
    """Repository and tag or digest of a base reference; the tag is `latest` when none is given."""
    name, at, digest = base.partition("@")
    if at:
        return name, digest
    name, colon, tag = base.rpartition(":")
    return (name, tag) if colon else (base, "latest")


def _refuse_shared(specs: Mapping[str, BuildSpec]) -> None:
    """Two builds in one repository would fight over the commit's tag."""
    users: dict[str, list[str]] = {}
    for name, spec in specs.items():
        if not isinstance(spec.source, Pinned):
            users.setdefault(spec.repository, []).append(name)
    for repository, names in users.items():
        if len(names) > 1:
            raise CheckFailed(
                f"the builds {' and '.join(names)} share the repository {repository}",
                hint="Give each its own `repository:`, or let services share one build.",
            )


def _refuse_taken(spec: BuildSpec, repository: Repository, commit: Commit, desk: Desk) -> None:
    """A Dockerfile never gives the same bytes twice: with the tag taken, its push must fail."""
    if not repository.immutable or not isinstance(spec.source, Dockerfile):
        return
    taken = desk.repositories.find(spec.repository, commit.tag)
    if taken:
        raise Refused(
            f"{repository.address}:{commit.tag} was built from other content already "
            f"({taken.digest}), and its tags are immutable",
            hint="Commit what changed and release that commit, "
            f"or use what is there: `digest: {taken.digest}`",
        )
