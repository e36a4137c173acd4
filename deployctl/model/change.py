"""What one step will do, what came back, and how it is going."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

Facts = Mapping[str, str]
"""Flat strings: they print, diff, journal and hash without a codec. Never a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The work of one step: before → after, under one idempotency key.

    `step` names the step that carries it out, as `kind:target` (`rollout:api`).
    `key` is unique in the environment's history and becomes the client token, CallerReference, …
    """

    step: str
    key: str
    before: Facts
    after: Facts
    summary: str = ""
    seconds: int = 0

    @property
    def kind(self) -> str:
        """The kind of step, `rollout` of `rollout:api`."""
        return self.step.partition(":")[0]

    @property
    def target(self) -> str:
        """What it works on, `api` of `rollout:api`."""
        return self.step.partition(":")[2]

    @property
    def is_noop(self) -> bool:
        """Nothing differs, so nothing is done."""
        return dict(self.before) == dict(self.after)

    def inverted(self) -> "Change":
        """The way back, under its own key."""
        return replace(
            self, key=back_key(self.key), before=self.after, after=self.before, summary=""
        )


def back_key(key: str) -> str:
    """The key of the inverse of a change."""
    return f"{key}-rb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Handles that a side effect returned: deployment id, task ARN, invalidation id, …"""

    handles: Facts


class Absent:
    """`find` looked and the intended effect did not happen: it may be done now."""


class Unknown:
    """`find` cannot tell whether the intended effect happened: a person decides."""

    def __init__(self, why: str = "") -> None:
        self.why = why


class State(StrEnum):
    """How a change stands at one look."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One look at a running change.

    `done`/`total` count what the step counts (tasks, checks); 0/0 when it counts nothing.
    `evidence` are lines for the diagnosis (stop reasons, exit codes, last log lines), already
    fetched, because what is gone at AWS after an hour must be in the journal.
    """

    state: State
    note: str
    done: int = 0
    total: int = 0
    evidence: tuple[str, ...] = ()
    hint: str = ""
    facts: Facts = field(default_factory=dict)

    def washed(self, wash: Callable[[str], str]) -> "Progress":
        """The same look with every text put through `wash`; lines stay lines."""
        evidence = wash("\n".join(self.evidence)).split("\n") if self.evidence else ()
        return replace(self, note=wash(self.note), evidence=tuple(evidence), hint=wash(self.hint))

    @classmethod
    def running(cls, note: str, *, done: int = 0, total: int = 0) -> "Progress":
        """Still under way."""
        return cls(state=State.RUNNING, note=note, done=done, total=total)

    @classmethod
    def finished(cls, note: str, *, total: int = 0, facts: Facts | None = None) -> "Progress":
        """Done, and verified."""
        return cls(state=State.DONE, note=note, done=total, total=total, facts=facts or {})

    @classmethod
    def failed(cls, note: str, *, evidence: tuple[str, ...] = (), hint: str = "") -> "Progress":
        """Will not get better by waiting."""
        return cls(state=State.FAILED, note=note, evidence=evidence, hint=hint)
