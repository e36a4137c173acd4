"""What a release would do, looked up without building or changing anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from deployctl.cli.ask import way_back_line
from deployctl.cli.layout import build_specs
from deployctl.cli.shipping import Order, check, commit_of, planned
from deployctl.cli.world import World, page
from deployctl.engine.build import look_images
from deployctl.model.build import ToBuild
from deployctl.model.plan import Plan
from deployctl.model.release import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The plan as far as images exist, and the builds that would come first."""

    plan: Plan
    builds: Mapping[str, ToBuild]

    @property
    def is_empty(self) -> bool:
        """Nothing to build and nothing to change."""
        return self.plan.is_empty and not self.builds


def preview(world: World, sha: str, only: frozenset[str]) -> Preview:
    """Look at registry, cluster and journal. Raises what `release` would raise."""
    commit = commit_of(world, sha)
    check(world)
    found = look_images(build_specs(world, only), commit, world.desk)
    missing = {name: image for name, image in found.items() if isinstance(image, ToBuild)}
    settings = world.settings
    images: dict[str, Image] = {}
    for name in settings.services:
        image = found.get(settings.build_of(name))
        if isinstance(image, ToBuild):
            image = expected(image, commit.tag)
        if image is not None and (not only or name in only):
            images[name] = image
    order = Order(commit=commit, images=images, only=only)
    return Preview(plan=planned(world, order, world.history()), builds=missing)


def expected(image: ToBuild, tag: str) -> Image:
    """The image as it will be. Its digest is the registry's to say, so the content stands in."""
    return Image(
        repository=image.repository, digest=f"(to build: {image.content[:12]})", built_from=tag
    )


def show(world: World, seen: Preview, *, as_json: bool) -> None:
    """Print it: JSON, or tables for people."""
    from deployctl.render.facts import Json, plan_json
    from deployctl.render.plan_view import plan_parts

    world.tell.close()
    sheet = page()
    if as_json:
        builds: Json = {name: build.content for name, build in seen.builds.items()}
        sheet.json({**plan_json(seen.plan), "builds": builds})
        return
    sheet.put(*(f"build {name}: {build.reason}" for name, build in seen.builds.items()))
    sheet.put(*plan_parts(seen.plan, back_to=way_back_line(world)))
