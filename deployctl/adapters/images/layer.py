"""Packs files on a base image without any engine: same files, same bytes, same digest."""

import posixpath
import stat
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from deployctl.adapters.images.blobs import (
    GZIP,
    ZSTD,
    Squeezed,
    assembled,
    compact,
    parsed,
    squeezing,
    written,
)
from deployctl.adapters.images.context import walk
from deployctl.model.build import Layer
from deployctl.model.errors import CheckFailed
from deployctl.ports.images import BaseImage, Blob, Packed

_EPOCH: Final = "1970-01-01T00:00:00Z"
_DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def pack_layer(
    source: Layer, base: BaseImage | None, labels: Mapping[str, str], folder: Path
) -> Packed:
    """Base layers as they are, plus one layer of the source's files; blobs go to `folder`.

    Raises CheckFailed when `files` names something that is not in the context.
    """
    made = Squeezed()
    with squeezing(folder, made) as into, tarfile.open(fileobj=into, mode="w|") as tar:  # type: ignore[call-overload]  # only write is used
        for name, path in sorted(_placed(source).items()):
            _add(tar, name, path)
    assert made.blob  # noqa: S101 - set when squeezing ended well
    under = parsed(base.config, "the base image's config") if base else {}
    config = _config(source, under, labels, made.diff_id)
    return assembled(
        written(compact(config), folder),
        [*_base_layers(base), (made.blob, GZIP)],
        maker="layer, no engine",
    )


def taken(source: Layer, path: str) -> bool:
    """Whether a path of the context goes into the image."""
    starts = (posixpath.normpath(start) for start in source.files)
    return path != ".dockerignore" and any(_below(path, start) for start in starts)


def _below(path: str, start: str) -> bool:
    return start in {".", path} or path.startswith(f"{start}/")


def _placed(source: Layer) -> dict[str, Path | None]:
    """Names in the image (no leading slash) → what stands there; None is a folder."""
    root = Path(source.context)
    paths = sorted(path for path in walk(root) if path != ".dockerignore")
    placed: dict[str, Path | None] = {}
    for start, target in source.files.items():
        first = posixpath.normpath(start)
        inside = [path for path in paths if _below(path, first)]
        if not inside:
            raise CheckFailed(
                f"`files: {start}` names nothing in {root} (or .dockerignore leaves it out)",
                hint="Correct the path, or the .dockerignore.",
            )
        for path in inside:
            placed[_name(target, path, first, root)] = root / path
    for name in tuple(placed):
        for parent in _parents(name):
            placed.setdefault(parent, None)
    placed.pop("", None)
    return placed


def _name(target: str, path: str, start: str, root: Path) -> str:
    """Where a path of the context goes; a file named alone goes *into* a target with a slash."""
    alone = path == start and not (root / path).is_dir()
    inner = posixpath.basename(path) if alone and target.endswith("/") else ""
    within = inner or posixpath.relpath(path, start)
    return posixpath.normpath(posixpath.join("/", target, within)).lstrip("/")


def _parents(name: str) -> Iterator[str]:
    while name := posixpath.dirname(name):
        yield name


def _add(tar: tarfile.TarFile, name: str, path: Path | None) -> None:
    """One member, with nothing of this machine in it: no owner, no time, two modes."""
    member = tarfile.TarInfo(name)
    mode = path.lstat().st_mode if path else stat.S_IFDIR
    if stat.S_ISDIR(mode):
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(member)
    elif stat.S_ISLNK(mode) and path:
        member.type, member.mode, member.linkname = tarfile.SYMTYPE, 0o777, str(path.readlink())
        tar.addfile(member)
    elif stat.S_ISREG(mode) and path:
        with path.open("rb") as stream:
            member.size = path.stat().st_size
            member.mode = 0o755 if mode & 0o111 else 0o644
            tar.addfile(member, stream)


def _base_layers(base: BaseImage | None) -> list[tuple[Blob, str]]:
    if base is None:
        return []
    manifest = parsed(base.manifest, "the base image's manifest")
    return [
        (
            Blob(digest=one["digest"], size=one["size"], origin=base.repository),
            ZSTD if str(one.get("mediaType")).endswith("zstd") else GZIP,
        )
        for one in manifest.get("layers", [])
    ]


def _config(
    source: Layer, under: Mapping[str, Any], labels: Mapping[str, str], diff_id: str
) -> dict[str, Any]:
    """The image config: the base's, with what the source sets on top."""
    below: dict[str, Any] = under.get("config") or {}
    system, _, architecture = source.platform.partition("/")
    config = {
        **below,
        "Env": _env(below.get("Env") or [f"PATH={_DEFAULT_PATH}"], source.env),
        "Labels": {**(below.get("Labels") or {}), **labels},
    }
    if source.entrypoint:
        # as in a Dockerfile, a new entrypoint drops the command that was meant for the old one
        config |= {"Entrypoint": list(source.entrypoint), "Cmd": None}
    if source.command:
        config["Cmd"] = list(source.command)
    config |= {
        key: value
        for key, value in (("WorkingDir", source.workdir), ("User", source.user))
        if value
    }
    rootfs = under.get("rootfs") or {}
    return {
        "architecture": architecture.partition("/")[0],
        "os": system,
        "created": _EPOCH,
        "config": {key: value for key, value in config.items() if value is not None},
        "rootfs": {"type": "layers", "diff_ids": [*rootfs.get("diff_ids", []), diff_id]},
        "history": [
            *(under.get("history") or []),
            {"created": _EPOCH, "created_by": "deployctl layer"},
        ],
    }


def _env(below: list[str], ours: Mapping[str, str]) -> list[str]:
    merged = dict(item.partition("=")[::2] for item in below) | dict(ours)
    return [f"{name}={value}" for name, value in merged.items()]
