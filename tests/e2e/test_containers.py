"""The same shop on a real container engine: Dockerfiles are built, tasks are containers."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.e2e.shop import LEAST, Shop, close_shop, keeps_its_secret, open_shop

SOCKET = "/var/run/docker.sock"


def engine_answers() -> bool:
    """Whether a Docker-compatible engine answers at its usual socket."""
    with closing(http.client.HTTPConnection("engine", timeout=2)) as connection:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(2)
        try:
            connection.sock.connect(SOCKET)
            connection.request("GET", "/_ping")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.engine,
    pytest.mark.skipif(not engine_answers(), reason=f"no container engine answers at {SOCKET}"),
]


@pytest.fixture(scope="module")
def shop(dependencies: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop on containers, with v1 live."""
    opened = open_shop(tmp_path_factory.mktemp("shop"), backend="containers", env="containers")
    try:
        opened.at("v1")
        opened.deployctl("release")
        yield opened
        keeps_its_secret(opened)
    finally:
        close_shop(opened)


def test_v2_with_its_migration_fails_no_request(shop: Shop) -> None:
    v2 = shop.at("v2")
    seen = shop.under_load("release")
    assert seen.load.requests >= LEAST
    assert seen.load.failed == 0, seen.load
    assert shop.serving() == (v2, v2)
    shop.database.sql("SELECT stars_total FROM products LIMIT 1")


def test_a_crashing_container_is_taken_back_with_its_last_words_and_no_failed_request(
    shop: Shop,
) -> None:
    v2, _ = shop.at("v2"), shop.at("v3")
    seen = shop.under_load("release", expect=21)
    assert seen.load.failed == 0, seen.load
    assert "exit code 3" in seen.ended.err
    assert "setting DATABSE_URL is missing" in seen.ended.err
    assert shop.serving() == (v2, v2)


def test_the_same_commit_again_builds_and_changes_nothing(shop: Shop) -> None:
    shop.at("v2")
    ended = shop.deployctl("release")
    assert "nothing to do" in ended.err
    assert "building" not in ended.err


def test_a_rollback_fails_no_request(shop: Shop) -> None:
    v1 = shop.at("v1")
    seen = shop.under_load("rollback")
    assert seen.load.requests >= LEAST
    assert seen.load.failed == 0, seen.load
    assert shop.serving() == (v1, v1)
