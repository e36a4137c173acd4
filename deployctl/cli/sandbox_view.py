"""Starting, ending and showing the sandbox."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from deployctl.cli.world import page
from deployctl.model.errors import UsageWrong
from deployctl.model.exits import Exit
from deployctl.render.facts import Json
from deployctl.sandbox.facts import Sandbox, SandboxSettings
from deployctl.sandbox.stack import default_root, down, status, up

if TYPE_CHECKING:
    from collections.abc import Sequence


def start(
    *,
    root: Path | None,
    backend: Literal["auto", "processes", "containers"],
    port: int | None,
    template: Path | None,
    stack: str,
    parameters: "Sequence[str]",
) -> None:
    """Start the sandbox, make the template's stack in it, and print the addresses."""
    given = _parsed(parameters)
    sandbox = up(SandboxSettings(root=root or default_root(), port=port, backend=backend), _say)
    outputs: dict[str, str] = {}
    if template is not None:
        from deployctl.sandbox.provision import provision

        outputs = provision(sandbox, template, given, stack=stack, say=_say)
    _put(sandbox, outputs)


def stop(root: Path | None) -> None:
    """End it; ending nothing is fine."""
    ended = down(root or default_root(), _say)
    page().put("The sandbox is down." if ended else "No sandbox was running.")


def show(root: Path | None, *, as_json: bool) -> None:
    """Print its parts; exit 4 when one is dead or there is none."""
    sandbox = status(root or default_root())
    sheet = page()
    if sandbox is None:
        sheet.json({"running": False}) if as_json else sheet.put("No sandbox is running.")
        raise typer.Exit(Exit.CHECK_FAILED)
    if as_json:
        sheet.json(_facts(sandbox))
    else:
        _put(sandbox, {})
    if not sandbox.healthy:
        raise typer.Exit(Exit.CHECK_FAILED)


def _put(sandbox: Sandbox, outputs: dict[str, str]) -> None:
    sheet = page()
    sheet.put(
        f"AWS API    {sandbox.endpoint}",
        f"database   {sandbox.database_url or 'none'}",
        f"tasks      {sandbox.backend}",
        f"state      {sandbox.root}",
    )
    for part in sandbox.parts:
        word = "answers" if part.answering else "alive but silent" if part.alive else "dead"
        sheet.put(f"{part.name:10} {word}, pid {part.pid}, log {part.log}")
    for name, value in outputs.items():
        sheet.put(f"{name}: {value}")


def _facts(sandbox: Sandbox) -> dict[str, Json]:
    return {
        "running": True,
        "healthy": sandbox.healthy,
        "endpoint": sandbox.endpoint,
        "registry": sandbox.registry,
        "account": sandbox.account,
        "region": sandbox.region,
        "backend": sandbox.backend,
        "database_url": sandbox.database_url,
        "root": str(sandbox.root),
        "parts": {part.name: part.alive and part.answering for part in sandbox.parts},
    }


def _parsed(parameters: "Sequence[str]") -> dict[str, str]:
    pairs = [text.partition("=") for text in parameters]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise UsageWrong("--parameter wants Name=value", hint="--parameter ApiTasks=3")
    return {name: value for name, _, value in pairs}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
