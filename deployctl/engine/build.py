"""Takes a release's builds to digests in the registry, making only what is not there yet."""

from collections.abc import Mapping
from typing import Final

from deployctl.engine.crew import each
from deployctl.engine.stock import REVISION, Desk, Found, image_of, look_all, split_base
from deployctl.model.build import BuildSpec, Layer, ToBuild, content_tag, resolved
from deployctl.model.errors import Refused
from deployctl.model.event import Building
from deployctl.model.release import Commit, Image
from deployctl.ports.images import BaseImage, Job, Packed, Repository

CONTENT: Final = "deployctl.context"


def look_images(
    specs: Mapping[str, BuildSpec], commit: Commit, desk: Desk
) -> dict[str, Image | ToBuild]:
    """What each build would use or make; reads only.

    Raises what can be known to fail: a missing repository, base image or pinned digest (Refused),
    a context that must not be sent (CheckFailed).
    """
    return {
        name: found.image
        or ToBuild(
            repository=found.spec.repository,
            content=found.content,
            reason="no image has this content yet"
            if found.repository
            else f"the repository {found.spec.repository} is created first",
        )
        for name, found in look_all(specs, commit, desk).items()
    }


def build_images(specs: Mapping[str, BuildSpec], commit: Commit, desk: Desk) -> dict[str, Image]:
    """Every build as an image in the registry, by the registry's digest; at most four at once.

    When one fails the others still end (what they push is found by the next run), then the errors
    are raised as one. Ctrl-C ends the builders.
    """
    looks = look_all(specs, commit, desk)
    return each(
        looks, lambda name: _ready(name, looks[name], commit, desk), stop=desk.workshop.stop
    )


def _ready(name: str, found: Found, commit: Commit, desk: Desk) -> Image:
    if found.image is None:
        return _made(name, found, commit, desk)
    if found.unnamed and found.content:
        desk.registry.tag(found.image.repository, found.image.digest, found.image.built_from)
    desk.tell(
        Building(service=name, state="reused", note=f"built from {found.image.built_from[:7]}")
    )
    return found.image


def _made(name: str, found: Found, commit: Commit, desk: Desk) -> Image:
    repository = found.repository or desk.repositories.create(found.spec.repository)
    desk.tell(Building(service=name, state="building", note=f"content {found.content[:12]}"))
    job = Job(
        name=name,
        source=resolved(found.spec.source, commit),
        content=found.content,
        labels={REVISION: commit.tag, CONTENT: found.content},
        base=_base_image(found, repository, desk),
    )
    with desk.workshop.pack(job) as packed:
        desk.tell(Building(service=name, state="built", note=packed.maker))
        image = _pushed(repository, job, packed, commit, desk)
    desk.tell(Building(service=name, state="pushed", note=image.digest))
    return image


def _pushed(repository: Repository, job: Job, packed: Packed, commit: Commit, desk: Desk) -> Image:
    """The image as the registry has it; when somebody else made the same content first, theirs."""
    # the content tag first: cut off between the two, the next run finds the image and names it
    tags = (content_tag(job.content), commit.tag)
    try:
        digest = desk.registry.push(repository.address, packed, tags)
    except Refused:
        theirs = desk.repositories.find(repository.name, tags[0])
        if theirs is None or theirs.digest == packed.digest:
            raise
        return image_of(repository, theirs, commit.tag, desk)
    return Image(repository=repository.address, digest=digest, built_from=commit.tag)


def _base_image(found: Found, repository: Repository, desk: Desk) -> BaseImage | None:
    source = found.spec.source
    if not isinstance(source, Layer) or not source.base:
        return None
    host = repository.address.partition("/")[0]
    return desk.registry.base(f"{host}/{split_base(source.base)[0]}", found.base, source.platform)
