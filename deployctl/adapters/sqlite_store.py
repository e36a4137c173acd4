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

from deployctl.model.errors import JournalBroken, LeaseLost, Refused, Unanswered
from deployctl.model.lease import Hold, Holder, Lease
from deployctl.model.record import Record, Told

_TABLES = """
CREATE TABLE IF NOT EXISTS lease (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT, item TEXT);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, item TEXT NOT NULL);
"""
_BUSY_SECONDS = 30.0


class SqliteStore:
    """Lease and journal of one environment in `folder/<environment>.db` (0600, folder 0700).

    For each fence there is a second file, locked (flock) as long as the process that took the
    lease lives: the kernel frees it at kill -9, so a dead holder is known at once, without waiting
    for the TTL. It proves life and nothing else: who may write is decided by version and fence.
    """

    def __init__(self, folder: Path, environment: str) -> None:
        self._path = folder / f"{environment}.db"
        self._alive: int | None = None
        with _said(f"open the store {self._path}"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            with self._open() as db:
                db.executescript(_TABLES)

    def lease(self) -> Lease | None:
        """The lease as it stands."""
        with _said("read the lease"), self._open() as db:
            row = db.execute("SELECT item FROM lease").fetchone()
        return _lease(row[0]) if row else None

    def swap(self, seen: Lease | None, wanted: Lease) -> bool:
        """Compare and set by version; whoever holds it then shows that it lives."""
        with _said("write the lease"), self._writing() as db:
            row = db.execute("SELECT version FROM lease").fetchone()
            if (row[0] if row else None) != (seen.version if seen else None):
                return False
            db.execute(
                "INSERT INTO lease VALUES (1, ?, ?) ON CONFLICT (one) "
                "DO UPDATE SET version = excluded.version, item = excluded.item",
                (wanted.version, json.dumps(asdict(wanted), default=_iso)),
            )
            if wanted.state is Hold.HELD:
                self._attend(wanted.fence)
        if wanted.state is not Hold.HELD:
            self._leave()
        return True

    def is_dead(self, lease: Lease) -> bool:
        """Whether no living process holds the file of the lease's fence."""
        if lease.state is not Hold.HELD:
            return False
        held = self._locked(lease.fence)
        if held is None:
            return False
        os.close(held)
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

    def _attend(self, fence: int) -> None:
        """Show that we live, in the file of our fence; those of earlier fences are of no use."""
        if self._alive is not None:
            return
        for old in self._path.parent.glob(f"{self._path.stem}.*.alive"):
            if old != self._alive_path(fence):
                old.unlink(missing_ok=True)
        self._alive = self._locked(fence)

    def _alive_path(self, fence: int) -> Path:
        return self._path.with_name(f"{self._path.stem}.{fence}.alive")

    def _locked(self, fence: int) -> int | None:
        """A handle on the locked file of a fence, or None when another process has it."""
        held = os.open(self._alive_path(fence), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            return None
        return held

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
    """Raises JournalBroken for what this version cannot read, be it newer or damaged."""
    try:
        raw = json.loads(item)
        return Record(**{**raw, "told": Told(raw["told"]), "at": datetime.fromisoformat(raw["at"])})
    except (ValueError, TypeError, KeyError) as error:
        raise JournalBroken(
            f"a journal record cannot be read: {error}",
            hint="It is damaged, or a newer version wrote it: use that one.",
        ) from error
