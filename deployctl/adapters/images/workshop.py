"""Makes images on this machine: each kind of source by its own means."""

import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deployctl.adapters.images.context import entries, has_git
from deployctl.adapters.images.docker_cli import Builder, build, detected
from deployctl.adapters.images.layer import pack_layer, taken
from deployctl.adapters.images.oci_layout import layout_digest, pack_layout, pack_saved
from deployctl.adapters.images.pressing import Pressing
from deployctl.adapters.processes import Processes
from deployctl.model.build import (
    Dockerfile,
    Entry,
    Layer,
    OciLayout,
    Pinned,
    Sort,
    Source,
    content_hash,
)
from deployctl.model.errors import CheckFailed
from deployctl.model.event import LogLine, Notice
from deployctl.ports.images import Job, Packed
from deployctl.ports.screen import Tell

_PASSED_ON: Final = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK")
_PASSED_ON_FROM: Final = (
    "LANG", "LC_", "DOCKER_", "BUILDKIT_", "BUILDX_", "BUILDAH_", "CONTAINER", "REGISTRY_",
    "STORAGE_", "XDG_", "SSL_CERT_",
    "AWS_",  # the credential helper of a private base image logs in with them
)  # fmt: skip
_PROXIES: Final = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


def for_builders(environ: Mapping[str, str]) -> dict[str, str]:
    """What a container tool needs of our environment; the CI's secrets stay here."""
    return {
        name: value
        for name, value in environ.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_FROM) or name.lower() in _PROXIES
    }


# BuildKit says much about itself: hashes, cache hits, how long a part of a step took.
_BOOKKEEPING = re.compile(
    r"\s*|#\d+ (sha256:.*|CACHED|DONE [\d.]+s|exporting .*|writing .*|naming .*)"
)


class Workbench:
    """The workshop of this machine. The builder is looked for when the first Dockerfile comes.

    Several threads may pack at once. `tell` hears build output as LogLine. Builders see only the
    part of the environment of `processes` that they need.
    """

    def __init__(self, *, processes: Processes, tell: Tell) -> None:
        self._processes = Processes(for_builders(processes.environ))
        self._tell = tell
        self._lock = threading.Lock()
        self._builder: Builder | None = None
        self._pressing = Pressing()

    @property
    def builder(self) -> Builder:
        """The container tool that is used. Raises CheckFailed when there is none."""
        with self._lock:
            if self._builder is None:
                self._builder = detected(self._processes)
            return self._builder

    def content(self, source: Source, base: str) -> str:
        """The content hash; files are read in pieces, nothing is built."""
        return content_hash(source, self._entries(source), base=base)

    @contextmanager
    def pack(self, job: Job) -> Iterator[Packed]:
        """Make the image in a temporary folder that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="deployctl-image-") as name:
            yield self._packed(job, Path(name))

    def stop(self) -> None:
        """End all builders that run."""
        self._processes.stop()

    def _entries(self, source: Source) -> tuple[Entry, ...]:
        match source:
            case Dockerfile(context=context):
                found = entries(Path(context), dockerfile=source.dockerfile)
                return self._warned(context, found)
            case Layer(context=context):
                found = entries(Path(context), only=lambda path: taken(source, path))
                return self._warned(context, found)
            case OciLayout(path=path, platform=platform):
                digest = layout_digest(Path(path), platform)
                return (Entry(path="image", sort=Sort.FILE, content=digest),)
            case Pinned():
                raise CheckFailed("a pinned image has no source to read")

    def _packed(self, job: Job, folder: Path) -> Packed:
        match job.source:
            case Dockerfile() as source:
                return self._built(job, source, folder)
            case Layer() as source:
                return pack_layer(source, job.base, job.labels, folder)
            case OciLayout(path=path, platform=platform):
                return pack_layout(Path(path), platform, folder, self._pressing)
            case Pinned():
                raise CheckFailed("a pinned image is in the registry already: nothing to make")

    def _built(self, job: Job, source: Dockerfile, folder: Path) -> Packed:
        builder = self.builder
        saved = folder / "saved.tar"

        def each(line: str) -> None:
            if not _BOOKKEEPING.fullmatch(line):
                self._tell(LogLine(source=f"build {job.name}", text=line))

        build(builder, self._processes, job, source, saved=saved, each=each)
        packed = pack_saved(saved, source.platform, folder, self._pressing, maker=str(builder))
        saved.unlink()
        return packed

    def _warned(self, context: str, found: tuple[Entry, ...]) -> tuple[Entry, ...]:
        if has_git(found):
            self._tell(
                Notice(
                    text=f"{context} holds .git, so every commit looks like new content: "
                    f"add .git to {Path(context, '.dockerignore')}",
                    warning=True,
                )
            )
        return found
