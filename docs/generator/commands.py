"""The page about the command line, read from the commands themselves."""

from collections.abc import Iterator
from typing import Any, Final

import typer
from typer.main import get_command

from deployctl.cli.app import app

_SHARED: Final = [
    "--config",
    "--env",
    "--commit",
    "--output",
    "--json",
    "--yes",
    "--reason",
    "--wait",
    "--timeout",
    "--service",
]
_INTRO: Final = """\
# Commands

    deployctl plan --env staging                    # what would happen
    deployctl release --env staging                 # a commit to the running shop
    deployctl rollback --env staging                # back to the last good release
    deployctl hotfix --service api --reason "…" --env production
    deployctl status --env production               # what is live, what runs, who holds it

stdout carries data, stderr everything else. Without a terminal nothing is asked and nothing is
redrawn. Every error says what happened, why, and the cure. What a command ends with is in
[exit-codes.md](exit-codes.md). `deployctl --install-completion` teaches your shell the options.

## Shared options

| option | meaning |
|---|---|
"""


def page() -> str:
    """The whole page as Markdown."""
    commands = tuple(walk())
    shared = {
        option.opts[0]: _row(option, command, usual=True)
        for _, command in commands
        for option in command.params
        if option.opts[0] in _SHARED
    }
    rows = "\n".join(shared[name] for name in _SHARED)
    sections = "\n".join(_section(path, command) for path, command in commands)
    return f"{_INTRO}{rows}\n\n{sections}"


def walk(command: Any = None, path: str = "deployctl") -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its words: `deployctl lock status`."""
    command = get_command(app) if command is None else command
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from walk(child, f"{path} {name}")


def _section(path: str, command: Any) -> str:
    own = [param for param in command.params if param.opts[0] not in _SHARED]
    shared = [param.opts[0] for param in command.params if param.opts[0] in _SHARED]
    parts = [f"## {path}\n", f"{command.help.strip()}\n"]
    if own:
        rows = "\n".join(_row(param, command) for param in own)
        parts.append(f"| option | meaning |\n|---|---|\n{rows}\n")
    if shared:
        parts.append(f"Also: {', '.join(f'`{name}`' for name in shared)}.\n")
    return "\n".join(parts)


def _row(param: Any, command: Any, *, usual: bool = False) -> str:
    """One line of a table. `usual`: without what only this command demands of it."""
    name, meaning = param.get_help_record(typer.Context(command))
    meaning = " ".join(meaning.split())
    if usual:
        meaning = meaning.replace("; required]", "]").replace(" [required]", "")
    escaped = f"`{name}` | {meaning}".replace("|", "\\|").replace("` \\| ", "` | ", 1)
    return f"| {escaped} |"
