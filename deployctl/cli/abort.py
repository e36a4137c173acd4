"""`deployctl abort`: take an unfinished release back."""

from deployctl.cli.guard import guarded
from deployctl.cli.options import (
    CONFIG,
    AsJson,
    ConfigFile,
    Env,
    Output,
    Reason,
    Screens,
    Wait,
)


def abort(
    config: ConfigFile = CONFIG,
    env: Env = "",
    reason: Reason = "",
    output: Output = Screens.AUTO,
    as_json: AsJson = False,
    wait: Wait = "",
) -> None:
    """Undo every recorded change of the open release, newest first. Migrations stay."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.duration import seconds
        from deployctl.cli.going_on import go_on
        from deployctl.cli.session import at_work, finish
        from deployctl.cli.world import open_world

        world = opened.enter_context(open_world(config, env, output=output))
        with at_work(world, "abort", wait=seconds(wait)) as session:
            engine = go_on(session, accept_config=True)
            outcome = engine.abort(f"aborted by {world.here.actor}: {reason or 'no reason given'}")
        finish(world, outcome, as_json=as_json)
