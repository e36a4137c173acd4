"""The plugs of making, keeping and finding images."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from deployctl.model.build import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A place for the versions of one image. `address` is `host/name`, as images refer to it.

    `immutable` when a tag, once given, can never name another image.
    """

    name: str
    address: str
    immutable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An image that the registry has, and all tags that are on it."""

    digest: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A layer or config: a file here (`path`), or one that another repository has (`origin`).

    `origin` is the name (without host) of a repository in the same registry.
    """

    digest: str
    size: int
    path: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """An image ready to be pushed: its manifest, byte for byte, and the blobs it names."""

    digest: str
    manifest: bytes
    media_type: str
    blobs: tuple[Blob, ...]
    maker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseImage:
    """An image of the registry that another one is built on. `config` is its config document."""

    repository: str
    digest: str
    manifest: bytes
    config: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One image to make. `source` has no placeholder left; `labels` go onto the image."""

    name: str
    source: Source
    content: str
    labels: Mapping[str, str]
    base: BaseImage | None = None


class Repositories(Protocol):
    """The catalogue of an account's images (ECR). Reading it changes nothing."""

    def look(self, name: str) -> Repository | None:
        """The repository, or None when there is none of that name."""
        ...

    def create(self, name: str) -> Repository:
        """Make it (immutable tags, scan on push); fine when it is there already."""
        ...

    def find(self, name: str, ref: str) -> Stored | None:
        """The image under a tag or a digest (`sha256:…`), or None."""
        ...

    def missing(self, name: str) -> str:
        """The cure for a missing repository, with the exact command."""
        ...


class Registry(Protocol):
    """The registry's own door, where images come and go. `address` is always `host/name`."""

    def push(self, address: str, packed: Packed, tags: Sequence[str]) -> str:
        """Bring the image in under all tags, in that order; returns the registry's digest.

        Raises Refused when a tag is immutable and names another image, or the repository is not
        there; Blind when the credentials do not count; Unanswered when no usable answer came.
        """
        ...

    def tag(self, address: str, digest: str, tag: str) -> None:
        """Put one more tag on an image that is there. Errors as in `push`."""
        ...

    def base(self, address: str, ref: str, platform: str) -> BaseImage:
        """The image of that platform under a tag or digest. Raises Refused when not there."""
        ...

    def labels(self, address: str, digest: str) -> Mapping[str, str]:
        """What an image says of itself; empty for an index of several platforms."""
        ...


class Workshop(Protocol):
    """Makes images from sources, on this machine."""

    def content(self, source: Source, base: str) -> str:
        """The content hash of a source; reads, never builds. `base` is a digest or "".

        Raises CheckFailed for a context that must not be sent (credentials, links outside).
        """
        ...

    def pack(self, job: Job) -> AbstractContextManager[Packed]:
        """Make the image; its files are there until the context ends.

        Raises CheckFailed with the last lines of the log when the build fails.
        """
        ...

    def stop(self) -> None:
        """End what is being built (after Ctrl-C); may be called from another thread."""
        ...
