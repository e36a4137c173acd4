"""What cannot work is refused before anything is touched, with the cause and the cure."""

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.commandline import Ended
from tests.e2e.shop import Shop, elsewhere

pytestmark = pytest.mark.e2e
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
NOWHERE = "sha256:" + "0" * 64


@pytest.fixture(scope="module")
def live(shop: Shop) -> str:
    """v1 is live."""
    sha = shop.at("v1")
    shop.deployctl("release")
    return sha


@pytest.fixture(autouse=True)
def untouched(live: str, shop: Shop) -> Iterator[None]:
    """Whatever is refused: the services run what they ran, and nothing is left open."""
    before = shop.revisions()
    shop.at("v1")
    yield
    shop.at("v1")
    assert shop.revisions() == before
    assert shop.status()["open"] is None


def build(**changes: Any) -> Any:
    """A change of the sandbox's build of web."""

    def change(tree: dict[str, Any]) -> None:
        tree["environments"]["sandbox"]["builds"]["web"].update(changes)

    return change


def release(shop: Shop, config: str, *words: str, expect: int, **variables: str) -> Ended:
    """A release to the environment `aws` of another configuration file."""
    ended = shop.commands.run(
        *("release", "--config", config, "--env", "aws", *words),
        expect=expect,
        variables=variables,
    )
    assert shop.password not in ended.text
    return ended


def test_a_missing_repository_is_named_with_the_command_that_makes_it(shop: Shop) -> None:
    config = shop.config("missing", build(repository="shop/nowhere"))
    ended = shop.deployctl("release", "--config", config, expect=4)
    assert "there is no repository shop/nowhere" in ended.err
    assert "aws ecr create-repository --repository-name shop/nowhere" in ended.err


def test_a_pinned_digest_that_is_not_there_is_refused(shop: Shop) -> None:
    def pinned(tree: dict[str, Any]) -> None:
        tree["environments"]["sandbox"]["builds"]["web"] = {"digest": NOWHERE}

    ended = shop.deployctl("release", "--config", shop.config("pinned", pinned), expect=4)
    assert f"has no image {NOWHERE}" in ended.err


def test_another_account_is_refused_with_both_numbers(shop: Shop) -> None:
    config = shop.config("other", elsewhere(shop, account="111111111111"))
    said = release(shop, config, expect=4, **KEYS).err
    assert "111111111111" in said
    assert "000000000000" in said


def test_another_region_has_no_such_stack_and_is_named(shop: Shop) -> None:
    config = shop.config("region", elsewhere(shop, region="eu-west-1"))
    said = release(shop, config, expect=3, **KEYS).err
    assert "no stack shop in region eu-west-1" in said
    assert "Check `region:`" in said


def test_another_region_has_no_such_services_and_is_named(shop: Shop) -> None:
    def change(tree: dict[str, Any]) -> None:
        elsewhere(shop, region="eu-west-1")(tree)
        tree["environments"]["aws"]["cdn"] = None  # no stack is asked before the cluster is

    said = release(shop, shop.config("services", change), expect=4, **KEYS).err
    assert "eu-west-1" in said


def test_without_credentials_nothing_begins_and_the_login_is_named(shop: Shop) -> None:
    config = shop.config("nobody", elsewhere(shop))
    said = release(shop, config, expect=4).err
    assert "there are no usable AWS credentials" in said
    assert "aws sso login" in said


def test_a_state_folder_that_cannot_be_one_is_refused(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")

    def change(tree: dict[str, Any]) -> None:
        elsewhere(shop)(tree)
        tree["state"]["path"] = str(tmp_path / "state")

    said = release(shop, shop.config("file", change), expect=4, **KEYS).err
    assert str(tmp_path / "state") in said


def test_a_disk_that_is_full_before_the_first_record_begins_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    def change(tree: dict[str, Any]) -> None:
        elsewhere(shop)(tree)
        tree["state"]["path"] = str(tmp_path)

    def tiny() -> None:  # room for the empty tables and the lease, not for a plan
        resource.setrlimit(resource.RLIMIT_FSIZE, (14_000, 14_000))

    config = shop.config("full", change)
    shop.repaint("web")
    words = ("--config", config, "--env", "aws")
    shop.commands.run("build", *words, variables=KEYS)  # the image is not what shall fail
    said = shop.commands.start("release", *words, variables=KEYS, prepare=tiny).end(expect=4).err
    assert "could not write the journal" in said
    assert "disk" in said


def test_a_repository_is_made_where_the_configuration_says_so(shop: Shop) -> None:
    config = shop.config("made", build(repository="shop/fresh", create_repository=True))
    ended = shop.deployctl("build", "--config", config, "--json")
    assert "/shop/fresh@sha256:" in ended.json()["images"]["web"]
    assert shop.aws("ecr").describe_repositories(repositoryNames=["shop/fresh"])["repositories"]


def test_a_real_environment_with_keys_works_as_the_sandbox_does(shop: Shop) -> None:
    config = shop.config("same", elsewhere(shop))
    assert "released:" in release(shop, config, expect=0, **KEYS).err  # its journal was empty
    assert "nothing to do" in release(shop, config, expect=0, **KEYS).err


def test_no_sandbox_no_release(shop: Shop, tmp_path: Path) -> None:
    said = shop.deployctl("release", expect=4, XDG_STATE_HOME=str(tmp_path)).err
    assert "no sandbox is running" in said
    assert "deployctl sandbox up" in said
