"""The plug to the version control that the released tree comes from."""

from pathlib import Path
from typing import Protocol

from deployctl.model.release import Commit


class Git(Protocol):
    """Facts about commits. Nothing is ever changed, fetched or executed."""

    @property
    def top_level(self) -> Path | None:
        """The root folder of the working tree, or None when there is no repository."""
        ...

    def head(self) -> Commit:
        """What the working tree is: the checked-out commit, and `dirty` if it differs from it.

        Raises CheckFailed when there is no commit, or it is not the one that was asked for.
        """
        ...

    def commit(self, ref: str) -> Commit:
        """The commit that a branch, tag or (short) sha names; never dirty.

        Raises UsageWrong when there is none of that name.
        """
        ...

    def is_ancestor(self, old: str, new: str) -> bool | None:
        """Whether `new` descends from (or is) `old`; None when that part of history is missing."""
        ...
