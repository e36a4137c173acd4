"""Measures what `deployctl --help` and `--version` cost, against the least a typer app can cost.

Use: python benchmarks/startup.py [--runs 25]. Exit 1 when a ratio is over the limit.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 1.3
EMPTY_APP = '''\
import sys
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def one() -> None:
    """Do one thing."""


@app.command()
def two() -> None:
    """Do another."""


def version(asked: bool) -> None:
    if asked:
        sys.stdout.write("empty 0\\n")
        raise typer.Exit


@app.callback()
def common(
    shown: Annotated[bool, typer.Option("--version", callback=version, is_eager=True)] = False,
) -> None:
    """An app with two commands that do nothing, as cheap as typer can be (no rich)."""


app()
'''


def user_seconds(command: list[str]) -> float:
    """User CPU seconds of one run of the command, children included."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime


def measured(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """The median of each command; the commands take turns, so that noise hits all alike."""
    for command in commands.values():
        user_seconds(command)  # the first run writes the byte code
    seen: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            seen[name].append(user_seconds(command))
    return {name: statistics.median(values) for name, values in seen.items()}


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25)
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_APP)
        apps = {"empty": [sys.executable, str(empty)], "ours": [sys.executable, "-m", "deployctl"]}
        options = ("--help", "--version")
        medians = measured(
            {f"{app} {option}": [*apps[app], option] for option in options for app in apps}, runs
        )
    print(f"user CPU, median of {runs} runs each, in milliseconds")
    print(f"{'':10} {'deployctl':>10} {'empty app':>10} {'ratio':>7} {'limit':>6}")
    worst = 0.0
    for option in options:
        ours, least = medians[f"ours {option}"], medians[f"empty {option}"]
        worst = max(worst, ours / least)
        print(
            f"{option:10} {ours * 1000:>10.0f} {least * 1000:>10.0f} "
            f"{ours / least:>7.2f} {LIMIT:>6.2f}"
        )
    return 1 if worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
