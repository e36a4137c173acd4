"""Where the lease and the journal of one environment live."""

from collections.abc import Sequence
from typing import Protocol

from deployctl.model.lease import Lease
from deployctl.model.record import Record


class Store(Protocol):
    """Lease and journal of one project in one environment.

    Every method may raise Unanswered (nobody knows whether it happened) or Refused.
    """

    def lease(self) -> Lease | None:
        """The lease as it stands, None before the first was ever taken."""
        ...

    def swap(self, seen: Lease | None, wanted: Lease) -> bool:
        """Write `wanted` if the lease still is `seen` (same version). False when it is not."""
        ...

    def is_dead(self, lease: Lease) -> bool:
        """Whether it can be proven now that the holder's process is gone. False when unsure."""
        ...

    def append(self, record: Record, lease: Lease) -> None:
        """Write a record if its number is free and `lease` (owner, fence) still holds.

        Raises LeaseLost when either is not so: then nothing was written.
        """
        ...

    def records(self) -> Sequence[Record]:
        """All records in order, unverified."""
        ...
