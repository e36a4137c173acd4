"""How a release ended. Different endings never share a word or an exit code."""

from dataclasses import dataclass
from enum import StrEnum

from deployctl.model.exits import Exit


class Verdict(StrEnum):
    """The ending of a run.

    RELEASED, ROLLED_BACK, FAILED_CLEAN, STUCK and SUPERSEDED close the release.
    The others leave it open: `deployctl resume` goes on from the journal.
    """

    RELEASED = "released"
    NOTHING = "nothing to do"
    FAILED_CLEAN = "failed clean"
    ROLLED_BACK = "rolled back"
    STUCK = "stuck"
    SUPERSEDED = "superseded"
    PAUSED = "paused"
    UNKNOWN = "unknown"
    LATE = "late"
    INTERRUPTED = "interrupted"
    TERMINATED = "terminated"

    @property
    def exit(self) -> Exit:
        """The exit code that says the same."""
        return _EXITS[self]

    @property
    def closes(self) -> bool:
        """Whether the release is over, or waits for `resume`."""
        return self in _CLOSING


_EXITS = {
    Verdict.RELEASED: Exit.OK,
    Verdict.NOTHING: Exit.OK,
    Verdict.FAILED_CLEAN: Exit.FAILED_CLEAN,
    Verdict.ROLLED_BACK: Exit.ROLLED_BACK,
    Verdict.STUCK: Exit.STUCK,
    Verdict.SUPERSEDED: Exit.SUPERSEDED,
    Verdict.PAUSED: Exit.PAUSED,
    Verdict.UNKNOWN: Exit.UNKNOWN,
    Verdict.LATE: Exit.LATE,
    Verdict.INTERRUPTED: Exit.INTERRUPTED,
    Verdict.TERMINATED: Exit.TERMINATED,
}
_CLOSING = {
    Verdict.RELEASED,
    Verdict.NOTHING,
    Verdict.FAILED_CLEAN,
    Verdict.ROLLED_BACK,
    Verdict.STUCK,
    Verdict.SUPERSEDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended and why. `evidence` and `hint` come from the change that failed first."""

    verdict: Verdict
    release: str
    cause: str = ""
    failed_step: str = ""
    evidence: tuple[str, ...] = ()
    hint: str = ""
    next_command: str = ""
    warnings: tuple[str, ...] = ()
