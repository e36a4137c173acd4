"""`deployctl config`: check the configuration, and show it as it is understood."""

import sys

import typer

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, ConfigFile, Env

app = typer.Typer(help="Check the configuration, and show it as it is understood.")


@app.command()
def show(config: ConfigFile = CONFIG, env: Env = "") -> None:
    """Print the effective settings of one environment, defaults written out."""
    with guarded():
        from deployctl.cli.world import only_environment
        from deployctl.config import load, shown

        sys.stdout.write(shown(load(config, env or only_environment(config))))


@app.command()
def check(config: ConfigFile = CONFIG) -> None:
    """Read the file for every environment and report all complaints at once."""
    with guarded():
        from deployctl.config import load_all

        names = ", ".join(load_all(config))
        sys.stdout.write(f"{config}: good for {names}\n")
