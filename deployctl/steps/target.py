"""The ECS service that a step works on, and how its revisions are found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deployctl.model.errors import CheckFailed
from deployctl.model.release import Release
from deployctl.model.rollout import Fleet
from deployctl.model.taskdef import (
    Body,
    Definition,
    body_hash,
    chosen_container,
    image_of,
    with_images,
)
from deployctl.ports.platform import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsTarget:
    """`service` is its name in deployctl.yaml, `ecs` the name of the ECS service.

    `container` gets the image ("" = the only one); `environment` are plain variables set in it.
    """

    service: str
    ecs: str
    container: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A service as it stands: its fleet, the revision it works towards, the container we set."""

    fleet: Fleet
    definition: Definition
    container: str

    @property
    def image(self) -> str:
        """The image reference that container has now."""
        return image_of(self.definition.body, self.container)


def live(platform: Platform, target: EcsTarget) -> Live:
    """Look at the service. Raises CheckFailed when it cannot be released to."""
    fleet = platform.fleets.look(target.ecs)
    if fleet.status != "ACTIVE":
        raise CheckFailed(
            f"there is no ECS service {target.ecs!r} in the cluster"
            if fleet.status == "MISSING"
            else f"ECS service {target.ecs!r} is {fleet.status}",
            hint=_others(platform.fleets.names(), target),
        )
    if fleet.controller != "ECS":
        raise CheckFailed(
            f"ECS service {target.ecs!r} is deployed by {fleet.controller}, not by ECS itself",
            hint="Only services with the deployment controller ECS can be rolled.",
        )
    if fleet.strategy != "ROLLING":
        raise CheckFailed(
            f"ECS service {target.ecs!r} has the deployment strategy {fleet.strategy}",
            hint="Only ROLLING is supported in this version: change deploymentConfiguration.",
        )
    definition = platform.definitions.get(fleet.revision)
    return Live(
        fleet=fleet,
        definition=definition,
        container=chosen_container(definition.body, target.container),
    )


def _others(names: tuple[str, ...], target: EcsTarget) -> str:
    there = f" The cluster has: {', '.join(sorted(names))}." if names else ""
    return f"Create the service, or correct `services.{target.service}.ecs`.{there}"


def wanted(now: Live, target: EcsTarget, image: str) -> Body:
    """The body to run: the live one with the new image and what the config sets."""
    return with_images(now.definition.body, {now.container: image}, target.environment)


def image_for(release: Release, target: EcsTarget) -> str:
    """The reference to run, "" when the release leaves this service alone."""
    image = release.images.get(target.service)
    return image.ref if image else ""


def pinned(platform: Platform, target: EcsTarget, release: Release) -> Definition:
    """The exact revision a release returns to. Raises CheckFailed when it cannot be used."""
    arn = release.pins[target.service]
    definition = platform.definitions.get(arn)
    if not definition.active:
        raise CheckFailed(
            f"{target.service}: revision {short(arn)} is deregistered, ECS will not start it",
            hint="Return to a release whose revision is ACTIVE: deployctl history",
        )
    container = chosen_container(definition.body, target.container)
    has, given = image_of(definition.body, container), image_for(release, target)
    if given and has != given:
        raise CheckFailed(
            f"{target.service}: revision {short(arn)} runs {has}, not the recorded {given}",
            hint="Choose another release: deployctl history",
        )
    return definition


def registered(platform: Platform, family: str, body: str) -> Definition | None:
    """The newest ACTIVE revision with that body, else the oldest that was tagged with its hash.

    The content goes first: a revision edited in the console keeps the tags of the one it was
    copied from. The oldest carrier of a tag is the one that we registered.
    """
    tagged = None
    for each in platform.definitions.newest(family):
        if each.hash == body:
            return each
        if each.has_body(body):
            tagged = each
    return tagged


def wanted_hash(now: Live, target: EcsTarget, image: str) -> str:
    """The hash of the body to run."""
    return body_hash(wanted(now, target, image))


def short(arn: str) -> str:
    """`shop-api:42` of a task definition ARN."""
    return arn.rpartition("/")[2]
