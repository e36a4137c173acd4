"""`deployctl history`: the releases of an environment."""

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, AsJson, ConfigFile, Env


def history(config: ConfigFile = CONFIG, env: Env = "", as_json: AsJson = False) -> None:
    """List every release with its verdict, newest first."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.rows import release_rows
        from deployctl.cli.world import open_world, page
        from deployctl.render.history_view import history_json, history_parts

        world = opened.enter_context(open_world(config, env))
        rows = release_rows(world.history())
        sheet = page()
        if as_json:
            sheet.json(history_json(rows))
        else:
            sheet.put(*history_parts(rows, environment=world.settings.environment))
