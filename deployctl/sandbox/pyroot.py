"""A small Python base image made of this machine's own Python, with no download."""

import hashlib
import json
import os
import platform
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from deployctl.model.errors import CheckFailed
from deployctl.sandbox.layer import Image, Layer, digest, make_image, make_tar, pack
from deployctl.sandbox.shared_libraries import closure, companions

NAME, TAG = "deployctl-sandbox-python", "3"
_TOOLS = ("sh", "ls", "cat", "sleep", "env")
_LEFT_OUT = (  # one that ends in - or . stands for all that begin with it
    *("test", "tests", "idlelib", "tkinter", "_tkinter.", "turtledemo", "ensurepip", "lib2to3"),
    *("__pycache__", "site-packages", "dist-packages", "config-"),
)
_RECIPE = ("pyroot.py", "shared_libraries.py", "layer.py")
_ENV = ("PATH=/usr/local/bin:/usr/bin:/bin", "LD_LIBRARY_PATH=/usr/local/lib", "LANG=C.UTF-8")
RUN: dict[str, object] = {"Env": list(_ENV), "Cmd": ["python3"]}


def base_image(layer: Layer, *, mark: str) -> Image:
    """The base image as bytes; `mark` (any word) gives it an identity of its own."""
    return make_image([layer], RUN | {"Labels": {"deployctl.sandbox.registry": mark}})


def base_layer(say: Callable[[str], None], kept_in: Path | None = None) -> Layer:
    """The one layer of the base image: the standard library, python3, sh and a few tools.

    It comes from `kept_in` (default: the user's cache folder) when it is there. Raises CheckFailed
    on a machine that is not Linux: its Python runs in no container.
    """
    if sys.platform != "linux":
        raise CheckFailed(
            "the sandbox's Python image can only be made on Linux",
            hint="deployctl sandbox up --backend processes",
        )
    cache = (kept_in or cache_folder()) / f"python-{fingerprint()}.tar.gz"
    if layer := _cached(cache):
        return layer
    say("Making the Python base image from this machine's Python (once).")
    layer = pack(make_tar(list(_files()), _links()), level=1)  # a third of the time, 1.2 the size
    _keep(cache, layer)
    return layer


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/deployctl, or ~/.cache/deployctl."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "deployctl"


def fingerprint() -> str:
    """What the layer depends on, in 16 hex digits: this Python, its C library, our recipe."""
    python = Path(sys.executable).resolve()
    recipe = [Path(__file__).with_name(name).read_text() for name in _RECIPE]
    facts = [sys.version, sys.base_prefix, *platform.libc_ver(), platform.machine(), *recipe]
    facts += [str(python.stat().st_size), str(python.stat().st_mtime_ns)]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]


def _cached(path: Path) -> Layer | None:
    """The kept layer, unless a byte of it has changed."""
    try:
        known = json.loads(path.with_suffix(".json").read_text())
        packed = path.read_bytes()
        if known["packed"] == digest(packed):
            return Layer(packed=packed, diff_id=known["diff_id"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _keep(path: Path, layer: Layer) -> None:
    """Keep the layer for next time; a full or read-only disk only costs that time."""
    note = json.dumps({"packed": digest(layer.packed), "diff_id": layer.diff_id})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for target, content in ((path, layer.packed), (path.with_suffix(".json"), note.encode())):
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as fresh:
                fresh.write(content)
            Path(fresh.name).replace(target)
    except OSError:
        return


def _files() -> Iterator[tuple[str, Path | bytes, int]]:
    """(name in the image, content, mode) of everything but the links."""
    python = Path(sys.executable).resolve()
    library = list(_standard_library())
    tools = {name: Path(found).resolve() for name in _TOOLS if (found := shutil.which(name))}
    yield f"usr/local/bin/{_versioned()}", python, 0o755
    yield from ((f"bin/{name}", tool, 0o755) for name, tool in tools.items())
    yield from library
    extensions = [source for _, source, _ in library if isinstance(source, Path)]
    programs = [python, *tools.values(), *(one for one in extensions if one.suffix == ".so")]
    needed = closure(programs)
    for name, source in (needed | companions(needed)).items():
        yield name, source, 0o755
    yield from _etc()


def _links() -> dict[str, str]:
    return {
        "usr/local/bin/python3": _versioned(),
        "usr/local/bin/python": "python3",
        "usr/bin/env": "../../bin/env",
        "usr/bin/python3": "../local/bin/python3",
    }


def _standard_library() -> Iterator[tuple[str, Path | bytes, int]]:
    home = Path(sysconfig.get_path("stdlib"))
    for folder, names, files in os.walk(home):
        names[:] = sorted(name for name in names if not _is_left_out(name))
        for name in sorted(files):
            source = Path(folder, name)
            if source.suffix != ".a" and not _is_left_out(name) and source.is_file():
                inside = source.relative_to(home).as_posix()
                yield f"usr/local/lib/{_versioned()}/{inside}", source, 0o644
    yield f"usr/local/lib/{_versioned()}/site-packages", home, 0o755


def _is_left_out(name: str) -> bool:
    return any(name == one or (one[-1] in "-." and name.startswith(one)) for one in _LEFT_OUT)


def _etc() -> Iterator[tuple[str, Path | bytes, int]]:
    people = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n"
    yield "etc/passwd", people, 0o644
    yield "etc/group", b"root:x:0:\nnogroup:x:65534:\n", 0o644
    yield "etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n", 0o644
    yield "root", Path("/"), 0o700
    yield "tmp", Path("/"), 0o1777


def _versioned() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"
