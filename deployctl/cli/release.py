"""`deployctl release`: a commit to production, from images to smoke tests."""

from deployctl.cli.guard import guarded
from deployctl.cli.options import (
    CONFIG,
    AsJson,
    Commit,
    ConfigFile,
    Downgrade,
    Env,
    Output,
    Reason,
    Screens,
    SkipMigrations,
    Timeout,
    Wait,
    Yes,
)


def release(
    config: ConfigFile = CONFIG,
    env: Env = "",
    commit: Commit = "",
    output: Output = Screens.AUTO,
    as_json: AsJson = False,
    yes: Yes = False,
    reason: Reason = "",
    wait: Wait = "",
    timeout: Timeout = "",
    allow_downgrade: Downgrade = False,
    skip_migrations: SkipMigrations = False,
) -> None:
    """Build what changed, migrate, roll the services, verify, publish; roll back if it fails."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.ask import agree
        from deployctl.cli.duration import limit, seconds
        from deployctl.cli.session import finish
        from deployctl.cli.shipping import Order, check, commit_of, images_of, planned, ship
        from deployctl.cli.world import open_world

        world = opened.enter_context(open_world(config, env, output=output, until=limit(timeout)))
        found = commit_of(world, commit)
        check(world)
        order = Order(
            commit=found,
            images=images_of(world, found, world.history()),
            reason=reason,
            downgrade=allow_downgrade,
            migrate=not skip_migrations,
        )
        agreed = agree(world, yes=yes, draw=lambda: planned(world, order, world.history()))
        outcome = ship(world, lambda _: order, work="release", wait=seconds(wait), agreed=agreed)
        finish(world, outcome, as_json=as_json)
