"""The hash of what differs: stable, complete, and blind to what is ignored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deployctl.adapters.git import LocalGit
from deployctl.model.errors import CheckFailed
from tests.unit.edge.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "tree")
    made.write("folder/deep", "deep")
    made.commit("begin", app="one\n", other="two\n", **{".gitignore": "*.log\n"})
    return made


def dirty(repository: Repository) -> str:
    return LocalGit(repository.folder).head().dirty


def test_a_clean_tree_has_no_hash(repository: Repository) -> None:
    repository.write("noise.log", "ignored")
    (repository.folder / "app").touch()
    assert dirty(repository) == ""


CHANGES: dict[str, Callable[[Repository], object]] = {
    "changed": lambda r: r.write("app", "changed\n"),
    "staged": lambda r: (r.write("app", "staged\n"), r.git("add", "-A")),
    "untracked": lambda r: r.write("new file", "new"),
    "deep": lambda r: r.write("a/b/c", "new"),
    "gone": lambda r: (r.folder / "app").unlink(),
    "renamed": lambda r: r.git("mv", "app", "moved"),
    "program": lambda r: (r.folder / "app").chmod(0o755),
    "link": lambda r: _link(r.folder / "app"),
    "newline": lambda r: r.write("odd\nname", "x"),
    "staged new": lambda r: (r.write("fresh", "x"), r.git("add", "-A")),
}


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to("other")


def test_every_kind_of_change_has_a_hash_of_its_own(repository: Repository) -> None:
    found = {}
    for name, change in CHANGES.items():
        change(repository)
        found[name] = dirty(repository)
        repository.git("reset", "-q", "--hard")
        repository.git("clean", "-qfdx")
    assert all(len(one) == 12 for one in found.values()), found
    assert len(set(found.values())) == len(CHANGES), found


def test_the_same_changes_give_the_same_hash_whatever_the_settings(
    repository: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "other")
    other.write("folder/deep", "deep")
    other.commit("another history", app="one\n", other="two\n", **{".gitignore": "*.log\n"})
    other.git("config", "status.renames", "copies")
    other.git("config", "status.showUntrackedFiles", "no")
    other.git("config", "diff.mnemonicPrefix", "true")
    for each in (repository, other):
        each.write("app", "changed\n")
        each.write("new", "new\n")
    assert dirty(repository) == dirty(other) != ""


def test_staging_does_not_change_the_hash(repository: Repository) -> None:
    repository.write("app", "changed\n")
    before = dirty(repository)
    repository.git("add", "-A")
    assert dirty(repository) == before


def test_a_conflict_is_a_difference(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("side", app="side\n")
    repository.git("checkout", "-q", "main")
    repository.commit("main", app="main\n")
    with pytest.raises(Exception, match="merge"):
        repository.git("merge", "side")
    assert dirty(repository)


def test_looking_writes_nothing_into_the_repository(repository: Repository) -> None:
    (repository.folder / "app").touch()
    index = repository.folder / ".git" / "index"
    before = (index.stat().st_mtime_ns, index.read_bytes())
    assert dirty(repository) == ""
    assert (index.stat().st_mtime_ns, index.read_bytes()) == before


def test_a_submodule_counts_inside_and_when_it_moves(
    repository: Repository, tmp_path: Path
) -> None:
    library = Repository(tmp_path / "library")
    library.commit("one", code="1")
    repository.git("submodule", "--quiet", "add", str(library.folder), "lib")
    repository.commit("with a library")
    assert dirty(repository) == ""
    inner = Repository(repository.folder / "lib", fresh=False)
    inner.write("code", "2")
    changed = dirty(repository)
    inner.commit("moved on")
    moved = dirty(repository)
    inner.commit("moved on again")
    assert len({changed, moved, dirty(repository), ""}) == 4


def test_a_broken_index_is_said(repository: Repository) -> None:
    (repository.folder / ".git" / "index").write_bytes(b"broken")
    with pytest.raises(CheckFailed, match="cannot compare"):
        dirty(repository)
