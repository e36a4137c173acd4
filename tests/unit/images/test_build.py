"""From a commit to digests: only what is new is made, and what is true is told."""

from pathlib import Path

import pytest

from deployctl.engine.build import build_images, look_images
from deployctl.engine.stock import Desk
from deployctl.model.build import (
    BuildSpec,
    Dockerfile,
    Pinned,
    Source,
    ToBuild,
    content_hash,
    content_tag,
)
from deployctl.model.errors import Blind, CheckFailed, DeployError, Refused
from deployctl.model.release import Commit, Image
from tests.fakes.listener import Listener
from tests.fakes.registry import FakeRegistry, FakeRepositories, Shelf, Shelves
from tests.fakes.workshop import FakeWorkshop, tiny_image

ONE = Commit(sha="1" * 40)
TWO = Commit(sha="2" * 40)
API = Dockerfile(context="/api", args={"SHA": "$git_sha"})


class House:
    """All plugs of building, and the repositories of a shop."""

    def __init__(self, *repositories: str, together: int = 1) -> None:
        self.shelves: Shelves = {name: Shelf() for name in repositories}
        self.repositories = FakeRepositories(self.shelves)
        self.registry = FakeRegistry(self.shelves)
        self.workshop = FakeWorkshop(together)
        self.listener = Listener()
        self.desk = Desk(
            repositories=self.repositories,
            registry=self.registry,
            workshop=self.workshop,
            tell=self.listener,
        )

    def build(self, commit: Commit = ONE, **specs: BuildSpec) -> dict[str, Image]:
        return build_images(specs, commit, self.desk)

    def look(self, commit: Commit = ONE, **specs: BuildSpec) -> dict[str, Image | ToBuild]:
        return look_images(specs, commit, self.desk)


def spec(repository: str = "api", source: Source = API, *, create: bool = False) -> BuildSpec:
    return BuildSpec(repository=repository, source=source, create_repository=create)


def test_a_new_content_is_built_and_pushed_under_both_tags() -> None:
    house = House("api")
    image = house.build(api=spec())["api"]
    tag = content_tag(content_hash(API, ()))
    assert house.registry.pushed == [f"api:{tag}", f"api:{ONE.sha}"]
    assert image.ref == f"registry.test/api@{house.shelves['api'].tags[ONE.sha]}"
    assert image.built_from == ONE.sha
    assert house.listener.builds == [("api", "building"), ("api", "built"), ("api", "pushed")]


def test_the_job_knows_the_commit_and_the_image_says_it() -> None:
    house = House("api")
    image = house.build(api=spec())["api"]
    job = house.workshop.jobs[0]
    assert isinstance(job.source, Dockerfile)
    assert job.source.args == {"SHA": ONE.sha}
    assert house.registry.labels(image.repository, image.digest) == {
        "org.opencontainers.image.revision": ONE.sha,
        "deployctl.context": content_hash(API, ()),
    }


def test_an_unchanged_build_is_reused_by_the_next_commit() -> None:
    house = House("api")
    first = house.build(api=spec())
    assert house.build(TWO, api=spec()) == first
    assert house.look(TWO, api=spec()) == first
    assert len(house.workshop.jobs) == 1
    assert len(house.registry.pushed) == 2
    assert house.listener.builds[-1] == ("api", "reused")


def test_a_look_makes_nothing() -> None:
    house = House("api")
    found = house.look(api=spec(), web=spec("web", create=True))
    assert [type(one) for one in found.values()] == [ToBuild, ToBuild]
    api, web = found.values()
    assert isinstance(api, ToBuild)
    assert isinstance(web, ToBuild)
    assert api.reason == "no image has this content yet"
    assert web.reason == "the repository web is created first"
    assert house.workshop.jobs == []
    assert house.registry.pushed == []
    assert not any(call.startswith("create") for call in house.repositories.calls)


def test_a_missing_repository_is_refused_with_the_command_or_created() -> None:
    house = House()
    with pytest.raises(Refused, match="no repository api") as caught:
        house.build(api=spec())
    assert "aws ecr create-repository --repository-name api" in caught.value.hint
    assert house.build(api=spec(create=True))["api"].built_from == ONE.sha
    assert "create api" in house.repositories.calls


def test_several_builds_run_at_once() -> None:
    names = ("api", "web", "worker", "jobs")
    house = House(*names, together=4)
    specs = {name: spec(name, Dockerfile(context=name)) for name in names}
    images = build_images(specs, ONE, house.desk)
    assert list(images) == list(names)
    assert house.workshop.barrier_passed == 4


def test_one_failure_is_told_after_the_others_have_ended() -> None:
    house = House("api", "web")
    house.workshop.trouble["api"] = CheckFailed("api: step 3 failed", hint="Look at step 3.")
    with pytest.raises(CheckFailed, match="step 3 failed") as caught:
        house.build(api=spec(), web=spec("web"))
    assert caught.value.hint == "Look at step 3."
    assert f"web:{ONE.sha}" in house.registry.pushed


def test_all_failures_are_told_at_once() -> None:
    house = House("api", "web")
    house.workshop.trouble["api"] = CheckFailed("api broke", hint="Mend api.")
    house.workshop.trouble["web"] = CheckFailed("web broke")
    with pytest.raises(CheckFailed, match="api broke\nAlso: web broke") as caught:
        house.build(api=spec(), web=spec("web"))
    assert caught.value.hint == "Mend api."


def test_ctrl_c_ends_the_builders() -> None:
    house = House("api")
    house.workshop.ctrl_c = "api"
    with pytest.raises(KeyboardInterrupt):
        house.build(api=spec())
    assert house.workshop.stopped.is_set()


def test_a_bug_in_a_build_is_not_dressed_up() -> None:
    house = House("api", "web")
    house.workshop.interrupt["api"] = ZeroDivisionError("bug")
    house.workshop.trouble["web"] = CheckFailed("web broke")
    with pytest.raises(ZeroDivisionError):
        house.build(api=spec(), web=spec("web"))


@pytest.mark.parametrize("trouble", [Blind("expired"), Refused("forbidden")])
def test_trouble_with_the_account_comes_through(trouble: DeployError) -> None:
    house = House("api")
    house.repositories.trouble = trouble
    with pytest.raises(type(trouble)):
        house.build(api=spec())


def test_a_push_that_fails_fails_the_build() -> None:
    house = House("api")
    house.registry.trouble = Refused("no")
    with pytest.raises(Refused, match="no"):
        house.build(api=spec())


def test_two_builds_must_not_share_a_repository() -> None:
    house = House("shop")
    with pytest.raises(CheckFailed, match="api and web share the repository shop"):
        house.look(api=spec("shop"), web=spec("shop", Dockerfile(context="/web")))
    assert house.repositories.calls == []


def test_other_content_under_an_immutable_commit_tag_is_refused_before_it_is_built() -> None:
    house = House("api")
    house.build(api=spec())
    changed = spec(source=Dockerfile(context="/api", target="prod"))
    with pytest.raises(Refused, match="immutable") as caught:
        house.build(api=changed)
    assert "digest: sha256:" in caught.value.hint
    assert len(house.workshop.jobs) == 1
    house.shelves["api"].immutable = False
    assert house.build(api=changed)["api"].built_from == ONE.sha


def test_a_push_cut_off_between_its_tags_is_mended_with_the_commit_it_came_from() -> None:
    house = House("api")
    first = house.build(api=spec())["api"]
    del house.shelves["api"].tags[ONE.sha]
    assert house.look(TWO, api=spec())["api"] == first
    assert ONE.sha not in house.shelves["api"].tags
    assert house.build(TWO, api=spec())["api"] == first
    assert house.shelves["api"].tags[ONE.sha] == first.digest
    assert len(house.workshop.jobs) == 1


def test_a_pinned_image_is_verified_and_used(tmp_path: Path) -> None:
    house = House("api")
    old = tiny_image(tmp_path, "old")
    house.registry.push("registry.test/api", old, [TWO.sha, "stable"])
    pinned = spec(source=Pinned(digest=old.digest))
    image = house.build(api=pinned, other=pinned)["api"]
    assert (image.digest, image.built_from) == (old.digest, TWO.sha)
    with pytest.raises(Refused, match="has no image sha256:none"):
        house.look(api=spec(source=Pinned(digest="sha256:none")))
    with pytest.raises(Refused, match="no repository web"):
        house.look(api=spec("web", Pinned(digest=old.digest), create=True))


def test_a_pinned_image_without_a_commit_is_known_by_its_label_or_digest(tmp_path: Path) -> None:
    house = House("api")
    labels = {"org.opencontainers.image.revision": TWO.sha}
    for text, told in (("a", labels), ("b", {})):
        old = tiny_image(tmp_path, text, told)
        house.registry.push("registry.test/api", old, [f"tag-{text}"])
        image = house.build(api=spec(source=Pinned(digest=old.digest)))["api"]
        assert image.built_from == (TWO.sha if told else old.digest)
        assert f"api:{image.built_from}" not in house.registry.pushed


def test_who_makes_the_same_content_second_uses_the_image_of_the_first(tmp_path: Path) -> None:
    house = House("api")
    rival = tiny_image(tmp_path, "rival")
    tags = [content_tag(content_hash(API, ())), TWO.sha]
    house.workshop.meanwhile = lambda: house.registry.push("registry.test/api", rival, tags)
    image = house.build(api=spec())["api"]
    assert (image.digest, image.built_from) == (rival.digest, TWO.sha)


def test_a_commit_tag_taken_meanwhile_is_refused(tmp_path: Path) -> None:
    house = House("api")
    rival = tiny_image(tmp_path, "rival")
    house.workshop.meanwhile = lambda: house.registry.push("registry.test/api", rival, [ONE.sha])
    with pytest.raises(Refused, match="immutable"):
        house.build(api=spec())
