"""Durations on the command line, like 90s, 10m or 1h30m."""

import re

from deployctl.model.errors import UsageWrong

_PARTS = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def seconds(text: str) -> float:
    """The seconds; 0 for "". Raises UsageWrong."""
    match = _PARTS.fullmatch(text.strip())
    if match is None:
        raise UsageWrong(f"{text!r} is not a duration", hint="Write 90s, 10m or 1h30m.")
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600.0 + minutes * 60 + rest


def limit(text: str) -> float | None:
    """The same, with None where nothing was said."""
    return seconds(text) if text else None
