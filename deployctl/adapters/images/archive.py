"""Reads image files out of a folder or a tar, by exact name and never beyond it."""

import posixpath
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Protocol

from deployctl.model.errors import CheckFailed

_DOCUMENT: Final = 4 << 20


class Archive(Protocol):
    """Named files of an image, wherever they are kept."""

    def has(self, name: str) -> bool:
        """Whether there is a regular file of that name."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """The file's bytes; the caller closes it. Raises CheckFailed when there is none."""
        ...


class Folder:
    """An unpacked image. Names that would lead out of the folder do not exist."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        full = (self._root / name).resolve()
        return full.is_relative_to(self._root) and full.is_file()

    def open(self, name: str) -> IO[bytes]:
        """The file itself."""
        if not self.has(name):
            raise _missing(name, str(self._root))
        return (self._root / name).open("rb")


class Tar:
    """An image in a tar. Members are read where they lie; nothing is ever unpacked by name.

    Old `docker save` tars name equal layers by links: those are followed inside the tar.
    """

    def __init__(self, tar: tarfile.TarFile, path: Path) -> None:
        self._tar = tar
        self._path = path
        self._members = {posixpath.normpath(member.name): member for member in tar}

    def has(self, name: str) -> bool:
        """Whether there is such a regular member."""
        return self._find(name) is not None

    def open(self, name: str) -> IO[bytes]:
        """The member's bytes."""
        member = self._find(name)
        stream = self._tar.extractfile(member) if member else None
        if stream is None:
            raise _missing(name, str(self._path))
        return stream

    def _find(self, name: str) -> tarfile.TarInfo | None:
        for _ in range(8):
            name = posixpath.normpath(name)
            member = self._members.get(name)
            if member is None or member.isreg():
                return member
            if member.issym():
                name = posixpath.join(posixpath.dirname(name), member.linkname)
            elif member.islnk():
                name = member.linkname
            else:
                return None
        return None


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at a path, folder or tar. Raises CheckFailed when it is neither."""
    if path.is_dir():
        yield Folder(path)
        return
    try:
        tar = tarfile.open(path)  # noqa: SIM115 - closed below; only opening is translated
    except (OSError, tarfile.TarError) as error:
        raise CheckFailed(
            f"{path} is no image: neither an OCI layout folder nor a tar ({error})",
            hint="Point `path:` to what your tool wrote, e.g. `docker save -o image.tar …`.",
        ) from error
    with tar:
        yield Tar(tar, path)


def document(archive: Archive, name: str) -> bytes:
    """A small file, whole. Raises CheckFailed when it is missing or over 4 MiB."""
    with archive.open(name) as stream:
        content = stream.read(_DOCUMENT + 1)
    if len(content) > _DOCUMENT:
        raise CheckFailed(f"{name} in the image is larger than any such document is")
    return content


def _missing(name: str, where: str) -> CheckFailed:
    return CheckFailed(
        f"{where} has no file {name}", hint="Is it complete? Let your tool write it again."
    )
