"""What in a working tree differs from its commit, as one short stable hash."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deployctl.adapters.git_command import GitCommand
from deployctl.model.errors import CheckFailed

_LENGTH: Final = 12
_ORDINARY_FIELDS: Final = {"1": 8, "2": 9, "u": 10}


def difference(git: GitCommand, top: Path) -> str:
    """ "" for a clean tree, else 12 hex digits over every changed and untracked file.

    The same changes give the same hash on every machine, whatever git's settings are: names, kinds
    and contents count, not how git would show the difference. Ignored files do not count.
    """
    entries = sorted(_entries(git, top))
    if not entries:
        return ""
    total = hashlib.sha256()
    for name, what in entries:
        total.update(len(name).to_bytes(8) + name + what)
    return total.hexdigest()[:_LENGTH]


def _entries(git: GitCommand, top: Path) -> Iterator[tuple[bytes, bytes]]:
    said = git.ask(
        *git.filters_off(),
        "status",
        "--porcelain=v2",
        "-z",
        "--untracked-files=all",
        "--no-renames",
        "--ignored=no",
        # a submodule's own settings would be obeyed in it: we look into it ourselves
        "--ignore-submodules=dirty",
    )
    if said.status:
        raise CheckFailed(
            f"git cannot compare the tree with its commit: {said.error}",
            hint="Run `git status` there: what does it say?",
        )
    for line in said.out.split(b"\0"):
        if line:
            name = _name(line)
            yield name, _content(top / os.fsdecode(name))
    yield from _inside_submodules(git, top)


def _name(line: bytes) -> bytes:
    kind = chr(line[0])
    spaces = _ORDINARY_FIELDS.get(kind, 1)
    return line.split(b" ", spaces)[spaces]


def _inside_submodules(git: GitCommand, top: Path) -> Iterator[tuple[bytes, bytes]]:
    said = git.ask("ls-files", "--stage", "-z")
    for line in said.out.split(b"\0"):
        if not line.startswith(b"160000 "):
            continue
        name = line.partition(b"\t")[2]
        folder = top / os.fsdecode(name)
        if (folder / ".git").exists():
            found = difference(GitCommand(folder), folder)
            if found:
                yield name + b"/", found.encode()


def _content(path: Path) -> bytes:
    """Kind and hash of a file as it lies there; a folder is a submodule at another commit."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return b"gone"
    if stat.S_ISLNK(mode):
        return b"link" + hashlib.sha256(os.fsencode(path.readlink())).digest()
    if not stat.S_ISREG(mode):
        return b"other" + _submodule_head(path)
    kind = b"program" if mode & stat.S_IXUSR else b"file"
    with path.open("rb") as file:
        return kind + hashlib.file_digest(file, "sha256").digest()


def _submodule_head(path: Path) -> bytes:
    if not (path / ".git").exists():
        return b""
    return GitCommand(path).ask("rev-parse", "--verify", "--quiet", "HEAD").out
