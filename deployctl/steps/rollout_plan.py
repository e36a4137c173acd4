"""What a release means for one ECS service: what serves, what shall serve, how long it takes."""

from dataclasses import dataclass
from datetime import timedelta

from deployctl.model.change import Change
from deployctl.model.errors import CheckFailed
from deployctl.model.release import Release
from deployctl.model.rollout import COMPLETED, Pace
from deployctl.model.taskdef import Definition, chosen_container, image_of
from deployctl.ports.platform import Platform
from deployctl.steps.target import (
    EcsTarget,
    Live,
    image_for,
    live,
    pinned,
    registered,
    wanted_hash,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSettings:
    """How a service is rolled and watched.

    `desired` None never touches the number of tasks. `start_seconds` is pull + boot + first health
    check of a task, for the estimate. `crashes` failed tasks without a healthy one end the roll.
    `patience` None follows from the service's own pace, at least ten minutes.
    """

    target: EcsTarget
    desired: int | None = None
    patience: timedelta | None = None
    pause: timedelta = timedelta(seconds=5)
    start_seconds: int = 40
    crashes: int = 3
    verify_digest: bool = True


def planned(platform: Platform, settings: RolloutSettings, release: Release) -> Change:
    """Before: what is proven to serve. After: the pinned revision, or the wanted body.

    Before has `rollout` when nobody has proven it yet, and `towards` when ECS works towards another
    revision: with either, the same body is a change too. Both sides have `desired` where the number
    of tasks is configured, else the `tasks` there are.

    Raises CheckFailed when the service or container is not there, when the pinned revision cannot
    run, or when ECS would never finish because of minimum and maximum percent.
    """
    target = settings.target
    now = live(platform, target)
    served = _served(platform, now)
    wanted = _wanted(platform, target, now, release)
    size, wanted_size = _sizes(settings, now)
    before = {**served, **_doubt(now), **size}
    after = before
    if wanted:
        after = {**(served if wanted["body"] == served["body"] else wanted), **wanted_size}
    name = f"rollout:{target.service}"
    key = f"{release.id}/{name}"
    if after == before:
        return Change(step=name, key=key, before=before, after=after, summary="unchanged")
    pace = _pace(platform, settings, now)
    return Change(
        step=name,
        key=key,
        before=before,
        after=after,
        summary=_summary(pace),
        seconds=pace.seconds,
    )


def _served(platform: Platform, now: Live) -> dict[str, str]:
    proven = now.fleet.proven
    definition = now.definition
    if proven and proven.revision != definition.arn:
        definition = platform.definitions.get(proven.revision)
    return facts_of(definition, now.container)


def _doubt(now: Live) -> dict[str, str]:
    """What serves need not be what ECS works towards, nor proven to work."""
    primary, proven = now.fleet.primary, now.fleet.proven
    if primary and proven and primary.revision != proven.revision:
        return {"towards": primary.revision}
    if proven and proven.rollout not in {COMPLETED, ""}:
        return {"rollout": proven.rollout.lower()}
    return {}


def _sizes(settings: RolloutSettings, now: Live) -> tuple[dict[str, str], dict[str, str]]:
    """The number of tasks before and after; only a configured one is ever set."""
    there = str(now.fleet.desired)
    if settings.desired is None:
        return {"tasks": there}, {"tasks": there}
    return {"desired": there}, {"desired": str(settings.desired)}


def facts_of(definition: Definition, container: str) -> dict[str, str]:
    """A revision as the facts of a change."""
    return {
        "image": image_of(definition.body, container),
        "revision": definition.arn,
        "body": definition.hash,
    }


def _wanted(
    platform: Platform, target: EcsTarget, now: Live, release: Release
) -> dict[str, str] | None:
    if target.service in release.pins:
        pin = pinned(platform, target, release)
        return facts_of(pin, chosen_container(pin.body, target.container))
    image = image_for(release, target)
    if not image:
        return None
    body = wanted_hash(now, target, image)
    if body == now.definition.hash:
        return facts_of(now.definition, now.container)
    there = registered(platform, now.definition.family, body)
    known = {"revision": there.arn} if there else {}
    return {"image": image, "body": body, **known}


def _pace(platform: Platform, settings: RolloutSettings, now: Live) -> Pace:
    fleet = now.fleet
    pace = Pace(
        desired=fleet.desired if settings.desired is None else settings.desired,
        min_percent=fleet.min_percent,
        max_percent=fleet.max_percent,
        start=settings.start_seconds,
        grace=fleet.grace,
        drain=platform.fleets.drain_seconds(fleet),
    )
    if pace.is_deadlocked:
        raise CheckFailed(
            f"{fleet.service}: with {pace.desired} tasks, minimumHealthyPercent"
            f" {pace.min_percent} and maximumPercent {pace.max_percent}, ECS may neither start a"
            " new task nor stop an old one",
            hint="Raise maximumPercent of the service (200 is the default).",
        )
    return pace


def _summary(pace: Pace) -> str:
    tasks = f"{pace.desired} task{'' if pace.desired == 1 else 's'}"
    rounds = f" in {pace.batches} rounds" if pace.batches > 1 else ""
    slowest = max(("start", pace.start), ("grace", pace.grace), ("drain", pace.drain), key=_second)
    names = {
        "start": "the start of a task",
        "grace": "healthCheckGracePeriodSeconds",
        "drain": "deregistration_delay of the target group",
    }
    most = f", mostly {names[slowest[0]]} ({slowest[1]} s)" if pace.desired else ""
    return f"{tasks}{rounds}{most}"


def _second(pair: tuple[str, int]) -> int:
    return pair[1]
