"""Journal records: numbered, chained by hash, and never rewritten."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from deployctl.model.errors import JournalBroken
from deployctl.model.lease import Lease

VERSION = 1
GENESIS = "0" * 64

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Told(StrEnum):
    """What a record tells."""

    BEGAN = "began"
    TOOK_OVER = "took-over"
    INTENT = "intent"
    RECEIPT = "receipt"
    SETTLED = "settled"
    TURNED = "turned"
    DECIDED = "decided"
    HALTED = "halted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of an environment's journal.

    `seq` counts 1, 2, 3, … without gaps; `hash` covers everything else and `prev`, the hash of
    the record before, so an edit anywhere shows.
    """

    seq: int
    at: datetime
    fence: int
    owner: str
    release: str
    told: Told
    body: Mapping[str, Json]
    prev: str
    hash: str
    v: int = VERSION


def chained(
    last: Record | None,
    lease: Lease,
    *,
    at: datetime,
    release: str,
    told: Told,
    body: Mapping[str, Json],
) -> Record:
    """The record that follows `last`, signed with the lease it is written under."""
    prev = last.hash if last else GENESIS
    bare = Record(
        seq=last.seq + 1 if last else 1,
        at=at,
        fence=lease.fence,
        owner=lease.holder.owner,
        release=release,
        told=told,
        body=body,
        prev=prev,
        hash="",
    )
    return replace(bare, hash=fingerprint(bare))


def fingerprint(record: Record) -> str:
    """The hash a record must carry: sha256 over its predecessor's hash and its canonical JSON."""
    content = {
        **{name: value for name, value in _fields(record).items() if name not in {"hash", "at"}},
        "at": record.at.isoformat(),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((record.prev + canonical).encode()).hexdigest()


def verified(records: Iterable[Record]) -> tuple[Record, ...]:
    """The same records, or JournalBroken naming the first that does not fit."""
    checked: list[Record] = []
    for record in records:
        last = checked[-1] if checked else None
        if record.v != VERSION:
            raise JournalBroken(
                f"journal record {record.seq} has format {record.v}, this version reads {VERSION}",
                hint="Use the version of deployctl that wrote it, or a newer one.",
            )
        if (
            record.seq != (last.seq + 1 if last else 1)
            or record.prev != (last.hash if last else GENESIS)
            or record.hash != fingerprint(record)
        ):
            raise JournalBroken(
                f"the journal's chain breaks at record {record.seq}: it was edited or damaged",
                hint="Nothing is changed until a person has looked. Restore the store from backup.",
            )
        checked.append(record)
    return tuple(checked)


def _fields(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in Record.__dataclass_fields__}
