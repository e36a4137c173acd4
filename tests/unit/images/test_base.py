"""The base image of a layer is found before anything is made, and counts."""

import json
from pathlib import Path

import pytest

from deployctl.engine.build import build_images, look_images
from deployctl.engine.stock import Desk
from deployctl.model.build import BuildSpec, Layer, content_hash
from deployctl.model.errors import Refused
from deployctl.model.release import Commit
from deployctl.ports.images import Job
from tests.fakes.listener import Listener
from tests.fakes.registry import FakeRegistry, FakeRepositories, Shelf
from tests.fakes.workshop import FakeWorkshop, tiny_image

COMMIT = Commit(sha="1" * 40)


class House:
    """The plugs of building, and two repositories."""

    def __init__(self) -> None:
        shelves = {"api": Shelf(), "shop/python": Shelf()}
        self.registry = FakeRegistry(shelves)
        self.workshop = FakeWorkshop()
        self.desk = Desk(
            repositories=FakeRepositories(shelves),
            registry=self.registry,
            workshop=self.workshop,
            tell=Listener(),
        )

    def build(self, base: str) -> Job:
        build_images({"api": spec(base)}, COMMIT, self.desk)
        return self.workshop.jobs[-1]


def spec(base: str) -> BuildSpec:
    return BuildSpec(repository="api", source=Layer(context="/api", base=base))


@pytest.mark.parametrize("base", ["shop/python:3.12", "shop/python", "shop/python@{digest}"])
def test_the_base_is_found_by_tag_or_digest(tmp_path: Path, base: str) -> None:
    house = House()
    under = tiny_image(tmp_path, "python")
    house.registry.push("registry.test/shop/python", under, ["3.12", "latest"])
    named = base.format(digest=under.digest)
    job = house.build(named)
    assert job.base is not None
    assert job.base.digest == under.digest
    assert json.loads(job.base.config)["os"] == "linux"
    assert job.content == content_hash(spec(named).source, (), base=under.digest)


def test_a_missing_base_is_refused() -> None:
    with pytest.raises(Refused, match=r"no base image shop/python:3\.12"):
        look_images({"api": spec("shop/python:3.12")}, COMMIT, House().desk)


def test_a_layer_needs_no_base() -> None:
    assert House().build("").base is None
