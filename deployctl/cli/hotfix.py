"""`deployctl hotfix`: only the named services, from the live commit plus the fix."""

from deployctl.cli.guard import guarded
from deployctl.cli.options import (
    CONFIG,
    AsJson,
    Commit,
    ConfigFile,
    Env,
    Output,
    Reason,
    Screens,
    Services,
    SkipMigrations,
    Timeout,
    Wait,
    Yes,
)


def hotfix(
    service: Services,
    config: ConfigFile = CONFIG,
    env: Env = "",
    commit: Commit = "",
    output: Output = Screens.AUTO,
    as_json: AsJson = False,
    yes: Yes = False,
    reason: Reason = "",
    wait: Wait = "",
    timeout: Timeout = "",
    skip_migrations: SkipMigrations = False,
) -> None:
    """Release a fix on top of what is live; every other service keeps what it runs."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.ask import agree
        from deployctl.cli.duration import limit, seconds
        from deployctl.cli.fix import order_fix
        from deployctl.cli.session import finish
        from deployctl.cli.shipping import planned, ship
        from deployctl.cli.world import open_world

        world = opened.enter_context(open_world(config, env, output=output, until=limit(timeout)))
        order = order_fix(
            world, commit, frozenset(service), reason=reason, migrate=not skip_migrations
        )
        agreed = agree(world, yes=yes, draw=lambda: planned(world, order, world.history()))
        outcome = ship(world, lambda _: order, work="hotfix", wait=seconds(wait), agreed=agreed)
        finish(world, outcome, as_json=as_json)
