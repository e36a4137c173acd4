"""A store in memory: the same promises as the real ones, and faults on demand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from deployctl.model.errors import LeaseLost, Unanswered
from deployctl.model.lease import Lease
from deployctl.model.record import Record


@dataclass
class MemoryStore:
    """`broken` fails every write; `lose_replies` counts writes that happen without an answer."""

    item: Lease | None = None
    journal: list[Record] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    broken: bool = False
    lose_replies: int = 0
    die_before: int = 0

    def lease(self) -> Lease | None:
        return self.item

    def swap(self, seen: Lease | None, wanted: Lease) -> bool:
        self._fail()
        if (self.item.version if self.item else None) != (seen.version if seen else None):
            return False
        self.item = wanted
        if self.lose_replies:
            self.lose_replies -= 1
            raise Unanswered("the reply was lost")
        return True

    def is_dead(self, lease: Lease) -> bool:
        return lease.holder.owner in self.dead

    def append(self, record: Record, lease: Lease) -> None:
        self._fail()
        if self.die_before and record.seq >= self.die_before:
            raise Killed
        now = self.item
        if (
            not now
            or now.is_free
            or (now.holder.owner, now.fence)
            != (
                lease.holder.owner,
                lease.fence,
            )
        ):
            raise LeaseLost("taken by another")
        if record.seq != len(self.journal) + 1:
            raise LeaseLost("the slot is taken")
        self.journal.append(record)

    def records(self) -> Sequence[Record]:
        return tuple(self.journal)

    def _fail(self) -> None:
        if self.broken:
            raise Unanswered("the disk is full")


class Killed(BaseException):
    """Stands for kill -9: nothing of the process runs on, no handler, no `finally` of ours."""
