"""Unpacks an image layer into a folder and lets nothing of it leave that folder.

Python 3.11.2 (Debian 12) has no `tarfile.data_filter` yet, so the rules are spelled out here.
"""

import os
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from deployctl.sandbox.engine.wire import Refusal

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_GZIP_MAGIC = b"\x1f\x8b"


def unpack_layer(layer: IO[bytes], root: Path) -> None:
    """Lay one layer (tar or tar+gzip, seekable) over `root`. Raises Refusal."""
    packed = layer.read(2) == _GZIP_MAGIC
    layer.seek(0)
    fresh: set[Path] = set()
    try:
        with tarfile.open(fileobj=layer, mode="r|gz" if packed else "r|") as archive:
            for member in archive:
                _place(archive, member, root, fresh)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise Refusal(500, f"layer refused: not a tar archive ({error})") from None
    except OSError as error:
        raise Refusal(500, f"layer refused: {error}") from None


def _place(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path, fresh: set[Path]) -> None:
    parts = _inside(member.name)
    if not parts:
        return
    folder = _folder(root, parts[:-1], member.name)
    name = parts[-1]
    if name.startswith(_WHITEOUT):
        _white_out(folder, name, fresh)
        return
    target = folder / name
    if not (member.isdir() and target.is_dir() and not target.is_symlink()):
        _clear(target)
    _write(archive, member, target, root)
    fresh.add(target)


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, root: Path) -> None:
    if member.isdir():
        target.mkdir(exist_ok=True)
        target.chmod((member.mode & 0o777) | 0o700)
    elif member.isreg():
        source = archive.extractfile(member)
        with target.open("wb") as file:
            if source is not None:
                shutil.copyfileobj(source, file, 1 << 18)
        target.chmod((member.mode & 0o777) | 0o600)
        os.utime(target, (member.mtime, member.mtime))  # .pyc files name their source's time
    elif member.issym():
        target.symlink_to(_link(target, member, root))
    elif member.islnk() and (source_parts := _inside(member.linkname)):
        source_path = _folder(root, source_parts[:-1], member.linkname) / source_parts[-1]
        os.link(source_path, target, follow_symlinks=False)
    else:
        raise Refusal(500, f"layer refused: {member.name!r} is no file, folder or link")


def _inside(name: str) -> tuple[str, ...]:
    """The parts of a member's name; `..` anywhere is refused, a leading / means the image's."""
    parts = tuple(part for part in PurePosixPath(name).parts if part not in ("/", "."))
    if ".." in parts:
        raise Refusal(500, f"layer refused: {name!r} leaves the image")
    return parts


def _folder(root: Path, parts: tuple[str, ...], name: str) -> Path:
    """The folder of a member, made when missing; links on the way must stay inside."""
    folder = Path(os.path.realpath(root.joinpath(*parts)))
    if not folder.is_relative_to(os.path.realpath(root)):
        raise Refusal(500, f"layer refused: {name!r} leaves the image")
    if folder.exists() and not folder.is_dir():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _link(target: Path, member: tarfile.TarInfo, root: Path) -> str:
    """A link as a path below the image: absolute ones start at the image's own root."""
    home = Path(os.path.realpath(root))
    absolute = member.linkname.startswith("/")
    base = home if absolute else target.parent
    goal = os.path.normpath(base / member.linkname.lstrip("/"))
    if not Path(goal).is_relative_to(home):
        raise Refusal(500, f"layer refused: {member.name!r} links to {member.linkname!r} outside")
    return os.path.relpath(goal, target.parent) if absolute else member.linkname


def _white_out(folder: Path, name: str, fresh: set[Path]) -> None:
    """Remove what lower layers put here; what this layer itself brought stays."""
    doomed = name.removeprefix(_WHITEOUT)
    if name != _OPAQUE and doomed in ("", ".", ".."):
        raise Refusal(500, f"layer refused: {name!r} would remove more than its own folder's file")
    for path in list(folder.iterdir()) if name == _OPAQUE else [folder / doomed]:
        if path not in fresh:
            _clear(path)


def _clear(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
