"""Reproducible image layers and the documents (config, manifest) that make an image of them."""

import gzip
import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer: `packed` is the gzipped tar, `diff_id` the digest of the tar inside."""

    packed: bytes = field(repr=False)
    diff_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """All the bytes of an image, ready for a registry."""

    layers: tuple[Layer, ...]
    config: bytes
    manifest: bytes
    media_type: str = _MANIFEST

    @property
    def blobs(self) -> dict[str, bytes]:
        """What the manifest names, by digest."""
        return {digest(blob): blob for blob in (*(one.packed for one in self.layers), self.config)}


def digest(blob: bytes) -> str:
    """A content address as registries write it."""
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def make_tar(
    files: Iterable[tuple[str, Path | bytes, int]], links: Mapping[str, str] | None = None
) -> bytes:
    """A tar of (name, content, mode) and symbolic links whose bytes depend on nothing else."""
    stream = io.BytesIO()
    folders: set[str] = set()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
        entries: dict[str, tuple[Path | bytes | str, int]] = {
            **{name: (content, mode) for name, content, mode in files},
            **{name: (target, 0o777) for name, target in (links or {}).items()},
        }
        for name in sorted(entries):
            _add_folders(tar, name, folders)
            folders.add(name)  # if it is a folder it stands here already
            _add(tar, name, *entries[name])
    return stream.getvalue()


def _add_folders(tar: tarfile.TarFile, name: str, known: set[str]) -> None:
    for folder in reversed(Path(name).parents[:-1]):
        if str(folder) not in known:
            known.add(str(folder))
            tar.addfile(_entry(str(folder), tarfile.DIRTYPE, 0o755))


def _add(tar: tarfile.TarFile, name: str, content: Path | bytes | str, mode: int) -> None:
    match content:
        case str():
            link = _entry(name, tarfile.SYMTYPE, mode)
            link.linkname = content
            tar.addfile(link)
        case Path() if content.is_dir():
            tar.addfile(_entry(name, tarfile.DIRTYPE, mode))
        case _:
            blob = content if isinstance(content, bytes) else content.read_bytes()
            entry = _entry(name, tarfile.REGTYPE, mode)
            entry.size = len(blob)
            tar.addfile(entry, io.BytesIO(blob))


def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, 0
    return entry


def pack(tar: bytes, *, level: int = 6) -> Layer:
    """Gzip a tar without the time of day, so that equal content has an equal digest."""
    return Layer(packed=gzip.compress(tar, level, mtime=0), diff_id=digest(tar))


def make_image(layers: Iterable[Layer], run: Mapping[str, object]) -> Image:
    """An image for this machine's kind of processor; `run` is the config's `config` member."""
    layers = tuple(layers)
    machine = platform.machine()
    config = _document(
        {
            "architecture": _ARCHITECTURES.get(machine, machine),
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": dict(run),
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [{"created": "1970-01-01T00:00:00Z"} for _ in layers],
        }
    )
    manifest = _document(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _named(_CONFIG, config),
            "layers": [_named(_LAYER, layer.packed) for layer in layers],
        }
    )
    return Image(layers=layers, config=config, manifest=manifest)


def _named(media_type: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "size": len(blob), "digest": digest(blob)}


def _document(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
