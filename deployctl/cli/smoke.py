"""`deployctl smoke`: the smoke checks by themselves, against what is live."""

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, AsJson, ConfigFile, Env, Output, Screens


def smoke(
    config: ConfigFile = CONFIG,
    env: Env = "",
    output: Output = Screens.AUTO,
    as_json: AsJson = False,
) -> None:
    """Ask every smoke check of the live release; exit 26 when one fails."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.asking import ask_live
        from deployctl.cli.world import open_world

        ask_live(opened.enter_context(open_world(config, env, output=output)), as_json=as_json)
