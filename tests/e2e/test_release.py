"""A commit goes live: the first time, once more, with a migration under load, and in part."""

from pathlib import Path

import pytest

from tests.e2e.commandline import DEPLOYCTL, Ended
from tests.e2e.recorded import calls, mutating
from tests.e2e.shop import LEAST, Seen, Shop

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where requests are written down."""
    return tmp_path_factory.mktemp("records")


@pytest.fixture(scope="module")
def v1(shop: Shop, records: Path) -> Ended:
    """The first release."""
    shop.at("v1")
    return shop.recorded(records / "first", "release")


@pytest.fixture(scope="module")
def again(v1: Ended, shop: Shop, records: Path) -> Ended:
    """The same once more."""
    return shop.recorded(records / "again", "release")


@pytest.fixture(scope="module")
def v2(again: Ended, shop: Shop) -> Seen:
    """Ratings, with their migration, under load."""
    shop.at("v2")
    return shop.under_load("release")


@pytest.fixture(scope="module")
def blue(v2: Seen, shop: Shop) -> tuple[dict[str, str], dict[str, str]]:
    """A change of the web service alone; the revisions before and after."""
    before = shop.revisions()
    shop.overlay("v2-web-only", on="v2")
    shop.deployctl("release")
    return before, shop.revisions()


def test_the_first_release_serves_the_commit_on_every_tier(v1: Ended, shop: Shop) -> None:
    sha = shop.at("v1")
    assert v1.events("release.ended")[-1]["state"] == "released"
    assert shop.serving() == (sha, sha)
    assert shop.status()["live"]["commit"] == sha
    assert all(row["ready"] == row["wanted"] > 0 for row in shop.status()["services"])
    assert shop.database.sql("SELECT version_num FROM alembic_version") == "0001"


def test_it_changed_the_cloud_by_exactly_the_calls_that_a_release_is_made_of(
    v1: Ended, records: Path
) -> None:
    made = mutating(records / "first")
    aws = sorted(one for one in made if " " not in one)
    services = ["RegisterTaskDefinition", "UpdateService"]
    assert aws == sorted(["CreateInvalidation", "RunTask", *services * 3])
    assert made.count("PUT manifests") == 4  # two images, each under its content and its commit
    assert "POST blobs" in made


def test_the_same_commit_again_is_nothing_to_do_and_changes_nothing_at_all(
    again: Ended, shop: Shop, records: Path
) -> None:
    assert again.events("release.ended")[-1]["state"] == "nothing to do"
    assert len(shop.history()) == 1
    assert mutating(records / "again") == []
    asked = {one["operation"] for one in calls(records / "again")}
    assert {"DescribeServices", "DescribeImages", "GetDistribution", "GetCallerIdentity"} <= asked


def test_nothing_to_do_is_said_in_words_and_in_under_three_seconds(
    again: Ended, shop: Shop
) -> None:
    shop.at("v1")
    tries = [shop.deployctl("release") for _ in range(3)]
    assert all("nothing to do" in one.err for one in tries)
    assert min(one.seconds for one in tries) < 3  # the best of three: the machine may be busy


def test_a_release_with_a_migration_fails_no_request(v2: Seen) -> None:
    assert v2.load.requests >= LEAST
    assert v2.load.failed == 0, v2.load


def test_old_and_new_served_side_by_side_and_then_only_the_new(v2: Seen, shop: Shop) -> None:
    old, new = (shop.at(mark) for mark in ("v1", "v2"))
    expected = {f"{service} {sha}" for service in ("api", "web") for sha in (old, new)}
    assert set(v2.load.versions) == expected
    assert shop.serving() == (new, new)


def test_the_migration_ran_once_and_its_column_is_there(v2: Seen, shop: Shop) -> None:
    shop.database.sql("SELECT stars_total, stars_count FROM products LIMIT 1")
    assert shop.database.sql("SELECT version_num FROM alembic_version") == "0002"
    assert shop.migrations_run() == 2  # one for each release so far
    assert "Running upgrade 0001 -> 0002" in v2.ended.err


def test_a_change_of_one_service_rolls_that_service_alone(
    blue: tuple[dict[str, str], dict[str, str]], shop: Shop
) -> None:
    before, after = blue
    assert {name for name in after if after[name] != before[name]} == {"web"}
    assert shop.serving() == (shop.at("v2-web-only"), shop.at("v2"))
    assert shop.migrations_run() == 2


def test_every_release_is_in_the_history_newest_first_and_one_is_live(
    blue: tuple[dict[str, str], dict[str, str]], shop: Shop
) -> None:
    commits = [shop.at(mark) for mark in ("v2-web-only", "v2", "v1")]
    told = shop.history()
    assert [row["commit"] for row in told] == commits
    assert [row["verdict"] for row in told] == ["released"] * 3
    assert [row["live"] for row in told] == [True, False, False]


def test_a_plan_shows_what_would_happen_and_touches_nothing(
    blue: tuple[dict[str, str], dict[str, str]], shop: Shop, records: Path
) -> None:
    shop.at("v2-web-only")
    shop.repaint("api")
    file = records / "plan"
    prefix = (*("-m", "tests.e2e.recorded"), str(file))
    planned = shop.commands.run(
        *("plan", "--json", "--exit-code", "--env", shop.env),
        expect=10,
        prefix=(DEPLOYCTL[0], *prefix),
    )
    steps = [one["step"] for wave in planned.json()["waves"] for one in wave["changes"]]
    assert {"migrate:shop", "rollout:api", "rollout:worker"} <= set(steps)
    assert "rollout:web" not in steps
    assert mutating(file) == []
