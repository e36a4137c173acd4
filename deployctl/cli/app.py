"""The command line as a whole: which commands there are."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from deployctl import __version__
from deployctl.cli import (
    abort,
    build,
    config,
    history,
    hotfix,
    lock,
    plan,
    release,
    resume,
    rollback,
    sandbox,
    schema,
    show,
    smoke,
    status,
)

app = typer.Typer(
    name="deployctl",
    help="Take a git commit to production on AWS with no failed request, and back again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    plan.plan,
    release.release,
    rollback.rollback,
    hotfix.hotfix,
    resume.resume,
    abort.abort,
    status.status,
    history.history,
    show.show,
    smoke.smoke,
    build.build,
    schema.schema,
):
    app.command()(command)
app.add_typer(lock.app, name="lock")
app.add_typer(config.app, name="config")
app.add_typer(sandbox.app, name="sandbox")


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"deployctl {__version__}\n")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take a git commit to production on AWS with no failed request, and back again."""


def main() -> None:
    """The console script. A stream that was closed before we began is none to fail on."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - for good
            setattr(sys, name, nothing)
    app()
