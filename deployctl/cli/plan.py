"""`deployctl plan`: what a release would do. It is `release` without the last call."""

from typing import Annotated

import typer

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, AsJson, Commit, ConfigFile, Env, Services


def plan(
    config: ConfigFile = CONFIG,
    env: Env = "",
    commit: Commit = "",
    service: Services = [],  # noqa: B006 - typer's way to say "none given"; never changed
    as_json: AsJson = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 10 when there is something to do.")
    ] = False,
) -> None:
    """Show waves, changes, estimated time and the way back, without touching anything.

    Images that would have to be built are named; what they would change is shown once they
    are pushed (`deployctl build`).
    """
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.preview import preview, show
        from deployctl.cli.world import open_world
        from deployctl.model.exits import Exit

        world = opened.enter_context(open_world(config, env))
        seen = preview(world, commit, frozenset(service))
        show(world, seen, as_json=as_json)
        if exit_code and not seen.is_empty:
            raise typer.Exit(Exit.CHANGES)
