"""What the registry client makes of logins, hiccups, refusals and lies."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deployctl.adapters.images.registry import RegistryClient
from deployctl.adapters.images.wire import Ask
from deployctl.model.errors import Blind, DeployError, Refused, Unanswered
from deployctl.ports.images import Blob, Packed
from tests.fakes.registry import Shelf
from tests.fakes.registry_server import RegistryServer, served
from tests.fakes.workshop import tiny_image


class House:
    """A client, a registry on loopback, and what was waited for and logged in with."""

    def __init__(self, server: RegistryServer) -> None:
        self.server = server
        self.slept: list[float] = []
        self.logins = 0
        self.client = RegistryClient(login=self._login, sleep=self.slept.append)
        self.address = f"{server.host}/shop/api"

    def _login(self) -> tuple[str, str]:
        self.logins += 1
        return "AWS", "token"

    def push(self, image: Packed) -> str:
        return self.client.push(self.address, image, ["v1"])


@pytest.fixture
def house() -> Iterator[House]:
    shelves = {"shop/api": Shelf(), "shop/base": Shelf()}
    with served(RegistryServer(shelves)) as server:
        house = House(server)
        yield house
        house.client.close()


@pytest.fixture
def image(tmp_path: Path) -> Packed:
    return tiny_image(tmp_path)


def test_who_is_asked_logs_in_once(house: House, image: Packed) -> None:
    house.server.login = httpx.BasicAuth("AWS", "token")._auth_header
    assert house.push(image) == image.digest
    assert house.logins == 1


def test_a_registry_that_wants_a_bearer_token_gets_one(house: House, image: Packed) -> None:
    house.server.login, house.server.bearer = "Bearer from-the-realm", True
    assert house.push(image) == image.digest
    assert house.logins == 1


def test_credentials_that_do_not_count_leave_us_blind(house: House, image: Packed) -> None:
    house.server.login = "Basic of somebody else"
    with pytest.raises(Blind, match="does not accept our credentials") as caught:
        house.push(image)
    assert "ecr:GetAuthorizationToken" in caught.value.hint
    assert house.slept == []


def test_a_forbidden_push_names_the_permissions(house: House, image: Packed) -> None:
    house.server.forbids = True
    with pytest.raises(Refused) as caught:
        house.push(image)
    assert "ecr:PutImage" in caught.value.hint


def test_a_missing_repository_comes_with_the_command(house: House, image: Packed) -> None:
    with pytest.raises(Refused, match="no repository shop/none") as caught:
        house.client.push(f"{house.server.host}/shop/none", image, ["v1"])
    assert "aws ecr create-repository --repository-name shop/none" in caught.value.hint
    assert "create_repository: true" in caught.value.hint


def test_one_hiccup_anywhere_is_overcome(house: House, image: Packed) -> None:
    house.push(image)
    for number in range(len(house.server.asked)):
        house.server.shelves["shop/api"] = Shelf()
        house.slept.clear()
        house.server.hiccup_at = number
        assert house.push(image) == image.digest
        assert house.slept == [0.5]


def test_trouble_that_stays_is_unanswered(house: House, image: Packed) -> None:
    house.server.troubles.extend([500, 502, 503, 429, 500])
    with pytest.raises(Unanswered, match="with 500"):
        house.push(image)
    assert house.slept == [0.5, 1.0, 2.0, 4.0]


def test_nobody_there_is_unanswered(image: Packed) -> None:
    slept: list[float] = []
    client = RegistryClient(login=lambda: ("AWS", "x"), sleep=slept.append)
    with pytest.raises(Unanswered, match=r"127\.0\.0\.1:9 did not answer"):
        client.push("127.0.0.1:9/shop/api", image, ["v1"])
    client.close()
    assert len(slept) == 4


def test_what_is_there_is_not_sent_again(house: House, image: Packed) -> None:
    house.push(image)
    house.server.asked.clear()
    house.client.push(house.address, image, ["v1", "v2"])
    assert [asked for asked in house.server.asked if "blobs" in asked] == []


def test_layers_are_mounted_and_when_that_fails_copied(
    house: House, image: Packed, tmp_path: Path
) -> None:
    host = house.server.host
    house.client.push(f"{host}/shop/base", image, ["base"])
    layer, config = image.blobs
    borrowed = Packed(
        digest=image.digest,
        manifest=image.manifest,
        media_type=image.media_type,
        blobs=(Blob(digest=layer.digest, size=layer.size, origin="shop/base"), config),
    )
    for mounts in (True, False):
        house.server.mounts = mounts
        shelf = house.server.shelves["shop/api"] = Shelf()
        house.server.asked.clear()
        house.push(borrowed)
        assert layer.digest in shelf.blobs
        copied = f"GET /v2/shop/base/blobs/{layer.digest}" in house.server.asked
        assert copied is not mounts


def test_a_registry_that_names_no_digest_is_read_back(house: House, image: Packed) -> None:
    house.server.forgets_digest = True
    assert house.push(image) == image.digest


def test_a_tag_that_moved_at_once_is_noticed(house: House, image: Packed, tmp_path: Path) -> None:
    house.server.shelves["shop/api"].immutable = False
    other = tiny_image(tmp_path, "other")
    house.client.push(house.address, other, ["v1"])
    house.server.rival = other.digest
    with pytest.raises(Refused, match="right after") as caught:
        house.push(image)
    assert "another pipeline" in caught.value.hint


def test_an_immutable_tag_tells_both_ways_out(house: House, image: Packed, tmp_path: Path) -> None:
    house.push(image)
    with pytest.raises(Refused, match="immutable") as caught:
        house.push(tiny_image(tmp_path, "other"))
    assert f"digest: {image.digest}" in caught.value.hint
    assert "batch-delete-image --repository-name shop/api" in caught.value.hint


def test_a_refused_manifest_is_told_in_the_registrys_words(house: House, image: Packed) -> None:
    house.server.rejects = True
    with pytest.raises(Refused, match="MANIFEST_INVALID: layer missing"):
        house.push(image)


def test_damaged_answers_are_not_believed(house: House, image: Packed) -> None:
    house.push(image)
    house.server.damages = True
    with pytest.raises(Unanswered, match="came damaged"):
        house.client.labels(house.address, image.digest)
    assert len(house.slept) == 4


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1:4566/a/b", "http://127.0.0.1:4566/v2/a/b/x"),
        ("localhost/a", "http://localhost/v2/a/x"),
        ("[::1]:5000/a", "http://[::1]:5000/v2/a/x"),
        ("registry.localhost:80/a", "http://registry.localhost:80/v2/a/x"),
        ("1.dkr.ecr.eu-west-1.amazonaws.com/a", "https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/x"),
        ("127.evil.example/a", "https://127.evil.example/v2/a/x"),
    ],
)
def test_plain_http_is_for_this_machine_only(address: str, url: str) -> None:
    assert Ask(method="GET", address=address, path="/x").url == url


def test_a_location_elsewhere_gets_no_credentials(house: House, image: Packed) -> None:
    house.server.login = httpx.BasicAuth("AWS", "token")._auth_header
    with served(RegistryServer({"shop/api": Shelf()})) as elsewhere:
        elsewhere.login = "anything"
        house.server.sends_to = f"http://{elsewhere.host}"
        with pytest.raises(DeployError):
            house.push(image)
        assert elsewhere.greetings == [""] * len(elsewhere.greetings)
