"""`deployctl sandbox`: an embedded cloud on this machine, for trying and testing."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deployctl.cli.guard import guarded
from deployctl.cli.options import AsJson

app = typer.Typer(help="An embedded cloud on this machine: AWS's API, containers, PostgreSQL.")


class Backend(StrEnum):
    """How the sandbox runs tasks."""

    AUTO = "auto"
    PROCESSES = "processes"
    CONTAINERS = "containers"


Root = Annotated[
    Path | None,
    typer.Option(
        "--root",
        envvar="DEPLOYCTL_SANDBOX",
        help="Its folder, for more than one sandbox; default: in the user's state folder.",
    ),
]


@app.command()
def up(
    backend: Annotated[
        Backend,
        typer.Option("--backend", help="Containers need a Docker-compatible engine."),
    ] = Backend.AUTO,
    port: Annotated[int, typer.Option("--port", help="0: any free one.")] = 0,
    template: Annotated[
        Path | None,
        typer.Option("--template", help="A CloudFormation template to create in it."),
    ] = None,
    stack: Annotated[
        str, typer.Option("--stack", help="The stack's name; default: that of the file.")
    ] = "",
    root: Root = None,
    parameter: Annotated[
        list[str],
        typer.Option("--parameter", help="Name=value for it; {endpoint} is the sandbox."),
    ] = [],  # noqa: B006 - typer's way to say "none given"; never changed
) -> None:
    """Start it (under ten seconds, loopback only) or say where it already runs."""
    with guarded():
        from deployctl.cli.sandbox_view import start

        start(
            root=root,
            backend=backend.value,
            port=port or None,
            template=template,
            stack=stack,
            parameters=parameter,
        )


@app.command()
def down(root: Root = None) -> None:
    """End every process of the sandbox and forget all that was in it."""
    with guarded():
        from deployctl.cli.sandbox_view import stop

        stop(root)


@app.command()
def status(root: Root = None, as_json: AsJson = False) -> None:
    """Show its parts, whether they live, and its addresses. Exit 4 when it is not healthy."""
    with guarded(as_json=as_json):
        from deployctl.cli.sandbox_view import show

        show(root, as_json=as_json)
