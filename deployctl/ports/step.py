"""The plug of a kind of work. A new kind is one file that fits this."""

from datetime import timedelta
from typing import Protocol

from deployctl.model.change import Absent, Change, Progress, Receipt, Unknown
from deployctl.model.release import Release


class Step(Protocol):
    """One piece of release work on one target, named `kind:target`.

    `plan` and `observe` only read, `undo` only thinks, `apply` has ONE side effect and is
    idempotent under `change.key`.
    `patience` bounds the whole change, `pause` is the time between two looks.
    """

    @property
    def name(self) -> str:
        """The step's name, `kind:target`."""
        ...

    @property
    def patience(self) -> timedelta:
        """How long a change may take."""
        ...

    @property
    def pause(self) -> timedelta:
        """How long to wait between two looks."""
        ...

    def plan(self, release: Release) -> Change:
        """What this release means for the target; a no-op when nothing differs."""
        ...

    def apply(self, change: Change) -> Receipt:
        """Start the change and return at once.

        Raises Refused when the service said no, Unanswered when nobody knows whether it began.
        """
        ...

    def find(self, change: Change) -> Receipt | Absent | Unknown:
        """After a crash or a lost answer: did the intended effect happen? By natural key."""
        ...

    def observe(self, change: Change, receipt: Receipt) -> Progress | Unknown:
        """One look, without waiting; Unknown when it can no longer be seen and a person decides.

        A failure is a Progress. What is raised means that the look failed, not the change:
        Unanswered, and the engine looks again; anything else, and the release is left open.
        Works again after DONE, also in another process.
        """
        ...

    def undo(self, change: Change) -> Change | None:
        """The inverse change, or None when there is nothing to take back."""
        ...
