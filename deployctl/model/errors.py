"""Errors that know their exit code and their cure."""

from typing import ClassVar

from deployctl.model.exits import Exit


class DeployError(Exception):
    """Something went wrong that a person can act on.

    The message says what happened and why; `hint` is the cure, as an order or a question.
    """

    exit: ClassVar[Exit] = Exit.CHECK_FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageWrong(DeployError):
    """The command line does not make sense."""

    exit = Exit.USAGE


class ConfigWrong(DeployError):
    """deployctl.yaml (or a policy in it) cannot be used."""

    exit = Exit.CONFIG


class CheckFailed(DeployError):
    """A question that must be answered well before the first change was not."""


class LeaseHeld(DeployError):
    """Another release is at work in this environment."""

    exit = Exit.LEASE_HELD


class LeaseLost(DeployError):
    """We no longer hold the environment: no new side effect may start."""

    exit = Exit.UNKNOWN


class Denied(DeployError):
    """A hold, freeze, window or missing approval forbids this now."""

    exit = Exit.DENIED


class Superseded(DeployError):
    """A newer release is live; going back needs an explicit word."""

    exit = Exit.SUPERSEDED


class JournalBroken(DeployError):
    """The journal cannot be read or its chain does not hold."""

    exit = Exit.UNKNOWN


class Refused(DeployError):
    """The outside service understood and said no: asking again will not help."""


class Unanswered(DeployError):
    """No usable answer came. A look may be repeated; an effect must be looked for."""


class Blind(Unanswered):
    """We can no longer look (credentials expired or gone), whatever the truth out there is."""
