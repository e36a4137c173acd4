"""What the tables of `status`, `history`, `show` and `lock` are filled from."""

from dataclasses import dataclass
from datetime import datetime

from deployctl.model.change import State


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """One release of an environment.

    `commit` is a full sha or tag, `verdict` is "" while the release is open, `seconds` is how
    long it took, `bad` that it was rolled back from, `live` that it serves now.
    """

    id: str
    at: datetime
    commit: str
    kind: str
    verdict: str
    actor: str = ""
    reason: str = ""
    seconds: float | None = None
    bad: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One running service. `drifted`: it does not run what the journal says."""

    name: str
    revision: str
    image: str
    ready: int
    wanted: int
    note: str = ""
    drifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRow:
    """The lock of an environment.

    `state` is one word: free, held, lost (its holder no longer answers) or hold (a person's).
    `seen` is its last heartbeat, `command` what to type to break it.
    """

    environment: str
    state: str
    fence: int
    holder: str = ""
    since: datetime | None = None
    seen: datetime | None = None
    url: str = ""
    purpose: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One change of a recorded release. `state` None: it never began."""

    step: str
    state: State | None
    note: str = ""
    seconds: float | None = None
    evidence: tuple[str, ...] = ()
    hint: str = ""
