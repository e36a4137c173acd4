"""Can each service roll, and could it roll back?"""

from collections.abc import Collection

from deployctl.checks.finding import Finding, fail, ok, warn
from deployctl.model.rollout import FAILED, Fleet, Pace
from deployctl.model.taskdef import Definition


def service_is_there(fleet: Fleet, names: Collection[str] = ()) -> Finding:
    """The service exists and is ACTIVE; `names` are the services there are, for the cure."""
    if fleet.status == "MISSING":
        known = f"There are: {', '.join(sorted(names))}." if names else "Is the cluster right?"
        return fail(f"there is no ECS service {fleet.service}", f"Correct `ecs:`. {known}")
    if fleet.status != "ACTIVE":
        return fail(
            f"ECS service {fleet.service} is {fleet.status}, not ACTIVE",
            "Someone has deleted it: create it again before you release.",
        )
    return ok(f"service {fleet.service}: {fleet.running} of {fleet.desired} tasks running")


def service_is_quiet(fleet: Fleet) -> Finding:
    """Nobody else is rolling it right now."""
    moving = [d for d in fleet.deployments if d.rollout != FAILED or d.running or d.pending]
    if len(moving) > 1:
        return warn(
            f"ECS service {fleet.service} is already rolling",
            "Who is changing it? A release waits for nobody and replaces that roll.",
        )
    return ok(f"service {fleet.service} is not rolling")


def way_back_is_open(fleet: Fleet, live: Definition) -> Finding:
    """The live revision is still ACTIVE: ECS refuses to go back to one that is not."""
    if not live.active:
        return fail(
            f"the live revision {live.arn} of {fleet.service} was deregistered: "
            "there would be no way back to it",
            "Register it again (same body) and let the service run that revision first.",
        )
    return ok(f"service {fleet.service} can return to {live.arn.rpartition('/')[2]}")


def fleet_can_roll(fleet: Fleet, desired: int | None = None) -> Finding:
    """The percentages leave ECS room to start or stop at least one task."""
    pace = Pace(
        desired=fleet.desired if desired is None else desired,
        min_percent=fleet.min_percent,
        max_percent=fleet.max_percent,
    )
    if pace.is_deadlocked:
        return fail(
            f"ECS service {fleet.service} cannot roll: with {pace.desired} tasks, "
            f"minimumHealthyPercent {fleet.min_percent} and maximumPercent {fleet.max_percent} "
            "neither a new task may start nor an old one stop",
            "Raise maximumPercent (200 is usual) in the deploymentConfiguration of the service.",
        )
    if pace.desired and fleet.min_percent < 100:  # noqa: PLR2004 - a full hundred per cent
        return warn(
            f"ECS service {fleet.service} may stop old tasks before new ones are ready "
            f"(minimumHealthyPercent {fleet.min_percent})",
            "Set minimumHealthyPercent to 100 for a release without lost capacity.",
        )
    return ok(f"service {fleet.service} can exchange {pace.room} tasks at a time")
