"""The one question a release may ask, and only of a person at a terminal."""

import sys
from collections.abc import Callable

import typer

from deployctl.cli.world import World, page
from deployctl.model.errors import Denied
from deployctl.model.plan import Plan


def agree(world: World, *, yes: bool, draw: Callable[[], Plan]) -> Plan | None:
    """The plan a person said yes to; None when nobody is asked (CI, --yes, the sandbox)."""
    if yes or world.here.is_ci or world.place.sandbox or not sys.stdin.isatty():
        return None
    from deployctl.render.plan_view import plan_parts

    plan = draw()
    if plan.is_empty:
        return None
    page(err=True).put(*plan_parts(plan, back_to=way_back_line(world)))
    question = f"Carry this out in {world.settings.environment}?"
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise Denied("nothing was changed: the answer was no")
    return plan


def way_back_line(world: World) -> str:
    """Where a rollback would lead once this is live: to what is live now."""
    live = world.history().live
    return f"{live.id} ({live.plan.release.commit.short})" if live else ""
