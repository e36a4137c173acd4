"""Writes blobs and manifests: content-named files, the same bytes for the same content."""

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Protocol
from uuid import uuid4

from deployctl.model.errors import CheckFailed
from deployctl.ports.images import Blob, Packed

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
GZIP: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
ZSTD: Final = "application/vnd.oci.image.layer.v1.tar+zstd"
_CHUNK: Final = 1 << 20
_LEVEL: Final = 6


class Sink(Protocol):
    """Something that takes bytes."""

    def write(self, piece: bytes, /) -> int:
        """Take them all."""
        ...


@dataclass(slots=True)
class Counted:
    """Hands bytes on and knows their sha256 and number so far."""

    out: Sink
    size: int = 0
    known: Any = field(default_factory=hashlib.sha256)

    def write(self, piece: bytes) -> int:
        """Count, then hand on."""
        self.known.update(piece)
        self.size += len(piece)
        self.out.write(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def digest(self) -> str:
        """`sha256:…` of what went through."""
        return f"sha256:{self.known.hexdigest()}"


@dataclass(slots=True)
class Squeezed:
    """A compressed layer in the making; `blob` and `diff_id` are there when it is closed."""

    blob: Blob | None = None
    diff_id: str = ""


@contextmanager
def squeezing(folder: Path, made: Squeezed) -> Iterator[Counted]:
    """Take the bytes of a layer's tar; leaves it gzipped in `folder`.

    No name, no time in the gzip header: the same tar gives the same blob.
    """
    part = folder / f"part-{uuid4().hex}"
    with part.open("wb") as file:
        outer = Counted(file)
        with gzip.GzipFile("", "wb", _LEVEL, outer, mtime=0) as squeezer:
            inner = Counted(squeezer)
            yield inner
    path = part.rename(folder / outer.digest.partition(":")[2])
    made.blob = Blob(digest=outer.digest, size=outer.size, path=str(path))
    made.diff_id = inner.digest


def keep(stream: IO[bytes], folder: Path) -> Blob:
    """Copy a blob as it is into `folder`, under its own name."""
    part = folder / f"part-{uuid4().hex}"
    with part.open("wb") as file:
        counted = Counted(file)
        shutil.copyfileobj(stream, counted, _CHUNK)
    path = part.rename(folder / counted.digest.partition(":")[2])
    return Blob(digest=counted.digest, size=counted.size, path=str(path))


def pour(stream: IO[bytes], into: Counted) -> None:
    """Copy everything, in pieces."""
    shutil.copyfileobj(stream, into, _CHUNK)


def written(content: bytes, folder: Path) -> Blob:
    """Write a small blob."""
    digest = digest_of(content)
    path = folder / digest.partition(":")[2]
    path.write_bytes(content)
    return Blob(digest=digest, size=len(content), path=str(path))


def digest_of(content: bytes) -> str:
    """`sha256:…` of bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def compact(value: Any) -> bytes:
    """JSON with one way to write it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def descriptor(blob: Blob, media_type: str) -> dict[str, Any]:
    """How a manifest names a blob."""
    return {"mediaType": media_type, "digest": blob.digest, "size": blob.size}


def assembled(config: Blob, layers: Sequence[tuple[Blob, str]], *, maker: str) -> Packed:
    """An OCI image of a config and its layers (blob, media type)."""
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(config, CONFIG),
        "layers": [descriptor(blob, media_type) for blob, media_type in layers],
    }
    content = compact(manifest)
    unique = {blob.digest: blob for blob, _ in layers}
    return Packed(
        digest=digest_of(content),
        manifest=content,
        media_type=MANIFEST,
        blobs=(*unique.values(), config),
        maker=maker,
    )


def short(platform: str) -> str:
    """System and architecture of a platform, without its variant (`linux/arm64/v8`)."""
    return "/".join(platform.split("/")[:2])


def parsed(content: bytes, what: str) -> dict[str, Any]:
    """A JSON object out of an image. Raises CheckFailed when it is none."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CheckFailed(f"{what} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise CheckFailed(f"{what} is no JSON object")
    return value
