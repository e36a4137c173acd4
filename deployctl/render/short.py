"""Long facts as people read them: durations, times, digests, ARNs."""

import re
from datetime import datetime
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 3600
_DIGEST = re.compile(r"^(?:.*@)?sha256:([0-9a-f]{12})[0-9a-f]*$")
_SHA = re.compile(r"^([0-9a-f]{7})[0-9a-f]{33}(-dirty)?(?:-[0-9a-z]+)?$")
_HASH = re.compile(r"^([0-9a-f]{12})[0-9a-f]{20,}$")
_ARN = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:[^:]*:(?:[^:/]+[:/])?(.+)$")


def duration(seconds: float) -> str:
    """`7s`, `2m07s`, `1h02m`; never negative, because wall clocks jump."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02}s"
    return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}m"


def estimate(seconds: int) -> str:
    """`about 40s`, `about 5 min`: an estimate does not pretend to know the second."""
    if seconds <= 0:
        return "no time known"
    if seconds < 2 * _MINUTE:
        return f"about {seconds}s"
    return f"about {round(seconds / _MINUTE)} min"


def moment(at: datetime) -> str:
    """`2026-03-14 09:00`, in the zone the time is given in."""
    return f"{at:%Y-%m-%d %H:%M}"


def fact(value: str) -> str:
    """A digest, commit, hash or ARN by what tells it apart; anything else as it is."""
    if hit := _DIGEST.match(value):
        return f"sha256:{hit[1]}"
    if hit := _SHA.match(value):
        return f"{hit[1]}{hit[2] or ''}"
    if hit := _HASH.match(value):
        return hit[1]
    if hit := _ARN.match(value):
        return hit[1]
    return value


def count(number: int, noun: str) -> str:
    """`1 change`, `3 changes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
