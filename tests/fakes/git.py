"""A line of commits without a repository."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from deployctl.model.errors import CheckFailed, UsageWrong
from deployctl.model.release import Commit


@dataclass(kw_only=True)
class FakeGit:
    """`line` is the history, oldest first; `missing` shas are cut off as in a shallow clone."""

    line: list[Commit] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    dirty: str = ""
    top_level: Path | None = None

    def head(self) -> Commit:
        if not self.line:
            raise CheckFailed("the repository has no commit yet", hint="Commit first.")
        return replace(self.line[-1], dirty=self.dirty)

    def commit(self, ref: str) -> Commit:
        found = self._find(ref)
        if found is None:
            raise UsageWrong(f"there is no commit {ref!r}", hint="Is the name right?")
        return replace(found, branch="", dirty="")

    def is_ancestor(self, old: str, new: str) -> bool | None:
        first, second = self._find(old), self._find(new)
        if first is None or second is None:
            return None
        return self.line.index(first) <= self.line.index(second)

    def _find(self, ref: str) -> Commit | None:
        name = self.branches.get(ref, ref)
        if name == "HEAD" and self.line:
            return self.line[-1]
        fits = [c for c in self.line if len(name) >= 7 and c.sha.startswith(name)]
        return fits[0] if fits and fits[0].sha not in self.missing else None
