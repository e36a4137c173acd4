"""Make a throw-away git repository of the shop: a good release, a better one, and a broken one.

Use: python examples/shop/history.py FOLDER [--deployctl-yaml FILE] [VERSION …]
"""

import argparse
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SHOP = Path(__file__).parent
SUBJECTS = {
    "v1": "Open the shop",
    "v2": "Let people rate products",
    "v3": "Tidy the settings",
    "v2-web-only": "Paint the shop blue",
    "bad_migration": "Prepare reviews",
    "bad_smoke": "Rename the product list",
}
VERSIONS = tuple(SUBJECTS)
# What belongs to the example but not to the shop's own repository.
NOT_THE_SHOP = {"versions", "history.py", "witness.py", "deployctl.yaml", ".deployctl"}
FIRST_COMMIT = 1_767_225_600  # 2026-01-01, fixed so that the same files give the same shas


def make_history(
    target: Path,
    *,
    deployctl_yaml: Path | str | None = None,
    versions: Sequence[str] = ("v1", "v2", "v3"),
) -> list[str]:
    """Commit the versions one after another into the new folder `target`; return their shas.

    `versions` begins with "v1", the example as it stands; each further one (see VERSIONS) is
    laid over it and tagged with its name. `deployctl_yaml` is a file, or its text; by default the
    example's own. The same input gives the same shas. A filled `api/site` comes along,
    uncommitted. Raises FileExistsError when `target` has something in it, ValueError for an
    unknown version.
    """
    unknown = sorted(set(versions) - set(VERSIONS))
    if unknown or list(versions[:1]) != ["v1"]:
        raise ValueError(f"versions begin with v1; known are {', '.join(VERSIONS)}")
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty")
    _lay_out(target, deployctl_yaml)
    git(target, "init", "--quiet", "--initial-branch=main")
    return [_commit(target, "v1"), *(commit_overlay(target, name) for name in versions[1:])]


def commit_overlay(target: Path, name: str) -> str:
    """Lay a version's files over the repository at `target` and commit; return the sha.

    "v3", "v2-web-only", "bad_migration" and "bad_smoke" are meant for on top of "v2".
    """
    # Not copy2: with the old file's time on it, git may take a changed file for the same one.
    shutil.copytree(
        SHOP / "versions" / name,
        target,
        dirs_exist_ok=True,
        ignore=_caches,
        copy_function=shutil.copy,
    )
    return _commit(target, name)


def _lay_out(target: Path, deployctl_yaml: Path | str | None) -> None:
    shutil.copytree(SHOP, target, dirs_exist_ok=True, ignore=_not_the_shop, copy_function=_copy)
    own = SHOP / "deployctl.yaml"
    given = deployctl_yaml or (own if own.exists() else "project: shop\n")
    text = given.read_text() if isinstance(given, Path) else given
    (target / "deployctl.yaml").write_text(text)


_caches = shutil.ignore_patterns("__pycache__", "site.*")


def _not_the_shop(folder: str, names: list[str]) -> set[str]:
    """What copytree leaves out of one folder."""
    return _caches(folder, names) | (NOT_THE_SHOP if Path(folder) == SHOP else set())


def _copy(source: str, target: str) -> str:
    """Copy a file; of the dependencies (30 MB) make hard links where the file system can."""
    if "/site/" in source:
        try:
            os.link(source, target)
        except OSError:
            return shutil.copy(source, target)
        return target
    return shutil.copy(source, target)


def _commit(target: Path, name: str) -> str:
    git(target, "add", "--all")
    done = int(git(target, "rev-list", "--all", "--count"))
    when = f"{FIRST_COMMIT + 3600 * done} +0000"
    git(target, "commit", "--quiet", "--message", SUBJECTS[name], when=when)
    git(target, "tag", name)
    return git(target, "rev-parse", "HEAD")


def git(folder: Path, *command: str, when: str = "") -> str:
    """Run git as nobody in particular, deaf to the user's settings; returns its output."""
    person = {"NAME": "Ada Teapot", "EMAIL": "ada@shop.example", "DATE": when}
    roles = {f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in person.items() if v}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    options = ["-c", "core.autocrlf=false", "-c", "commit.gpgsign=false", "-C", str(folder)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return subprocess.run(
        ["git", *options, *command],  # noqa: S607 - the git on the PATH is the one meant
        env=environment | roles | quiet,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("versions", nargs="*", default=["v1", "v2", "v3"], metavar="VERSION")
    parser.add_argument("--deployctl-yaml", type=Path)
    given = parser.parse_args()
    shas = make_history(given.folder, deployctl_yaml=given.deployctl_yaml, versions=given.versions)
    for name, sha in zip(given.versions, shas, strict=True):
        print(sha, name)


if __name__ == "__main__":
    main()
