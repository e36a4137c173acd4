"""A workshop that makes tiny images without touching any file of the user."""

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deployctl.model.build import Source, content_hash
from deployctl.model.errors import DeployError
from deployctl.ports.images import Blob, Job, Packed
from tests.fakes.registry import digest_of


def tiny_image(folder: Path, text: str = "x", labels: Mapping[str, str] | None = None) -> Packed:
    """An image whose one layer is a few bytes of text."""
    config = json.dumps(
        {"architecture": "amd64", "os": "linux", "config": {"Labels": dict(labels or {})}}
    ).encode()
    blobs = []
    for content in (text.encode(), config):
        path = folder / digest_of(content).removeprefix("sha256:")
        path.write_bytes(content)
        blobs.append(Blob(digest=digest_of(content), size=len(content), path=str(path)))
    layer, described = [{"digest": blob.digest, "size": blob.size} for blob in blobs]
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": {**described, "mediaType": "application/vnd.oci.image.config.v1+json"},
            "layers": [{**layer, "mediaType": "application/vnd.oci.image.layer.v1.tar"}],
        }
    ).encode()
    return Packed(
        digest=digest_of(manifest),
        manifest=manifest,
        media_type=media_type,
        blobs=tuple(blobs),
        maker="fake",
    )


class FakeWorkshop:
    """Packs every job into a tiny image. `trouble` maps a job's name to the error it ends with.

    `meanwhile` happens during every build.
    `ctrl_c` names a job during which the user presses Ctrl-C; it runs until it is stopped.
    `together` makes the first jobs wait for each other, so a test sees that they run at once.
    """

    def __init__(self, together: int = 1) -> None:
        self.jobs: list[Job] = []
        self.trouble: dict[str, DeployError] = {}
        self.interrupt: dict[str, BaseException] = {}
        self.stopped = threading.Event()
        self.ctrl_c = ""
        self.meanwhile: Callable[[], object] = lambda: None
        self._together = threading.Barrier(together)
        self.barrier_passed = 0

    def content(self, source: Source, base: str) -> str:
        return content_hash(source, (), base=base)

    @contextmanager
    def pack(self, job: Job) -> Iterator[Packed]:
        self.jobs.append(job)
        self.meanwhile()
        if self._together.parties > 1:
            self._together.wait(timeout=5)
            self.barrier_passed += 1
        if job.name == self.ctrl_c:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            assert self.stopped.wait(timeout=5)
        if job.name in self.trouble:
            raise self.trouble[job.name]
        if job.name in self.interrupt:
            raise self.interrupt[job.name]
        with TemporaryDirectory() as folder:
            yield tiny_image(Path(folder), f"{job.source!r}", job.labels)

    def stop(self) -> None:
        self.stopped.set()
