"""What the core tells the screens, and the journal remembers in its own words."""

from dataclasses import dataclass
from datetime import datetime

from deployctl.model.change import Change, Progress
from deployctl.model.plan import Plan, Wave
from deployctl.model.verdict import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """An image is being looked for, built or pushed. `state` is one word: built, pushed, reused."""

    service: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What will be done is fixed."""

    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveBegan:
    """The changes of a wave may start now. `back` is True on the way back."""

    wave: Wave
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBegan:
    """A change was written down and started. `adopted` when an earlier run had started it."""

    change: Change
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """One look at a running change."""

    change: Change
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A change is over, well or not."""

    change: Change
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingBack:
    """Something failed: what was changed is taken back."""

    cause: str
    evidence: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A change has no way back and stays (a migration that only adds)."""

    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something worth a line. `warning` when a person should read it."""

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line that a container wrote, as it came (untrusted)."""

    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """Time went by. Screens use it for clocks and heartbeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The run is over."""

    outcome: Outcome


Event = (
    Building
    | Planned
    | WaveBegan
    | ChangeBegan
    | Progressed
    | Settled
    | RollingBack
    | Kept
    | Notice
    | LogLine
    | Ticked
    | Ended
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event and when it was told (UTC)."""

    at: datetime
    event: Event
