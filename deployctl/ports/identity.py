"""The plug that tells in whose name we act, and whether our clock is right."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who AWS says we are: the server's truth, not what a profile is called.

    `skew_seconds` is our clock minus the server's (to a second), None when it did not say.
    """

    account: str
    arn: str
    skew_seconds: float | None = None


class Identity(Protocol):
    """Who we are."""

    def who(self) -> Caller:
        """Ask AWS. Raises Blind without valid credentials, Unanswered when nobody answers."""
        ...
