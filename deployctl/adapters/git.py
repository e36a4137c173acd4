"""Facts about the released tree: from git, or, without a repository, from what we are told."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deployctl.adapters.git_command import GitCommand, NoRepository
from deployctl.adapters.git_tree import difference
from deployctl.model.errors import CheckFailed, UsageWrong
from deployctl.model.release import Commit
from deployctl.model.text import one_line
from deployctl.ports.git import Git

_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FORMAT: Final = "%H%x00%an%x00%ct%x00%s"


class LocalGit:
    """A clone on this machine: shallow, detached or a linked worktree, as CI makes them.

    `wanted` is a commit that the tree must be at; `branch` stands in when HEAD is detached.
    """

    def __init__(self, start: Path, *, wanted: str = "", branch: str = "") -> None:
        self._git = GitCommand(start.resolve())
        self._wanted = wanted
        self._branch = branch
        top = self._git.ask("rev-parse", "--show-toplevel")
        if top.status:
            raise CheckFailed(
                f"git cannot read the repository around {start}: {top.error}",
                hint="Run `git status` there: what does it say?",
            )
        self._top = Path(top.text)
        self._git.folder = self._top

    @property
    def top_level(self) -> Path:
        """The root folder of the working tree."""
        return self._top

    def head(self) -> Commit:
        """The checked-out commit, its branch and whether the tree differs from it."""
        sha = self._sha("HEAD")
        if not sha:
            raise CheckFailed("the repository has no commit yet", hint="Commit first.")
        if self._wanted and sha != (asked := self._sha(self._wanted)):
            raise CheckFailed(
                f"the tree is at {sha[:12]}, not at the commit that was asked for "
                f"({(asked or self._wanted)[:12]})",
                hint=f"git checkout --detach {asked or self._wanted}",
            )
        return replace(
            self._facts(sha), branch=self._head_branch(), dirty=difference(self._git, self._top)
        )

    def commit(self, ref: str) -> Commit:
        """The commit that `ref` names."""
        sha = self._sha(ref)
        if not sha:
            raise UsageWrong(
                f"there is no commit {one_line(ref, most=100)!r} in this clone",
                hint="Is the name right? In a shallow clone: git fetch --unshallow",
            )
        return self._facts(sha)

    def is_ancestor(self, old: str, new: str) -> bool | None:
        """By sha. A shallow clone can prove a yes, and a no only for the opposite order."""
        first, second = self._sha(old), self._sha(new)
        if not first or not second:
            return None
        if self._leads(first, second):
            return True
        if self._leads(second, first) or not self._is_shallow():
            return False
        return None

    def _leads(self, old: str, new: str) -> bool:
        return self._git.ask("merge-base", "--is-ancestor", old, new).status == 0

    def _is_shallow(self) -> bool:
        return self._git.ask("rev-parse", "--is-shallow-repository").text == "true"

    def _sha(self, ref: str) -> str:
        """The full sha, or ""; whatever `ref` looks like, it is only ever a name of a commit."""
        if not ref or "\0" in ref:
            return ""
        name = f"{ref}^{{commit}}"
        said = self._git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return said.text if said.status == 0 and _SHA.fullmatch(said.text) else ""

    def _facts(self, sha: str) -> Commit:
        said = self._git.ask("log", "-1", "--no-show-signature", f"--format={_FORMAT}", sha, "--")
        fields = said.text.split("\0")
        if said.status or len(fields) != _FORMAT.count("%x00") + 1:
            raise CheckFailed(
                f"git cannot read commit {sha[:12]}: {said.error}",
                hint="Clone the repository anew.",
            )
        _, author, at, subject = fields
        return Commit(
            sha=sha,
            author=one_line(author, most=100),
            subject=one_line(subject, most=200),
            at=_moment(at),
        )

    def _head_branch(self) -> str:
        said = self._git.ask("symbolic-ref", "--quiet", "--short", "HEAD")
        return one_line(said.text if said.status == 0 else self._branch, most=200)


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        # a commit may carry any number; its time is only shown
        return None


class ToldGit:
    """No repository (a source zip): the commit is what the caller says it is."""

    def __init__(self, sha: str, *, branch: str = "", author: str = "") -> None:
        if not _SHA.fullmatch(sha):
            raise UsageWrong(
                f"{one_line(sha, most=100)!r} is not a full commit sha",
                hint="Without a git repository give all 40 characters: --commit SHA",
            )
        self._commit = Commit(
            sha=sha, branch=one_line(branch, most=200), author=one_line(author, most=100)
        )

    @property
    def top_level(self) -> None:
        """There is no repository."""

    def head(self) -> Commit:
        """What we were told. Nobody can say whether the tree differs."""
        return self._commit

    def commit(self, ref: str) -> Commit:
        """Only the commit we were told of is known."""
        if ref not in {"HEAD", self._commit.sha}:
            raise UsageWrong(
                f"commit {one_line(ref, most=100)!r} is unknown: there is no git repository here",
                hint="Run it in a clone of the repository.",
            )
        return self._commit

    def is_ancestor(self, old: str, new: str) -> bool | None:
        """A commit descends from itself; more cannot be known."""
        return True if old == new else None


def open_git(start: Path, *, sha: str = "", branch: str = "", author: str = "") -> Git:
    """The clone around `start`; where there is none (or no git program), `sha` is enough.

    Raises NoRepository when there is neither.
    """
    try:
        return LocalGit(start, wanted=sha, branch=branch)
    except NoRepository:
        if not sha:
            raise
        return ToldGit(sha, branch=branch, author=author)
