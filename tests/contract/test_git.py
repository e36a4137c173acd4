"""A clone and the fake answer the same questions alike."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployctl.adapters.git import LocalGit
from deployctl.model.errors import CheckFailed, UsageWrong
from deployctl.model.release import Commit
from deployctl.ports.git import Git
from tests.fakes.git import FakeGit
from tests.unit.edge.repository import Repository

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class History:
    """Three commits on main; `git` is what the tests ask."""

    git: Git
    shas: tuple[str, str, str]


@pytest.fixture(params=["clone", "fake"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> History:
    subjects = ("first", "second", "third")
    if request.param == "fake":
        commits = [
            Commit(sha=f"{n}" * 40, branch="main", author="Ada", subject=s, at=AT)
            for n, s in enumerate(subjects, start=1)
        ]
        first, second, third = (commit.sha for commit in commits)
        git = FakeGit(line=commits, branches={"main": third}, top_level=tmp_path)
        return History(git=git, shas=(first, second, third))
    repository = Repository(tmp_path)
    first, second, third = (repository.commit(subject) for subject in subjects)
    return History(git=LocalGit(tmp_path), shas=(first, second, third))


def test_the_head_has_all_its_facts(history: History) -> None:
    head = history.git.head()
    assert head.sha == history.shas[2]
    assert (head.branch, head.author, head.subject) == ("main", "Ada", "third")
    assert head.at == AT
    assert head.dirty == ""


@pytest.mark.parametrize("length", [40, 12, 7])
def test_a_commit_is_found_by_its_sha_however_short(history: History, length: int) -> None:
    assert history.git.commit(history.shas[0][:length]).subject == "first"


def test_a_commit_is_found_by_its_branch(history: History) -> None:
    assert history.git.commit("main").sha == history.shas[2]


@pytest.mark.parametrize("name", ["nowhere", "", "f" * 40, "--help", "-rf"])
def test_a_name_that_is_none_says_so(history: History, name: str) -> None:
    with pytest.raises(UsageWrong) as caught:
        history.git.commit(name)
    assert caught.value.hint


def test_newer_descends_from_older_and_not_the_other_way_round(history: History) -> None:
    first, second, third = history.shas
    assert history.git.is_ancestor(first, third) is True
    assert history.git.is_ancestor(second, second) is True
    assert history.git.is_ancestor(third, first) is False


def test_nothing_is_known_of_a_commit_that_is_not_there(history: History) -> None:
    assert history.git.is_ancestor("a" * 40, history.shas[2]) is None
    assert history.git.is_ancestor(history.shas[0], "a" * 40) is None


def test_the_top_of_the_tree_is_known(history: History, tmp_path: Path) -> None:
    assert history.git.top_level == tmp_path


@pytest.mark.parametrize("kind", ["clone", "fake"])
def test_a_repository_without_a_commit_has_no_head(kind: str, tmp_path: Path) -> None:
    Repository(tmp_path)
    git: Git = LocalGit(tmp_path) if kind == "clone" else FakeGit()
    with pytest.raises(CheckFailed, match="no commit yet"):
        git.head()
