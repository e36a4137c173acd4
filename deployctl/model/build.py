"""Where an image comes from, and what decides whether it has to be built at all."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from deployctl.model.check import filled
from deployctl.model.release import Commit

PLATFORM = "linux/amd64"
"""What Fargate runs unless the task definition says otherwise; never what the laptop is."""

_SCHEME = "deployctl-content-1"
_COMMIT_TAG = re.compile(r"[0-9a-f]{7,64}(-dirty-[0-9A-Za-z]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """Build with a container engine. `context` is a folder; `dockerfile` is relative to it.

    A value in `args` may hold `$git_sha`; the placeholder, not its value, decides the content.
    """

    context: str
    dockerfile: str = "Dockerfile"
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    platform: str = PLATFORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Files on an optional base image, packed without any engine.

    `files` maps paths in the `context` folder to absolute paths in the image; the folder's
    .dockerignore applies. `base` is `name:tag` or `name@sha256:…` in the same registry. Empty
    entrypoint, command, workdir and user are the base's. `env` may hold `$git_sha`.
    """

    context: str
    files: Mapping[str, str] = field(default_factory=lambda: {".": "/app"})
    base: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    workdir: str = ""
    user: str = ""
    platform: str = PLATFORM


@dataclass(frozen=True, slots=True, kw_only=True)
class OciLayout:
    """An image that some other tool made: an OCI layout folder or tar, or a `docker save` tar."""

    path: str
    platform: str = PLATFORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """An image that is in the registry already, `sha256:…`."""

    digest: str


Source = Dockerfile | Layer | OciLayout | Pinned


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSpec:
    """One image to have: its source and the repository (name without host) it lives in."""

    repository: str
    source: Source
    create_repository: bool = False


class Sort(StrEnum):
    """What stands at a path of a build context."""

    FILE = "file"
    PROGRAM = "program"  # a file with an execute bit; other mode bits differ by umask alone
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One path of a build context. `content` is a file's sha256 (hex) or a link's target."""

    path: str
    sort: Sort
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToBuild:
    """Nothing in the registry has this content yet. `reason` is a sentence for people."""

    repository: str
    content: str
    reason: str


def content_hash(source: Source, entries: Iterable[Entry], *, base: str = "") -> str:
    """The name of everything that decides an image: 40 hex digits.

    `entries` is the filtered context (and the Dockerfile), in any order; `base` the digest of
    the base image where it is known. Where the context lies on this machine does not count.
    """
    settings = asdict(source) | {"context": "", "path": ""}
    known = hashlib.sha256()
    for part in (
        [_SCHEME, type(source).__name__, base],
        sorted(settings.items()),
        *sorted([entry.path, entry.sort, entry.content] for entry in entries),
    ):
        known.update(json.dumps(part, sort_keys=True).encode() + b"\n")
    return known.hexdigest()[:40]


def content_tag(content: str) -> str:
    """The image tag under which a content is looked for."""
    return f"ctx-{content}"


def is_commit_tag(tag: str) -> bool:
    """Whether an image tag names a commit (`Commit.tag`)."""
    return _COMMIT_TAG.fullmatch(tag) is not None


def resolved(source: Source, commit: Commit) -> Source:
    """The source with `$git_sha` filled in by the commit's image tag (dirty mark included)."""
    if isinstance(source, Dockerfile):
        return replace(source, args=_filled(source.args, commit.tag))
    if isinstance(source, Layer):
        return replace(source, env=_filled(source.env, commit.tag))
    return source


def _filled(values: Mapping[str, str], sha: str) -> dict[str, str]:
    return {name: filled(value, sha) for name, value in values.items()}


def built_from(tags: Sequence[str], *, ours: str, revision: str = "") -> str:
    """The commit tag that an image was built from.

    `tags` are on its digest, `ours` is the tag of the commit at hand, `revision` what the image
    itself says (label org.opencontainers.image.revision). A commit tag on the image wins; several
    are there only when different commits gave the very same bytes.
    """
    commits = sorted(filter(is_commit_tag, tags))
    if revision in commits:
        return revision
    if ours in commits:
        return ours
    return commits[0] if commits else revision or ours
