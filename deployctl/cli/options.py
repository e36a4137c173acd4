"""The options that many commands share, each spelled once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Screens(StrEnum):
    """How a run shows itself."""

    AUTO = "auto"
    LIVE = "live"
    PLAIN = "plain"
    JSONL = "jsonl"


ConfigFile = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="DEPLOYCTL_CONFIG", help="The configuration file."),
]
Env = Annotated[
    str,
    typer.Option(
        "--env",
        "-e",
        envvar="DEPLOYCTL_ENV",
        help="The environment. Needed unless the file has only one.",
    ),
]
Output = Annotated[
    Screens,
    typer.Option(
        "--output",
        envvar="DEPLOYCTL_OUTPUT",
        help="Screen: live on a terminal, plain in CI, or jsonl events on stdout.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing anything.")]
Reason = Annotated[
    str, typer.Option("--reason", envvar="DEPLOYCTL_REASON", help="Why, for the record.")
]
Commit = Annotated[
    str,
    typer.Option(
        "--commit", help="The commit to release. Needed where there is no .git; default: HEAD."
    ),
]
Wait = Annotated[
    str,
    typer.Option(
        "--wait",
        envvar="DEPLOYCTL_WAIT",
        help="How long to wait for another release to end, like 10m. Default: not at all.",
    ),
]
Timeout = Annotated[
    str,
    typer.Option(
        "--timeout",
        envvar="DEPLOYCTL_TIMEOUT",
        help="Stop watching after this time, like 50m, and exit 70; resume goes on.",
    ),
]
Downgrade = Annotated[
    bool,
    typer.Option("--allow-downgrade", help="Release a commit that does not contain the live one."),
]
Services = Annotated[
    list[str], typer.Option("--service", "-s", help="Only this service; may be repeated.")
]

SkipMigrations = Annotated[
    bool,
    typer.Option(
        "--skip-migrations",
        help="Run no migration: the schema already is what this commit needs, or ahead of it.",
    ),
]

CONFIG = Path("deployctl.yaml")
