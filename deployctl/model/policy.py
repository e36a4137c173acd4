"""What to do when something goes wrong: the user's choice, fixed before a release begins."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`auto_rollback`: take a failed release back without asking.

    `on_interrupt`: what the first Ctrl-C does with changes that began: `leave` them to AWS and
    `resume`, or `rollback` at once.
    """

    auto_rollback: bool = True
    on_interrupt: Literal["leave", "rollback"] = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assume:
    """A person's word on an effect that nobody can look up any more."""

    done: bool
    reason: str
