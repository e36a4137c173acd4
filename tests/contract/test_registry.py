"""Every registry keeps the same promises: the fake, our client, and the emulator's registry."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from deployctl.adapters.images.registry import RegistryClient
from deployctl.model.errors import Refused
from deployctl.ports.images import Blob, Packed, Registry
from tests.fakes.emulator import ministack
from tests.fakes.registry import FakeRegistry, Shelf, digest_of
from tests.fakes.registry_server import RegistryServer, served
from tests.fakes.workshop import tiny_image


@dataclass(frozen=True)
class Site:
    """A registry, the host its addresses begin with, and how to get an empty repository there."""

    registry: Registry
    host: str
    fresh: Callable[[str], None]


def _never(_: float) -> None:
    """Waits are not what these tests are about."""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as host:
        yield host


@pytest.fixture(params=["fake", "server", "ministack"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    if request.param == "ministack":
        host = request.getfixturevalue("emulator")
        yield from _client(host, lambda name: _create(host, name))
        return
    shelves: dict[str, Shelf] = {}

    def fresh(name: str) -> None:
        shelves[name] = Shelf()

    if request.param == "fake":
        yield Site(FakeRegistry(shelves), "registry.test", fresh)
        return
    with served(RegistryServer(shelves)) as server:
        yield from _client(server.host, fresh)


def _client(host: str, fresh: Callable[[str], None]) -> Iterator[Site]:
    client = RegistryClient(login=lambda: ("AWS", "token"), sleep=_never)
    yield Site(client, host, fresh)
    client.close()


def _create(host: str, name: str) -> None:
    ecr = boto3.client("ecr", region_name="us-east-1", endpoint_url=f"http://{host}")
    with suppress(ecr.exceptions.RepositoryNotFoundException):
        ecr.delete_repository(repositoryName=name, force=True)
    ecr.create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    ecr.close()


@pytest.fixture
def address(site: Site) -> str:
    site.fresh("shop/other")
    site.fresh("shop/api")
    return f"{site.host}/shop/api"


def test_what_was_pushed_is_there_under_each_tag(site: Site, address: str, tmp_path: Path) -> None:
    image = tiny_image(tmp_path, labels={"colour": "red"})
    assert site.registry.push(address, image, ["ctx-1", "abc"]) == image.digest
    for ref in ("ctx-1", "abc", image.digest):
        assert site.registry.base(address, ref, "linux/amd64").digest == image.digest
    assert site.registry.labels(address, image.digest) == {"colour": "red"}


def test_pushing_twice_is_fine(site: Site, address: str, tmp_path: Path) -> None:
    image = tiny_image(tmp_path)
    site.registry.push(address, image, ["one"])
    assert site.registry.push(address, image, ["one", "two"]) == image.digest


def test_an_immutable_tag_never_moves(site: Site, address: str, tmp_path: Path) -> None:
    first, second = tiny_image(tmp_path, "first"), tiny_image(tmp_path, "second")
    site.registry.push(address, first, ["v1"])
    with pytest.raises(Refused, match="immutable"):
        site.registry.push(address, second, ["v1"])
    assert site.registry.base(address, "v1", "linux/amd64").digest == first.digest


def test_an_image_gets_one_more_tag(site: Site, address: str, tmp_path: Path) -> None:
    image = tiny_image(tmp_path)
    site.registry.push(address, image, ["one"])
    site.registry.tag(address, image.digest, "two")
    assert site.registry.base(address, "two", "linux/amd64").digest == image.digest


def test_a_missing_repository_is_named(site: Site, address: str, tmp_path: Path) -> None:
    missing = address.replace("shop/api", "shop/none")
    with pytest.raises(Refused, match="no repository shop/none"):
        site.registry.push(missing, tiny_image(tmp_path), ["v1"])


def test_a_missing_image_is_named(site: Site, address: str) -> None:
    with pytest.raises(Refused, match="has no image v9"):
        site.registry.base(address, "v9", "linux/amd64")


def test_layers_of_another_repository_need_not_be_sent(
    site: Site, address: str, tmp_path: Path
) -> None:
    base = tiny_image(tmp_path, "shared layer")
    site.registry.push(f"{site.host}/shop/other", base, ["base"])
    layer, config = base.blobs
    borrowed = Packed(
        digest=base.digest,
        manifest=base.manifest,
        media_type=base.media_type,
        blobs=(Blob(digest=layer.digest, size=layer.size, origin="shop/other"), config),
    )
    assert site.registry.push(address, borrowed, ["v1"]) == base.digest


def test_of_an_index_the_platform_is_chosen(site: Site, address: str, tmp_path: Path) -> None:
    one = tiny_image(tmp_path)
    site.registry.push(address, one, ["amd"])
    platform = {"os": "linux", "architecture": "amd64"}
    named = {"digest": one.digest, "size": len(one.manifest), "platform": platform}
    index = json.dumps({"schemaVersion": 2, "manifests": [named]}).encode()
    both = Packed(
        digest=digest_of(index),
        manifest=index,
        media_type="application/vnd.oci.image.index.v1+json",
        blobs=(),
    )
    site.registry.push(address, both, ["both"])
    assert site.registry.base(address, "both", "linux/amd64").digest == one.digest
    assert site.registry.labels(address, both.digest) == {}
    with pytest.raises(Refused, match="no image for linux/arm64"):
        site.registry.base(address, "both", "linux/arm64")
