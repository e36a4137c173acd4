"""`deployctl rollback`: back to the last good release, or to a named one."""

from typing import Annotated

import typer

from deployctl.cli.guard import guarded
from deployctl.cli.options import (
    CONFIG,
    AsJson,
    ConfigFile,
    Env,
    Output,
    Reason,
    Screens,
    Timeout,
    Wait,
    Yes,
)


def rollback(
    config: ConfigFile = CONFIG,
    env: Env = "",
    to: Annotated[
        str, typer.Option("--to", help="A release id or commit; default: the last good release.")
    ] = "",
    output: Output = Screens.AUTO,
    as_json: AsJson = False,
    yes: Yes = False,
    reason: Reason = "",
    wait: Wait = "",
    timeout: Timeout = "",
) -> None:
    """Return every service to what it ran in an earlier good release, after proving it can."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.ask import agree
        from deployctl.cli.back import order_back
        from deployctl.cli.duration import limit, seconds
        from deployctl.cli.session import finish
        from deployctl.cli.shipping import check, planned, ship
        from deployctl.cli.world import open_world

        world = opened.enter_context(open_world(config, env, output=output, until=limit(timeout)))
        past = world.history()
        order = order_back(world, past, to, reason)
        check(world, returning=True)
        agreed = agree(world, yes=yes, draw=lambda: planned(world, order, past))
        outcome = ship(
            world,
            lambda history: order_back(world, history, to, reason),
            work="rollback",
            wait=seconds(wait),
            agreed=agreed,
        )
        finish(world, outcome, as_json=as_json)
