"""Keeps a rollout from overwriting a deployment that somebody else has made."""

from deployctl.model.change import Change
from deployctl.model.errors import Refused, Superseded
from deployctl.model.rollout import Deployment, Fleet
from deployctl.ports.platform import Platform
from deployctl.steps.target import registered, short


def refuse_foreign(platform: Platform, fleet: Fleet, change: Change) -> None:
    """Only what the plan found may be replaced: neither on the way there nor back another's.

    What ECS works towards counts, whatever still serves meanwhile. Raises Superseded when it is
    somebody else's, Refused when ECS itself returns to a revision that the plan does not know.
    """
    primary = fleet.primary
    known = {change.before.get(name) for name in ("revision", "towards")}
    if primary is None or primary.revision in known or _is_planned(platform, primary, change):
        return
    if primary.is_return:
        raise Refused(
            f"ECS itself returns {fleet.service} to {short(primary.revision)}, the last that"
            " worked: it is left alone",
            hint="Wait until it is through, then: deployctl status",
        )
    raise Superseded(
        f"{fleet.service} serves {short(primary.revision)}, which somebody else deployed",
        hint="Find out who deployed it, then release again: deployctl release",
    )


def _is_planned(platform: Platform, primary: Deployment, change: Change) -> bool:
    """By its content; a copy edited in the console keeps the tags that say otherwise."""
    definition = platform.definitions.get(primary.revision)
    body = change.before.get("body", "")
    if definition.hash == body:
        return True
    ours = registered(platform, definition.family, body)
    return ours is not None and ours.arn == primary.revision
