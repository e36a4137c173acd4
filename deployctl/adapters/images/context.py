"""Reads a build context the way a container engine would, and names its content."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from docker.utils.build import PatternMatcher  # type: ignore[import-untyped]  # ships no types

from deployctl.model.build import Entry, Sort
from deployctl.model.errors import CheckFailed

_SECRET_FILES: Final = frozenset(
    {".env", ".env.local", ".netrc", ".pypirc", ".git-credentials", "id_rsa", "id_ed25519"}
)
_SECRET_FOLDERS: Final = frozenset({".aws", ".ssh"})


def entries(
    root: Path, *, dockerfile: str = "", only: Callable[[str], bool] = lambda _: True
) -> tuple[Entry, ...]:
    """Everything of the folder that .dockerignore lets through, sorted by path.

    `dockerfile` (relative to the folder, may lie outside it) always counts, and so does
    .dockerignore. `only` narrows it down to the paths that matter. Sockets, pipes and devices are
    left out, as engines do. Raises CheckFailed for a missing folder or file, for credentials in
    the context and for links that leave it.
    """
    if not root.is_dir():
        raise CheckFailed(f"build context {root} is no folder", hint="Correct the path.")
    found = tuple(_read(root, path) for path in sorted(filter(only, walk(root, dockerfile))))
    kept = [entry for entry in found if entry]
    if dockerfile and dockerfile not in {entry.path for entry in kept}:
        kept.append(_outside(root, dockerfile))
    _refuse_secrets(root, kept)
    return tuple(kept)


def walk(root: Path, dockerfile: str = "") -> Iterator[str]:
    """The relative paths that .dockerignore lets through, folders included, in no order."""
    patterns = _patterns(ignore_file(root, dockerfile))
    if dockerfile:
        patterns.append(f"!{dockerfile}")
    yield from PatternMatcher(patterns).walk(str(root))


def ignore_file(root: Path, dockerfile: str = "") -> Path:
    """The ignore file that counts: the Dockerfile's own one before the folder's."""
    own = root / f"{dockerfile}.dockerignore"
    return own if dockerfile and own.is_file() else root / ".dockerignore"


def file_hash(path: Path) -> str:
    """The sha256 (hex) of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def has_git(found: tuple[Entry, ...]) -> bool:
    """Whether the repository's own folder is sent along: then every commit looks new."""
    return any(entry.path == ".git" for entry in found)


def _patterns(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    stripped = (line.strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("#")]


def _read(root: Path, path: str) -> Entry | None:
    full = root / path
    mode = full.lstat().st_mode
    if stat.S_ISLNK(mode):
        return Entry(path=path, sort=Sort.LINK, content=_inside(root, path))
    if stat.S_ISDIR(mode):
        return Entry(path=path, sort=Sort.FOLDER)
    if not stat.S_ISREG(mode):
        return None
    try:
        content = file_hash(full)
    except PermissionError as error:
        raise CheckFailed(
            f"{full} cannot be read: {error.strerror}",
            hint=f"Add it to {root / '.dockerignore'}, or make it readable.",
        ) from error
    return Entry(path=path, sort=Sort.PROGRAM if mode & 0o111 else Sort.FILE, content=content)


def _inside(root: Path, path: str) -> str:
    """The target of a link, refused when following it would leave the context."""
    full = root / path
    target = os.readlink(full)  # noqa: PTH115 - Path.readlink would normalise what is hashed
    try:
        stays = not os.path.isabs(target) and full.resolve().is_relative_to(  # noqa: PTH117 - a str
            root.resolve()
        )
    except (OSError, RuntimeError) as error:
        stays = getattr(error, "errno", errno.ELOOP) not in {errno.ELOOP, None}
    if not stays:
        raise CheckFailed(
            f"the link {path} in the build context {root} leaves it (it points to {target})",
            hint=f"Replace it by a copy, or add it to {root / '.dockerignore'}.",
        )
    return target


def _outside(root: Path, dockerfile: str) -> Entry:
    full = root / dockerfile
    if not full.is_file():
        raise CheckFailed(
            f"there is no {dockerfile} in {root}",
            hint="Set `dockerfile:` of this build, or add the file.",
        )
    return Entry(path=dockerfile, sort=Sort.FILE, content=file_hash(full))


def _refuse_secrets(root: Path, kept: list[Entry]) -> None:
    bad = sorted({name for entry in kept if (name := _secret(entry))})
    if bad:
        raise CheckFailed(
            f"the build context {root} holds credentials: {', '.join(bad)}",
            hint=f"Add to {root / '.dockerignore'}: {' '.join(f'**/{name}' for name in bad)}",
        )


def _secret(entry: Entry) -> str:
    """The name in the path that gives credentials away, or ""."""
    if entry.sort is Sort.FOLDER:
        return ""
    *folders, name = entry.path.split("/")
    inside = [folder for folder in folders if folder in _SECRET_FOLDERS]
    return inside[0] if inside else name if name in _SECRET_FILES else ""
