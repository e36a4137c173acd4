"""What is being released: one commit, its images, one environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """Why a release exists. All kinds run through the same engine."""

    RELEASE = "release"
    ROLLBACK = "rollback"
    HOTFIX = "hotfix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Facts of git about the tree that is released.

    `dirty` is "" for a clean tree, otherwise a short hash of what differs from the commit.
    """

    sha: str
    branch: str = ""
    author: str = ""
    subject: str = ""
    at: datetime | None = None
    dirty: str = ""

    @property
    def tag(self) -> str:
        """The image tag: the full sha, marked when the tree had uncommitted changes."""
        return f"{self.sha}-dirty-{self.dirty}" if self.dirty else self.sha

    @property
    def short(self) -> str:
        """What people read."""
        return f"{self.sha[:7]}-dirty" if self.dirty else self.sha[:7]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A pushed image. The digest comes from the registry and is what everything later uses.

    `repository` is `host/path` without tag; `built_from` is the image tag (a commit sha, with
    `-dirty-…` if so) that was first given to this content.
    """

    repository: str
    digest: str
    built_from: str

    @property
    def ref(self) -> str:
        """The pullable reference, `host/path@sha256:…`."""
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One commit to one environment.

    `images` is keyed by service name. `pins` (service name → exact revision ARN) is set when a
    release returns to something that ran before: then that revision is used as it is.
    """

    id: str
    project: str
    environment: str
    commit: Commit
    images: Mapping[str, Image]
    at: datetime
    kind: Kind = Kind.RELEASE
    reason: str = ""
    actor: str = ""
    returns_to: str = ""
    pins: Mapping[str, str] = field(default_factory=dict)


def release_id(at: datetime, sha: str) -> str:
    """A sortable id that names its commit: `20260821-141503-3f9c1ab` (UTC)."""
    return f"{at:%Y%m%d-%H%M%S}-{sha[:7]}"
