"""`deployctl status`: what is live, what is under way, and who holds the environment."""

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, AsJson, ConfigFile, Env


def status(config: ConfigFile = CONFIG, env: Env = "", as_json: AsJson = False) -> None:
    """Show the live release, every service as it runs now, an open release, and the lease."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.rows import lease_row, release_row, service_rows
        from deployctl.cli.world import open_world, page
        from deployctl.render.status_view import Status, status_json, status_parts

        world = opened.enter_context(open_world(config, env))
        past = world.history()
        live, unfinished = past.live, past.open
        environment = world.settings.environment
        now = Status(
            environment=environment,
            live=release_row(live, past) if live else None,
            open=release_row(unfinished, past) if unfinished else None,
            services=service_rows(world, past),
            lease=lease_row(world),
            next_command=f"deployctl resume --env {environment}" if unfinished else "",
        )
        sheet = page()
        if as_json:
            sheet.json(status_json(now))
        else:
            sheet.put(*status_parts(now, now=world.clock.now()))
