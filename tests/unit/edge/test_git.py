"""Facts of real clones: as CI makes them, and without a repository."""

from pathlib import Path

import pytest

from deployctl.adapters.git import LocalGit, ToldGit, open_git
from deployctl.adapters.git_command import NoRepository
from deployctl.model.errors import CheckFailed, UsageWrong
from tests.unit.edge.repository import Repository

SHA = "3f9c1ab" + "0" * 33


def clone(origin: Repository, to: Path, *options: str) -> Repository:
    origin.git("clone", "-q", *options, f"file://{origin.folder}", str(to))
    return Repository(to, fresh=False)


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "origin")
    for number in range(1, 5):
        repository.commit(f"number {number}", app=f"version {number}")
    return repository


def test_a_detached_head_has_the_branch_the_ci_names(origin: Repository) -> None:
    origin.git("checkout", "-q", "--detach", "HEAD~1")
    assert LocalGit(origin.folder).head().branch == ""
    assert LocalGit(origin.folder, branch="release/7").head().branch == "release/7"


def test_a_shallow_clone_knows_its_head_and_says_when_history_is_missing(
    origin: Repository, tmp_path: Path
) -> None:
    first, third, last = (origin.git("rev-parse", f"HEAD~{n}") for n in (3, 1, 0))
    git = LocalGit(clone(origin, tmp_path / "shallow", "--depth=2").folder)
    assert git.head().sha == last
    assert git.is_ancestor(third, last) is True
    assert git.is_ancestor(last, third) is False
    assert git.is_ancestor(first, last) is None


def test_two_lines_of_a_shallow_clone_prove_nothing(origin: Repository, tmp_path: Path) -> None:
    origin.git("checkout", "-q", "-b", "side", "HEAD~2")
    side = origin.commit("aside")
    main = origin.git("rev-parse", "main")
    shallow = clone(origin, tmp_path / "shallow", "--depth=1", "--no-single-branch")
    assert LocalGit(shallow.folder).is_ancestor(side, main) is None
    assert LocalGit(origin.folder).is_ancestor(side, main) is False


def test_a_linked_worktree_is_a_tree_like_any_other(origin: Repository, tmp_path: Path) -> None:
    origin.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "fix")
    git = LocalGit(tmp_path / "linked")
    assert (git.head().branch, git.top_level) == ("fix", tmp_path / "linked")


def test_it_may_start_in_a_folder_of_the_tree(origin: Repository) -> None:
    origin.write("deep/er/file", "")
    assert LocalGit(origin.folder / "deep" / "er").top_level == origin.folder


def test_the_tree_must_be_at_the_commit_that_was_asked_for(origin: Repository) -> None:
    older = origin.git("rev-parse", "HEAD~1")
    with pytest.raises(CheckFailed, match="not at the commit that was asked for") as caught:
        LocalGit(origin.folder, wanted=older).head()
    assert older in caught.value.hint
    assert LocalGit(origin.folder, wanted="HEAD").head().subject == "number 4"


def test_without_a_repository_the_commit_is_what_we_are_told(tmp_path: Path) -> None:
    git = open_git(tmp_path, sha=SHA, branch="main\x1b[31m", author="Ada")
    assert isinstance(git, ToldGit)
    assert (git.head().sha, git.head().branch, git.head().author) == (SHA, "main", "Ada")
    assert git.commit("HEAD") == git.commit(SHA) == git.head()
    assert git.is_ancestor(SHA, SHA) is True
    assert git.is_ancestor("a" * 40, SHA) is None
    assert git.top_level is None
    with pytest.raises(UsageWrong, match="unknown"):
        git.commit("main")


def test_without_a_repository_a_short_sha_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(UsageWrong, match="full commit sha"):
        open_git(tmp_path, sha="3f9c1ab")


def test_with_neither_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoRepository, match="not in a git working tree") as caught:
        open_git(tmp_path)
    assert "--commit" in caught.value.hint


def test_a_repository_wins_over_what_we_are_told(origin: Repository) -> None:
    sha = origin.git("rev-parse", "HEAD")
    assert open_git(origin.folder, sha=sha[:10]).head().subject == "number 4"


def test_a_bare_repository_has_no_tree_to_release(origin: Repository, tmp_path: Path) -> None:
    bare = clone(origin, tmp_path / "bare", "--bare")
    with pytest.raises(NoRepository):
        LocalGit(bare.folder)


def test_a_missing_git_program_is_said(
    origin: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # gitpython looked for git when it was first imported: what is left is that it is gone now
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "env").symlink_to("/usr/bin/env")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(NoRepository, match="git program is not installed"):
        LocalGit(origin.folder)


def test_another_owner_is_refused_with_the_cure(
    origin: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(CheckFailed, match="belongs to another user") as caught:
        LocalGit(origin.folder)
    assert f"safe.directory '{origin.folder}'" in caught.value.hint


def test_a_broken_repository_is_not_taken_for_none(origin: Repository) -> None:
    (origin.folder / ".git" / "config").write_text("[core")
    with pytest.raises(CheckFailed, match="cannot read the repository") as caught:
        open_git(origin.folder, sha=SHA)
    assert "git status" in caught.value.hint


def test_control_characters_of_a_commit_are_not_kept(origin: Repository) -> None:
    origin.commit("red \x1b[31malert\x07 \u202etxt")
    assert LocalGit(origin.folder).head().subject == "red alert txt"


def test_a_time_git_cannot_tell_does_not_hide_the_commit(origin: Repository) -> None:
    tree = origin.git("rev-parse", "HEAD^{tree}")
    who = "A <a> 99999999999999 +0000"
    raw = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n"
    path = origin.write("raw", raw)
    sha = origin.git("hash-object", "-t", "commit", "-w", "--literally", str(path))
    assert LocalGit(origin.folder).commit(sha).at is None
