"""Finds the shared libraries that programs of this machine need to run somewhere else."""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from deployctl.model.errors import CheckFailed

_FOUND = re.compile(r"^\s+(?:\S+ => )?(/\S+) \(0x", re.MULTILINE)
# what ldd does not tell: loaded at run time (name lookup), or asked for by wheels built against an
# older C library, for which newer ones keep empty stand-ins
_COMPANIONS = (
    *("libpthread.so.0", "libdl.so.2", "libutil.so.1", "librt.so.1", "libm.so.6"),
    *("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2", "libstdc++.so.6", "libgcc_s.so.1"),
)
_SEARCHED = re.compile(r"^/(usr/)?lib(64)?(/[a-z0-9_]+-linux-[a-z]+)?$")


def closure(programs: Iterable[Path]) -> dict[str, Path]:
    """Name in the image -> file here, for all libraries the programs are linked with.

    A library in a folder that the loader searches keeps its place, others go to usr/local/lib.
    Raises CheckFailed when ldd is missing.
    """
    try:
        answer = subprocess.run(
            ["ldd", *map(str, programs)],  # noqa: S607 - where ldd is differs
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
    except OSError as error:
        raise CheckFailed(
            f"the sandbox's Python image cannot be made without ldd: {error}",
            hint="Install it (package libc-bin), or: deployctl sandbox up --backend processes",
        ) from error
    found = {Path(line) for line in _FOUND.findall(answer.stdout)}
    return {_place(library): library.resolve() for library in sorted(found)}


def companions(found: Mapping[str, Path]) -> dict[str, Path]:
    """The libraries that belong to those found although no program names them."""
    folders = {source.parent for name, source in found.items() if "/libc." in f"/{name}"}
    folders |= {Path("/usr/lib") / folder.name for folder in folders}
    present = {Path(name).name for name in found}
    missing: dict[str, Path] = {}
    for name in _COMPANIONS:
        place = next(
            (folder / name for folder in sorted(folders) if (folder / name).exists()), None
        )
        if place and name not in present:
            missing[_place(place)] = place.resolve()
    return missing


def _place(library: Path) -> str:
    # the loader itself is named by every program with its full path
    kept = _SEARCHED.match(str(library.parent)) or library.name.startswith("ld-")
    return str(library).lstrip("/") if kept else f"usr/local/lib/{library.name}"
