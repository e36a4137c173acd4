"""The store for one machine: a SQLite file, and a file lock that dies with its process."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from deployctl.model.errors import LeaseLost, Refused, Unanswered
from deployctl.model.lease import Hold, Holder, Lease
from deployctl.model.record import Record, Told

_TABLES = """
CREATE TABLE IF NOT EXISTS lease (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT, item TEXT);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, item TEXT NOT NULL);
"""
_BUSY_SECONDS = 30.0


class SqliteStore:
    """Lease and journal of one environment in `folder/<environment>.db` (0600, folder 0700).

    `alive` is a second file, locked (flock) as long as a process of ours holds the lease: the
    kernel frees it at kill -9, so a dead holder is known at once, without waiting for the TTL.
    """

    def __init__(self, folder: Path, environment: str) -> None:
        self._path = folder / f"{environment}.db"
        self._alive_path = folder / f"{environment}.alive"
        self._alive: int | None = None
        with _said(f"open the store {self._path}"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in (self._path, self._alive_path):
                os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            with self._open() as db:
                db.executescript(_TABLES)

    def lease(self) -> Lease | None:
        """The lease as it stands."""
        with _said("read the lease"), self._open() as db:
            row = db.execute("SELECT item FROM lease").fetchone()
        return _lease(row[0]) if row else None

    def swap(self, seen: Lease | None, wanted: Lease) -> bool:
        """Compare and set by version; whoever takes it also locks the `alive` file."""
        attended = self._alive is not None
        if wanted.state is Hold.HELD and not self._attend():
            return False
        with _said("write the lease"), self._writing() as db:
            row = db.execute("SELECT version FROM lease").fetchone()
            written = (row[0] if row else None) == (seen.version if seen else None)
            if written:
                db.execute(
                    "INSERT INTO lease VALUES (1, ?, ?) ON CONFLICT (one) "
                    "DO UPDATE SET version = excluded.version, item = excluded.item",
                    (wanted.version, json.dumps(asdict(wanted), default=_iso)),
                )
        keeps = attended if not written else wanted.state is Hold.HELD
        if not keeps:
            self._leave()
        return written

    def is_dead(self, lease: Lease) -> bool:
        """Whether no living process holds the `alive` file."""
        if lease.state is not Hold.HELD or self._alive is not None:
            return False
        if not self._attend():
            return False
        self._leave()
        return True

    def append(self, record: Record, lease: Lease) -> None:
        """Insert the record under the fence."""
        with _said("write the journal"), self._writing() as db:
            row = db.execute("SELECT item FROM lease").fetchone()
            now = _lease(row[0]) if row else None
            if not now or now.is_free or _mark(now) != _mark(lease):
                raise _lost(now)
            last = db.execute("SELECT max(seq) FROM journal").fetchone()[0] or 0
            if record.seq != last + 1:
                raise _lost(now)
            db.execute(
                "INSERT INTO journal VALUES (?, ?)",
                (record.seq, json.dumps(asdict(record), default=_iso)),
            )

    def records(self) -> Sequence[Record]:
        """All records in order."""
        with _said("read the journal"), self._open() as db:
            rows = db.execute("SELECT item FROM journal ORDER BY seq").fetchall()
        return tuple(_record(row[0]) for row in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(
            sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        ) as db:
            db.execute("PRAGMA synchronous = FULL")
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _attend(self) -> bool:
        if self._alive is not None:
            return True
        held = os.open(self._alive_path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            return False
        self._alive = held
        return True

    def _leave(self) -> None:
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None


@contextmanager
def _said(doing: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unanswered(
            f"could not {doing}: {error}",
            hint="Is the disk full or read-only, or another process stuck on the file?",
        ) from error
    except (sqlite3.DatabaseError, OSError) as error:
        raise Refused(
            f"could not {doing}: {error}",
            hint="Check the state folder, or choose another with `state: {path: …}`.",
        ) from error


def _lost(now: Lease | None) -> LeaseLost:
    holder = now.holder if now else None
    who = f"{holder.actor or holder.owner} (pid {holder.pid})" if holder else "nobody"
    return LeaseLost(
        f"the lease of this environment now belongs to {who}",
        hint="This run stops. See: deployctl status",
    )


def _mark(lease: Lease) -> tuple[str, int]:
    return lease.holder.owner, lease.fence


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))


def _lease(item: str) -> Lease:
    raw = json.loads(item)
    return Lease(
        **{
            **raw,
            "state": Hold(raw["state"]),
            "holder": Holder(**raw["holder"]),
            "taken_at": datetime.fromisoformat(raw["taken_at"]),
            "beat_at": datetime.fromisoformat(raw["beat_at"]),
        }
    )


def _record(item: str) -> Record:
    raw = json.loads(item)
    return Record(**{**raw, "told": Told(raw["told"]), "at": datetime.fromisoformat(raw["at"])})
