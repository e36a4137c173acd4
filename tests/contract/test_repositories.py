"""Every catalogue of images keeps the same promises: the fake, and ECR's API at the emulator."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployctl.adapters.aws.clients import Clients
from deployctl.adapters.aws.ecr import EcrRepositories
from deployctl.adapters.clock import SystemClock
from deployctl.adapters.images.registry import RegistryClient
from deployctl.ports.images import Registry, Repositories
from tests.fakes.emulator import ministack
from tests.fakes.registry import FakeRegistry, FakeRepositories, Shelves
from tests.fakes.workshop import tiny_image


@dataclass(frozen=True)
class Site:
    """A catalogue and the registry behind it."""

    repositories: Repositories
    registry: Registry


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ministack(tmp_path_factory.mktemp("ministack")) as host:
        clients = Clients(region="us-east-1", endpoint=f"http://{host}", keys=("test", "test"))
        repositories = EcrRepositories(clients, clock=SystemClock(), override=host)
        registry = RegistryClient(login=repositories.login, sleep=SystemClock().sleep)
        yield Site(repositories, registry)
        registry.close()
        clients.client("ecr").close()


@pytest.fixture(params=["fake", "ministack"])
def site(request: pytest.FixtureRequest) -> Site:
    if request.param == "ministack":
        emulated: Site = request.getfixturevalue("emulated")
        return emulated
    shelves: Shelves = {}
    return Site(FakeRepositories(shelves), FakeRegistry(shelves))


def test_what_is_not_there_is_none(site: Site) -> None:
    assert site.repositories.look("no/such") is None
    assert site.repositories.find("no/such", "v1") is None
    assert "create-repository --repository-name no/such" in site.repositories.missing("no/such")


def test_a_repository_is_created_once(site: Site) -> None:
    made = site.repositories.create("shop/api")
    assert site.repositories.create("shop/api") == made
    assert site.repositories.look("shop/api") == made
    assert made.immutable
    assert made.address.endswith("/shop/api")


def test_an_image_is_found_by_tag_and_digest_with_all_tags(site: Site, tmp_path: Path) -> None:
    address = site.repositories.create("shop/web").address
    image = tiny_image(tmp_path, "web")
    site.registry.push(address, image, ["ctx-1", "abc"])
    for ref in ("ctx-1", "abc", image.digest):
        found = site.repositories.find("shop/web", ref)
        assert found is not None
        assert (found.digest, found.tags) == (image.digest, ("abc", "ctx-1"))
    assert site.repositories.find("shop/web", "other") is None
    assert site.repositories.find("shop/web", f"sha256:{'0' * 64}") is None
