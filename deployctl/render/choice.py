"""Which screen fits where the output goes, and whether it may have colours."""

from collections.abc import Mapping
from typing import Literal

Name = Literal["live", "plain", "jsonl"]


def screen_name(
    output: Literal["auto", "live", "plain", "jsonl"],
    *,
    tty: bool,
    environment: Mapping[str, str],
) -> Name:
    """`auto` draws on a terminal that a person watches, and prints lines everywhere else.

    `live` without a terminal becomes `plain`: nothing is ever redrawn into a file or a CI log.
    """
    if output == "jsonl":
        return "jsonl"
    drawable = tty and environment.get("TERM", "") != "dumb"
    watched = environment.get("CI", "").lower() not in {"1", "true"}
    if drawable and (output == "live" or (output == "auto" and watched)):
        return "live"
    return "plain"


def wants_colour(*, tty: bool, environment: Mapping[str, str]) -> bool:
    """NO_COLOR (not empty) forbids, FORCE_COLOR (not empty, not 0) asks, else a terminal decides.

    Sources: no-color.org and force-color.org.
    """
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "") not in {"", "0"}:
        return True
    return tty and environment.get("TERM", "") != "dumb"
