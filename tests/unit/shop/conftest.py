"""A real PostgreSQL, the shop's dependencies, and its services as real processes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from tests.unit.shop.stand import (
    BIN,
    PLAIN,
    SHOP,
    Database,
    Running,
    Start,
    alembic,
    create,
    free_port,
    until,
)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts processes and ends them after the test."""
    begun: list[subprocess.Popen[str]] = []

    def go(folder: Path, module: str, environment: Mapping[str, str] | None = None) -> Running:
        port = free_port()
        given = {**PLAIN, "PYTHONPATH": "site", "HOST": "127.0.0.1", "PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=folder,
            env={**given, **(environment or {})},
            stdout=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        assert process.stdout
        assert process.stdout.readline(), f"{module} ended at its start"
        return Running(process, f"http://127.0.0.1:{port}")

    yield go
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def site() -> Path:
    """The api's dependencies, fetched once."""
    environment = {**os.environ, "PYTHON": sys.executable}  # noqa: TID251 - pip wants its settings
    subprocess.run([SHOP / "prepare.sh"], check=True, env=environment)
    return SHOP / "api" / "site"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server, without the database's name; root hands it to nobody."""
    home = Path(tempfile.mkdtemp(prefix="shop-pg-"))
    user = 65534 if os.geteuid() == 0 else None
    shutil.chown(home, user or os.geteuid())
    common = [str(BIN / "initdb"), "-D", str(home / "d"), "-U", "postgres", "-A", "trust", "-N"]
    subprocess.run(common, check=True, capture_output=True, user=user, cwd=home)
    port = free_port()
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
    server = subprocess.Popen(
        [str(BIN / "postgres"), "-D", str(home / "d"), "-p", str(port)]
        + [word for setting in settings for word in ("-c", setting)],
        stderr=subprocess.DEVNULL,
        user=user,
        cwd=home,
    )
    where = ["-h", "127.0.0.1", "-p", str(port)]
    until(
        lambda: subprocess.run([str(BIN / "pg_isready"), "-q", *where], check=False).returncode == 0
    )
    yield f"postgresql://postgres@127.0.0.1:{port}/"
    server.send_signal(signal.SIGQUIT)  # at once: nobody wants the files
    server.wait(10)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def first_schema(postgres: str, site: Path) -> str:
    """The name of a database with the schema of v1, to copy from."""
    database = create(postgres, "first_schema")
    assert site.exists()
    done = alembic(SHOP, database.url, "upgrade", "head")
    assert done.returncode == 0, done.stderr
    return "first_schema"


@pytest.fixture
def database(postgres: str, first_schema: str) -> Database:
    """A filled database of the test's own."""
    return create(postgres, f"t{uuid4().hex}", first_schema)


@pytest.fixture
def empty_database(postgres: str) -> Database:
    """A database without a table."""
    return create(postgres, f"t{uuid4().hex}")
