"""Every store keeps the same promises; the fake is held to them too."""

import json
import multiprocessing
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from deployctl.adapters.sqlite_store import SqliteStore
from deployctl.model.errors import JournalBroken, LeaseLost, Refused, Unanswered
from deployctl.model.lease import Hold, Holder, Lease, taken
from deployctl.model.record import Record, Told, chained
from deployctl.ports.store import Store
from tests.fakes.clock import START
from tests.fakes.store import MemoryStore

Opener = Callable[[], Store]


@pytest.fixture(params=["sqlite", "memory"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    memory = MemoryStore()
    return (lambda: memory) if request.param == "memory" else lambda: SqliteStore(tmp_path, "test")


def a_lease(seen: Lease | None = None, owner: str = "one", version: str = "v1") -> Lease:
    return taken(seen, Holder(owner=owner, pid=7), version=version, at=START)


def a_record(last: Record | None, lease: Lease) -> Record:
    return chained(last, lease, at=START, release="r", told=Told.TOOK_OVER, body={"from": "x"})


def test_a_new_store_is_empty(opener: Opener) -> None:
    store = opener()
    assert store.lease() is None
    assert tuple(store.records()) == ()


def test_the_lease_is_taken_once_and_read_back_as_written(opener: Opener) -> None:
    store = opener()
    lease = a_lease()
    assert store.swap(None, lease)
    assert store.lease() == lease
    assert not store.swap(None, a_lease(owner="two", version="v2"))


def test_a_stale_version_does_not_win(opener: Opener) -> None:
    store = opener()
    first = a_lease()
    store.swap(None, first)
    beaten = first.beaten(version="v2", at=START)
    assert store.swap(first, beaten)
    assert not store.swap(first, first.beaten(version="v3", at=START))
    assert store.lease() == beaten


def test_the_fence_only_grows(opener: Opener) -> None:
    store = opener()
    first = a_lease()
    store.swap(None, first)
    free = first.released(version="v2", at=START)
    store.swap(first, free)
    second = a_lease(free, owner="two", version="v3")
    assert store.swap(free, second)
    assert second.fence == first.fence + 1


def test_records_come_back_in_order_and_as_written(opener: Opener) -> None:
    store = opener()
    lease = a_lease()
    store.swap(None, lease)
    first = a_record(None, lease)
    second = a_record(first, lease)
    store.append(first, lease)
    store.append(second, lease)
    assert tuple(opener().records()) == (first, second)


def test_a_taken_number_is_refused(opener: Opener) -> None:
    store = opener()
    lease = a_lease()
    store.swap(None, lease)
    store.append(a_record(None, lease), lease)
    with pytest.raises(LeaseLost):
        store.append(a_record(None, lease), lease)


def test_a_former_holder_writes_nothing_more(opener: Opener) -> None:
    store = opener()
    old = a_lease()
    store.swap(None, old)
    new = a_lease(old, version="v2")
    store.swap(old, new)
    with pytest.raises(LeaseLost):
        store.append(a_record(None, old), old)
    free = new.released(version="v3", at=START)
    store.swap(new, free)
    with pytest.raises(LeaseLost):
        store.append(a_record(None, new), new)
    assert tuple(store.records()) == ()


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    SqliteStore(folder, "test").swap(None, a_lease())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def _hold(folder: str, ready: Connection) -> None:
    store = SqliteStore(Path(folder), "test")
    store.swap(None, a_lease())
    ready.send("held")
    ready.recv()


def test_a_killed_holder_is_known_to_be_dead_and_a_living_one_is_not(tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    holder = multiprocessing.get_context("spawn").Process(
        target=_hold, args=(str(tmp_path), theirs)
    )
    holder.start()
    assert ours.recv() == "held"
    store = SqliteStore(tmp_path, "test")
    lease = store.lease()
    assert lease is not None
    assert not store.is_dead(lease)
    holder.kill()
    holder.join()
    assert store.is_dead(lease)
    mine = a_lease(lease, owner="two", version="v2")
    assert store.swap(lease, mine)
    assert not SqliteStore(tmp_path, "test").is_dead(mine)


def test_a_manual_hold_is_never_called_dead(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, "test")
    manual = replace(a_lease(), state=Hold.MANUAL)
    store.swap(None, manual)
    assert not SqliteStore(tmp_path, "test").is_dead(manual)


def test_a_frozen_holder_cannot_keep_a_broken_lease(tmp_path: Path) -> None:
    frozen, person, new = (SqliteStore(tmp_path, "test") for _ in range(3))
    held = a_lease()
    frozen.swap(None, held)
    free = held.released(version="v2", at=START)
    assert person.swap(held, free)
    taken_again = a_lease(free, owner="two", version="v3")
    assert new.swap(free, taken_again)
    assert not person.is_dead(taken_again)
    with pytest.raises(LeaseLost):
        frozen.append(a_record(None, held), held)


@pytest.mark.parametrize("damage", ['{"v": 1', '{"told": "unheard-of"}', '{"told": "ended"}'])
def test_a_record_that_cannot_be_read_is_called_so(tmp_path: Path, damage: str) -> None:
    store = SqliteStore(tmp_path, "test")
    with sqlite3.connect(tmp_path / "test.db") as db:
        db.execute("INSERT INTO journal VALUES (1, ?)", (damage,))
    db.close()
    with pytest.raises(JournalBroken, match="cannot be read"):
        store.records()


def test_a_file_that_is_no_database_is_refused_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "test.db").write_text("this is not a database " * 100)
    with pytest.raises(Refused, match=r"test\.db"):
        SqliteStore(tmp_path, "test")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused):
        SqliteStore(tmp_path / "file" / "below", "test")


def test_a_full_disk_is_no_answer(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, "test")
    lease = a_lease()
    store.swap(None, lease)
    with sqlite3.connect(tmp_path / "test.db") as db:
        db.execute("DROP TABLE journal")
    db.close()
    with pytest.raises(Unanswered, match="write the journal"):
        store.append(a_record(None, lease), lease)


def test_the_stored_form_is_plain_json(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, "test")
    lease = a_lease()
    store.swap(None, lease)
    store.append(a_record(None, lease), lease)
    with sqlite3.connect(tmp_path / "test.db") as db:
        item = json.loads(db.execute("SELECT item FROM journal").fetchone()[0])
    db.close()
    assert item["told"] == "took-over"
    assert item["seq"] == 1
