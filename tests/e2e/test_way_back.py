"""Going back, mending by hotfix, and what is refused on the way."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from examples.shop.history import git
from tests.e2e.shop import LEAST, Seen, Shop

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def both(shop: Shop) -> list[Any]:
    """v1 and then v2 went live; the history, newest first."""
    for mark in ("v1", "v2"):
        shop.at(mark)
        shop.deployctl("release")
    return shop.history()


@pytest.fixture(scope="module")
def back(both: list[Any], shop: Shop) -> Seen:
    """One short command, under load."""
    return shop.under_load("rollback", "--reason", "ratings are ugly")


@pytest.fixture(scope="module")
def forward(back: Seen, both: list[Any], shop: Shop) -> str:
    """v2 is live again, by way of v1; its sha."""
    sha = shop.at("v2")
    shop.deployctl("release")
    return sha


@pytest.fixture(scope="module")
def fixed(forward: str, shop: Shop) -> tuple[str, dict[str, str], dict[str, str]]:
    """A commit that changes web and api, released as a hotfix of web; revisions around it."""
    shop.at("v2")
    shop.repaint("api")
    sha, before = shop.repaint("web"), shop.revisions()
    shop.deployctl("hotfix", "--service", "web", "--reason", "the logo is gone")
    return sha, before, shop.revisions()


def test_a_rollback_fails_no_request_and_the_version_before_serves(back: Seen, shop: Shop) -> None:
    v1 = shop.at("v1")
    assert back.load.requests >= LEAST
    assert back.load.failed == 0, back.load
    assert shop.serving() == (v1, v1)


def test_the_release_we_came_back_from_is_marked_bad(
    back: Seen, both: list[Any], shop: Shop
) -> None:
    newest, bad, good = shop.history()
    assert (newest["kind"], newest["verdict"], newest["live"]) == ("rollback", "released", True)
    assert (bad["id"], bad["bad"], bad["reason"]) == (both[0]["id"], True, "ratings are ugly")
    assert (good["id"], good["bad"]) == (both[1]["id"], False)


def test_a_rollback_runs_no_migration(back: Seen, shop: Shop) -> None:
    assert shop.migrations_run() == 2
    assert shop.database.sql("SELECT version_num FROM alembic_version") == "0002"


def test_a_second_rollback_finds_nothing_good_to_return_to_and_says_so(
    back: Seen, shop: Shop
) -> None:
    ended = shop.deployctl("rollback", expect=2)
    assert "no good release before" in ended.err
    assert "deployctl history" in ended.err


def test_a_bad_or_unknown_release_is_no_place_to_go_back_to(
    back: Seen, both: list[Any], shop: Shop
) -> None:
    bad = shop.deployctl("rollback", "--to", both[0]["id"], expect=2)
    assert "ratings are ugly" in bad.err
    assert "there is no release nope" in shop.deployctl("rollback", "--to", "nope", expect=2).err


def test_a_hotfix_rolls_the_named_service_alone(
    fixed: tuple[str, dict[str, str], dict[str, str]],
) -> None:
    _, before, after = fixed
    assert {name for name in after if after[name] != before[name]} == {"web"}


def test_a_hotfix_is_recorded_as_one_with_its_reason(
    fixed: tuple[str, dict[str, str], dict[str, str]], shop: Shop
) -> None:
    told = next(row for row in shop.history() if row["commit"] == fixed[0])
    assert (told["kind"], told["verdict"]) == ("hotfix", "released")
    assert told["reason"] == "the logo is gone"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--service", "web"), 2, "needs a reason"),
        (("--service", "wbe", "--reason", "x"), 2, "Did you mean web?"),
    ],
)
def test_a_hotfix_that_makes_no_sense_is_refused(
    forward: str, shop: Shop, words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in shop.deployctl("hotfix", *words, expect=code).err


def test_a_hotfix_must_contain_what_is_live(forward: str, shop: Shop) -> None:
    shop.at("v1")
    shop.repaint("web")
    ended = shop.deployctl("hotfix", "--service", "web", "--reason", "x", expect=25)
    assert f"does not contain {shop.status()['live']['commit'][:7]}" in ended.err
    assert "git checkout -b hotfix" in ended.err


def test_a_commit_that_does_not_contain_the_live_one_needs_an_explicit_word(
    fixed: tuple[str, dict[str, str], dict[str, str]], shop: Shop
) -> None:
    shop.at("v2")
    side = shop.edit("web/shop_web/__init__.py", "SIDE = 1\n")
    ended = shop.deployctl("release", expect=25)
    assert f"does not contain {fixed[0][:7]}" in ended.err
    assert "--allow-downgrade" in ended.err
    shop.deployctl("release", "--allow-downgrade")
    assert shop.status()["live"]["commit"] == side


def test_rollback_to_a_named_release_goes_there_and_not_merely_one_back(
    fixed: tuple[str, dict[str, str], dict[str, str]], both: list[Any], shop: Shop
) -> None:
    shop.deployctl("rollback", "--to", both[1]["id"])
    v1 = shop.at("v1")
    assert shop.serving() == (v1, v1)
    assert shop.history()[0]["live"]


def test_after_a_rollback_a_change_on_top_of_the_old_version_migrates_nothing_again(
    both: list[Any], shop: Shop
) -> None:
    if shop.status()["live"]["commit"] != shop.at("v1"):
        shop.deployctl("rollback", "--to", both[1]["id"])
    ran, sha = shop.migrations_run(), shop.repaint("web")
    shop.deployctl("release")
    assert shop.serving()[0] == sha
    assert shop.migrations_run() == ran


def test_a_dirty_tree_is_refused_in_ci_and_tagged_by_hand(both: list[Any], shop: Shop) -> None:
    shop.at("v2")
    page = shop.folder / "web/shop_web/__init__.py"
    page.write_text('"""Half an idea."""\n')
    assert "uncommitted" in shop.deployctl("release", expect=4, CI="true").err
    shop.deployctl("release", "--allow-downgrade")
    assert "-dirty-" in shop.status()["live"]["commit"]
    assert shop.serving()[0] == shop.status()["live"]["commit"]


def test_without_a_git_folder_the_commit_is_told_by_hand(
    both: list[Any], shop: Shop, tmp_path: Path
) -> None:
    sha = shop.at("v2")
    copied = tmp_path / "unpacked"
    shutil.copytree(shop.folder, copied, ignore=shutil.ignore_patterns(".git"))
    assert git(shop.folder, "rev-parse", "HEAD") == sha
    words = ("plan", "--json", "--config", str(copied / "deployctl.yaml"))
    assert "--commit" in shop.deployctl(*words, expect=4).err
    assert shop.deployctl(*words, "--commit", sha).json()["release"]["commit"]["sha"] == sha
