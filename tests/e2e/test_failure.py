"""A release that goes wrong takes itself back, says why, and no visitor notices."""

import urllib.request
from time import monotonic
from typing import Any

import pytest

from tests.e2e.commandline import Ended
from tests.e2e.shop import LEAST, Seen, Shop
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e
LAST_WORDS = "setting DATABSE_URL is missing"
LEAK = '''
"""Says aloud what it must not."""

import os

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Fails."""
    raise SystemExit("no luck with " + os.environ["DATABASE_URL"])
'''
NOTES = '''
"""One table more."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds it."""
    op.execute("CREATE TABLE notes (note text)")
'''


@pytest.fixture(scope="module")
def good(shop: Shop) -> str:
    """What is live before anything goes wrong: v2."""
    sha = shop.at("v2")
    shop.deployctl("release")
    return sha


@pytest.fixture(scope="module")
def crash(good: str, shop: Shop) -> Seen:
    """The broken v3, under load."""
    shop.at("v3")
    return shop.under_load("release", expect=21)


@pytest.fixture(scope="module")
def stumble(crash: Seen, shop: Shop) -> tuple[Ended, dict[str, str], dict[str, str]]:
    """A migration that fails; the revisions before and after."""
    shop.overlay("bad_migration", on="v2")
    before = shop.revisions()
    return shop.deployctl("release", "--json", expect=20), before, shop.revisions()


def newest(shop: Shop) -> Any:
    """The last release as `show` has it."""
    return shop.deployctl("show", shop.history()[0]["id"], "--json").json()


def test_a_crashing_version_fails_no_request_and_the_old_one_serves(
    crash: Seen, good: str, shop: Shop
) -> None:
    assert crash.load.requests >= LEAST
    assert crash.load.failed == 0, crash.load
    assert shop.serving() == (good, good)


def test_it_names_the_exit_code_and_the_last_words_of_the_container(crash: Seen) -> None:
    assert "exit code 3" in crash.ended.err
    assert LAST_WORDS in crash.ended.err
    assert "rolled back" in crash.ended.err
    assert "hint" in crash.ended.err


def test_history_and_show_keep_the_verdict_and_the_evidence(crash: Seen, shop: Shop) -> None:
    told = shop.history()
    assert (told[0]["verdict"], told[0]["live"]) == ("rolled back", False)
    shown = shop.deployctl("show", told[0]["id"])
    assert LAST_WORDS in shown.out
    assert "undo rollout:api" in shown.out


def test_afterwards_status_is_clean(crash: Seen, good: str, shop: Shop) -> None:
    now = shop.status()
    assert now["live"]["commit"] == good
    assert now["open"] is None
    assert now["lease"]["state"] == "free"
    assert [(row["drifted"], row["ready"]) for row in now["services"]] == [
        (False, 2),
        (False, 2),
        (False, 1),
    ]


def test_the_verdict_comes_within_three_seconds_of_the_clouds_own(crash: Seen, shop: Shop) -> None:
    shop.at("v2")
    shop.edit("api/shop_api/settings.py", "\nraise SystemExit(9)\n", subject="Fall at once")
    release = shop.start("release")
    release.await_event("change.began", "rollout:api")
    until(lambda: "FAILED" in shop.rollouts("api"), "the cloud's own verdict")
    own = monotonic()
    release.await_event("release.rolling_back")
    assert monotonic() - own < 3
    assert "exit code 9" in release.end(expect=21).out


def test_a_failing_migration_ends_clean_before_any_service_is_touched(
    stumble: tuple[Ended, dict[str, str], dict[str, str]], good: str, shop: Shop
) -> None:
    ended, before, after = stumble
    assert ended.json()["verdict"] == "failed clean"
    assert before == after
    assert shop.serving() == (good, good)
    assert shop.database.sql("SELECT version_num FROM alembic_version") == "0002"


def test_the_migrations_last_lines_are_shown_and_kept(
    stumble: tuple[Ended, dict[str, str], dict[str, str]], shop: Shop
) -> None:
    assert 'relation "product" does not exist' in stumble[0].err
    step = next(one for one in newest(shop)["steps"] if one["step"] == "migrate:shop")
    assert step["state"] == "failed"
    assert any('relation "product" does not exist' in line for line in step["evidence"])


def test_a_version_that_is_up_but_not_well_is_taken_back_by_its_smoke_test(
    good: str, shop: Shop
) -> None:
    shop.overlay("bad_smoke", on="v2")
    ended = shop.deployctl("release", "--json", expect=21)
    assert ended.json()["failed_step"].startswith("smoke:")
    assert shop.serving() == (good, good)
    assert shop.status()["open"] is None


def test_a_secret_in_a_containers_last_words_reaches_neither_screen_nor_journal(
    good: str, shop: Shop
) -> None:
    shop.at("v2")
    shop.edit("api/migrations/versions/0003_leak.py", LEAK)
    ended = shop.deployctl("release", "--json", expect=20)
    assert "no luck with postgresql://" in ended.text
    assert shop.password not in ended.text
    journal = next((shop.commands.state / "deployctl").glob("**/sandbox.db"))
    assert b"no luck with postgresql://" in journal.read_bytes()
    assert shop.password.encode() not in journal.read_bytes()


def test_an_image_that_vanished_from_the_registry_is_taken_back_with_the_pull_error(
    good: str, shop: Shop
) -> None:
    shop.at("v2")
    shop.repaint("web")
    release = shop.start("release")
    plan = release.await_event("release.planned")["data"]
    digest = plan["release"]["images"]["web"]["digest"]
    manifest = f"{shop.facts['endpoint']}/v2/shop/web/manifests/{digest}"
    gone = urllib.request.Request(manifest, method="DELETE")
    assert urllib.request.urlopen(gone, timeout=10).status == 202
    assert "manifest unknown" in release.end(expect=21).text
    assert shop.serving() == (good, good)


def test_a_new_migration_beside_a_failed_commit_is_run(crash: Seen, shop: Shop) -> None:
    shop.at("v2")
    shop.edit("api/migrations/versions/0003_notes.py", NOTES)
    shop.deployctl("release")
    shop.database.sql("SELECT note FROM notes")
