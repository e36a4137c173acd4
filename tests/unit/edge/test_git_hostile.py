"""A repository that wants to make git run its programs does not get its way."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from deployctl.adapters.git import LocalGit
from deployctl.adapters.git_command import GitCommand
from deployctl.model.errors import UsageWrong
from tests.unit.edge.repository import Repository

Trap = Callable[[Repository, str], object]


def by_filter(name: str) -> Trap:
    def set_up(repository: Repository, program: str) -> None:
        repository.git("config", f"filter.{name}.clean", program)
        repository.git("config", f"filter.{name}.process", program)
        repository.git("config", f"filter.{name}.required", "true")
        (repository.folder / ".git/info/attributes").write_text(f"* filter={name}\n")

    return set_up


def by_diff_driver(repository: Repository, program: str) -> None:
    repository.git("config", "diff.evil.textconv", program)
    repository.git("config", "diff.evil.command", program)
    (repository.folder / ".git/info/attributes").write_text("* diff=evil\n")


def by_signature(repository: Repository, program: str) -> None:
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "gpg.program", program)
    tree = repository.git("rev-parse", "HEAD^{tree}")
    who = "A <a@b> 1700000000 +0000"
    signed = f"tree {tree}\nauthor {who}\ncommitter {who}\ngpgsig -----BEGIN PGP SIGNATURE-----\n"
    path = repository.folder / ".git" / "raw"
    path.write_text(f"{signed} \n x\n -----END PGP SIGNATURE-----\n\nsigned\n")
    sha = repository.git("hash-object", "-t", "commit", "-w", str(path))
    repository.git("update-ref", "refs/heads/main", sha)


def by_hook(repository: Repository, program: str) -> None:
    folder = repository.folder / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (folder / name).write_bytes(Path(program).read_bytes())
        (folder / name).chmod(0o755)


def by_lazy_fetch(repository: Repository, program: str) -> None:
    repository.git("config", "core.repositoryFormatVersion", "1")
    repository.git("config", "extensions.partialClone", "origin")
    repository.git("config", "remote.origin.promisor", "true")
    repository.git("config", "remote.origin.url", f"ext::{program}")
    repository.git("config", "protocol.ext.allow", "always")


TRAPS: dict[str, Trap] = {
    "fsmonitor": lambda r, program: r.git("config", "core.fsmonitor", program),
    "filter": by_filter("evil"),
    "filter that calls itself lfs": by_filter("lfs"),
    "filter with a tricky name": by_filter("a=b.clean"),
    "diff driver": by_diff_driver,
    "external diff": lambda r, program: r.git("config", "diff.external", program),
    "hooks folder": lambda r, program: r.git("config", "core.hooksPath", str(Path(program).parent)),
    "hooks": by_hook,
    "pager": lambda r, program: r.git("config", "core.pager", program),
    "signature": by_signature,
    "lazy fetch": by_lazy_fetch,
    "ssh": lambda r, program: r.git("config", "core.sshCommand", program),
    "alias": lambda r, program: r.git("config", "alias.status", f"!{program}"),
}


def look_everywhere(repository: Repository) -> None:
    """Every question there is, also those that end in an error."""
    git = LocalGit(repository.folder)
    head = git.head()
    assert head.dirty
    git.is_ancestor(head.sha, "main")
    assert git.is_ancestor("a" * 40, "main") is None
    with pytest.raises(UsageWrong):
        git.commit("a" * 40)


@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_of_the_repository_is_executed(trap: str, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    repository = Repository(tmp_path / "hostile")
    repository.commit("begin", app="one\n")
    program = repository.program("program", marker)
    TRAPS[trap](repository, str(program))
    repository.write("app", "two\n")
    marker.unlink(missing_ok=True)
    look_everywhere(repository)
    assert not marker.exists(), f"{trap} ran a program of the repository"


@pytest.mark.parametrize("trap", ["fsmonitor", "filter", "signature", "filter with a tricky name"])
def test_the_traps_would_work_on_plain_git(trap: str, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    repository = Repository(tmp_path / "hostile")
    repository.commit("begin", app="one\n")
    TRAPS[trap](repository, str(repository.program("program", marker)))
    repository.write("app", "two\n")
    marker.unlink(missing_ok=True)
    for words in (("status",), ("log", "-1")):
        try:
            repository.git(*words)
        except Exception:  # noqa: BLE001, S112 - the trap may break git; the mark is what counts
            continue
    assert marker.exists(), "this trap proves nothing"


def test_a_hostile_submodule_is_not_obeyed_either(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    library = Repository(tmp_path / "library")
    library.commit("one", code="1")
    repository = Repository(tmp_path / "outer")
    repository.git("submodule", "--quiet", "add", str(library.folder), "lib")
    repository.commit("with a library")
    inner = Repository(repository.folder / "lib", fresh=False)
    program = repository.program("program", marker)
    inner.git("config", "core.fsmonitor", str(program))
    inner.git("config", "filter.evil.clean", str(program))
    info = repository.folder / ".git/modules/lib/info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("* filter=evil\n")
    inner.write("code", "2")
    marker.unlink(missing_ok=True)
    assert LocalGit(repository.folder).head().dirty
    assert not marker.exists()


@pytest.mark.parametrize(
    "name",
    [
        "--output=/tmp/x",
        "--exec=x",
        "-h",
        "--all",
        "main\nmain",
        "$(touch x)",
        "main; true",
        ":/begin",
        "main^{/begin}",
        "@{upstream}",
        "main\0x",
        "../../etc/passwd",
    ],
)
def test_a_name_is_never_an_option_or_a_command(name: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "tree")
    sha = repository.commit("begin", app="one\n")
    files = sorted(path.name for path in repository.folder.iterdir())
    with contextlib.suppress(UsageWrong):
        assert LocalGit(repository.folder).commit(name).sha == sha
    assert sorted(path.name for path in repository.folder.iterdir()) == files


def test_a_branch_may_have_any_name_git_allows(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "tree")
    repository.commit("begin", app="one\n")
    name = "a;b`c`$(id)|d&e'f\"g"
    repository.git("checkout", "-q", "-b", name)
    git = LocalGit(repository.folder)
    assert git.head().branch == name
    assert git.commit(name) == git.commit("main")


def test_git_is_not_led_elsewhere_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = Repository(tmp_path / "here"), Repository(tmp_path / "elsewhere")
    sha = here.commit("here", app="1")
    elsewhere.commit("elsewhere", app="2")
    monkeypatch.setenv("GIT_DIR", str(elsewhere.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(elsewhere.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    head = LocalGit(here.folder).head()
    assert (head.sha, head.dirty) == (sha, "")


def test_git_lfs_as_it_sets_itself_up_stays_on(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "tree")
    repository.git("config", "filter.lfs.clean", "git-lfs clean -- %f")
    repository.git("config", "filter.lfs.smudge", "git-lfs smudge -- %f")
    repository.git("config", "filter.lfs.process", "git-lfs filter-process")
    repository.git("config", "filter.lfs.required", "true")
    assert GitCommand(repository.folder).filters_off() == ()
    repository.git("config", "filter.lfs.clean", "git-lfs clean -- %f; touch x")
    assert (
        "--config-env=filter.lfs.clean=DEPLOYCTL_NOTHING"
        in GitCommand(repository.folder).filters_off()
    )
