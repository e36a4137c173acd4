"""Turns an image and a create call into a command line and an environment on this machine."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deployctl.sandbox.engine.wire import Refusal

ROOT_MARK = "DEPLOYCTL_SANDBOX_ROOT"  # the state folder: leftovers are found by it, exactly
CONTAINER_MARK = "DEPLOYCTL_SANDBOX_CONTAINER"
_PATHS = ("PATH", "PYTHONPATH")  # lists of folders that have to point into the image's copy
_HOST_ONLY = ("PYTHONHOME", "LD_LIBRARY_PATH", "LD_PRELOAD")  # would aim this machine's programs
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
_SITES = ("usr/local/lib/python3*/site-packages", "usr/lib/python3/dist-packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What this machine lends to a task: its Python, its PATH, its language."""

    python: str
    path: str = _DEFAULT_PATH
    lang: str = "C.UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one container runs: the copy of its image, its address, its ports by container port."""

    rootfs: Path
    address: str
    ports: Mapping[int, int]
    hostname: str
    marks: Mapping[str, str]


def environment(
    image_env: tuple[str, ...], task_env: tuple[str, ...], place: Place, host: Host
) -> dict[str, str]:
    """The whole environment of a task: nothing of the user's own is inherited.

    Order: the image's, the task's, then what the place decides (HOST; PORT unless the task says
    it and the port is the container's own).
    """
    own = dict(_pairs(image_env))
    for name in _HOST_ONLY:
        own.pop(name, None)
    own |= dict(_pairs(task_env))
    for name in _PATHS:
        if name in own:
            own[name] = ":".join(into(place.rootfs, part) for part in own[name].split(":"))
    own["PATH"] = f"{own.get('PATH') or _image_path(place.rootfs)}:{host.path}"
    sites = [str(p) for pattern in _SITES for p in sorted(place.rootfs.glob(pattern))]
    own["PYTHONPATH"] = ":".join([*filter(None, [own.get("PYTHONPATH")]), *sites])
    if not own["PYTHONPATH"]:
        del own["PYTHONPATH"]
    fixed = {"HOST": place.address, "HOSTNAME": place.hostname, **place.marks}
    soft = {
        "LANG": host.lang,
        "HOME": str(place.rootfs),
        "TMPDIR": str(place.rootfs / "tmp"),
        "PYTHONUNBUFFERED": "1",
    }
    return soft | own | fixed | _ports(own, place)


def _ports(own: Mapping[str, str], place: Place) -> dict[str, str]:
    """PORT for the first port; PORT_<n> for each; a PORT of the task's own choice is kept."""
    named = {f"PORT_{inside}": str(outside) for inside, outside in place.ports.items()}
    if place.ports:
        inside, outside = next(iter(place.ports.items()))
        if inside != outside or "PORT" not in own:
            named["PORT"] = str(outside)
    return named


def command_line(
    words: tuple[str, ...], env: Mapping[str, str], cwd: Path, place: Place, host: Host
) -> tuple[str, ...]:
    """The argv that runs here what `words` runs in the image. Raises Refusal when nothing does."""
    if not words:
        raise Refusal(400, "No command specified")
    program, *rest = words
    arguments = tuple(into(place.rootfs, word) for word in rest)
    if _is_python(program):
        return (host.python, *arguments)
    found = _find(program, env["PATH"], cwd, place.rootfs)
    if found is None:
        raise Refusal(
            400,
            f'failed to create task: exec: "{program}": executable file not found in the image '
            "or on this machine",
        )
    return (*_interpreter(found, host), found, *arguments)


def working_dir(place: Place, *candidates: str) -> Path:
    """The first folder that is named, inside the image's copy; made when missing."""
    named = next((text for text in candidates if text), "/")
    folder = Path(os.path.normpath(place.rootfs / named.lstrip("/")))
    if not folder.is_relative_to(place.rootfs):
        raise Refusal(400, f"the working directory {named!r} leaves the image")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def into(rootfs: Path, word: str) -> str:
    """An absolute path that exists in the image, as a path on this machine; else the word."""
    if not word.startswith("/") or word == "/" or "\0" in word:
        return word
    inside = Path(os.path.normpath(rootfs / word.lstrip("/")))
    if inside.is_relative_to(rootfs) and inside.exists():
        return str(inside)
    return word


def _is_python(program: str) -> bool:
    name = PurePosixPath(program)
    stem = name.name.removeprefix("python")
    versions = stem.replace(".", "").isdigit() or not stem
    known = str(name.parent) in (".", "/usr/bin", "/usr/local/bin", "/bin")
    return name.name.startswith("python") and versions and known


def _find(program: str, path: str, cwd: Path, rootfs: Path) -> str | None:
    if program.startswith("/"):
        chosen = into(rootfs, program)
        return chosen if os.access(chosen, os.X_OK) else None
    if "/" in program:
        relative = cwd / program
        return str(relative) if os.access(relative, os.X_OK) else None
    return shutil.which(program, path=path)


def _interpreter(program: str, host: Host) -> tuple[str, ...]:
    """Scripts that name a Python of the image run with this machine's."""
    with Path(program).open("rb") as file:
        first = file.readline(256)
    return (host.python,) if first.startswith(b"#!") and b"python" in first else ()


def _image_path(rootfs: Path) -> str:
    return ":".join(into(rootfs, part) for part in _DEFAULT_PATH.split(":"))


def _pairs(env: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (entry.partition("=") for entry in env)]
