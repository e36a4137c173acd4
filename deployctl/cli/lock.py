"""`deployctl lock`: who holds an environment; hold it, give it back, break it."""

from typing import Annotated

import typer

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, AsJson, ConfigFile, Env, Reason

app = typer.Typer(help="Who holds an environment; hold it, give it back, break it.")
Fence = Annotated[int, typer.Option("--fence", help="The number that `lock status` shows.")]


@app.command()
def status(config: ConfigFile = CONFIG, env: Env = "", as_json: AsJson = False) -> None:
    """Show the holder, since when, its last sign of life and its run."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.rows import lease_row
        from deployctl.cli.world import open_world, page
        from deployctl.render.status_view import lock_json, lock_parts

        world = opened.enter_context(open_world(config, env))
        row = lease_row(world)
        sheet = page()
        if as_json:
            sheet.json(lock_json(row))
        else:
            sheet.put(*lock_parts(row, now=world.clock.now()))


@app.command()
def hold(reason: Reason, config: ConfigFile = CONFIG, env: Env = "") -> None:
    """Hold the environment by hand: no release may begin until you give it back."""
    with guarded() as opened:
        from deployctl.cli.holding import hold as hold_it
        from deployctl.cli.world import open_world

        hold_it(opened.enter_context(open_world(config, env)), reason)


@app.command()
def release(fence: Fence, config: ConfigFile = CONFIG, env: Env = "") -> None:
    """Give back a hold that a person took."""
    with guarded() as opened:
        from deployctl.cli.holding import give_back
        from deployctl.cli.world import open_world

        give_back(opened.enter_context(open_world(config, env)), fence, manual=True)


@app.command("break")
def break_(fence: Fence, config: ConfigFile = CONFIG, env: Env = "") -> None:
    """Take the lease from a run that is known to be dead."""
    with guarded() as opened:
        from deployctl.cli.holding import give_back
        from deployctl.cli.world import open_world

        give_back(opened.enter_context(open_world(config, env)), fence, manual=False)
