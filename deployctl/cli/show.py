"""`deployctl show`: everything that is recorded of one release."""

from typing import Annotated

import typer

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, AsJson, ConfigFile, Env


def show(
    release: Annotated[str, typer.Argument(help="A release id or commit, or how it begins.")],
    config: ConfigFile = CONFIG,
    env: Env = "",
    as_json: AsJson = False,
) -> None:
    """Show the steps of a release, what each one ended with, and the evidence."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.rows import release_row, step_rows
        from deployctl.cli.world import open_world, page
        from deployctl.model.errors import UsageWrong
        from deployctl.render.history_view import show_json, show_parts

        world = opened.enter_context(open_world(config, env))
        past = world.history()
        found = past.find(release)
        if not found:
            raise UsageWrong(f"there is no release {release}", hint="See: deployctl history")
        standing = found[0]
        row = release_row(standing, past)
        images = {name: image.ref for name, image in standing.plan.release.images.items()}
        sheet = page()
        if as_json:
            sheet.json(show_json(row, step_rows(standing), images=images))
        else:
            sheet.put(*show_parts(row, step_rows(standing), images=images))
