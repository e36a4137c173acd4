"""The lease: who may change an environment now, and the fence number that proves it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

TTL = 60.0
"""Seconds after which a silent holder may be replaced."""
BEAT = 10.0
"""Seconds between two signs of life."""
MARGIN = TTL / 3
"""No side effect starts later than this before the lease runs out."""


class Hold(StrEnum):
    """Whether the environment is taken. A released lease stays, so its fence only grows."""

    HELD = "held"
    MANUAL = "manual"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds it. `owner` is random for each process; the rest is for people to read."""

    owner: str
    actor: str = ""
    host: str = ""
    pid: int = 0
    run_url: str = ""
    work: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The one lease of an environment. `version` is new and random at every write.

    `ttl` is in seconds. The two times are for display: expiry is judged by watching `version`
    stand still on one's own clock, never by comparing clocks of two machines.
    """

    state: Hold
    fence: int
    version: str
    holder: Holder
    taken_at: datetime
    beat_at: datetime
    ttl: float = TTL
    reason: str = ""

    @property
    def is_free(self) -> bool:
        """Nobody holds it."""
        return self.state is Hold.RELEASED

    def beaten(self, *, version: str, at: datetime) -> "Lease":
        """The same lease after a sign of life."""
        return replace(self, version=version, beat_at=at)

    def released(self, *, version: str, at: datetime) -> "Lease":
        """The same lease, given back."""
        return replace(self, state=Hold.RELEASED, version=version, beat_at=at)


def taken(
    seen: Lease | None, holder: Holder, *, version: str, at: datetime, manual_reason: str = ""
) -> Lease:
    """The lease after `holder` takes it: the fence grows by one. A reason makes it manual."""
    return Lease(
        state=Hold.MANUAL if manual_reason else Hold.HELD,
        fence=(seen.fence if seen else 0) + 1,
        version=version,
        holder=holder,
        taken_at=at,
        beat_at=at,
        reason=manual_reason,
    )
