"""Which paths a CDN can be told to forget."""

import re
from collections.abc import Sequence
from typing import Final

MOST_PATHS: Final = 3000
"""CloudFront's limit of paths in progress per distribution."""

MOST_WILDCARDS: Final = 15
"""CloudFront's limit of wildcard paths in progress per distribution."""

LONGEST_PATH: Final = 4000

_URL_TEXT: Final = re.compile(r"(?:[A-Za-z0-9/._~!$&'()+,;=:@?*-]|%[0-9A-Fa-f]{2})*")


def complaints(paths: Sequence[str]) -> tuple[str, ...]:
    """What CloudFront would refuse, one sentence each; empty when all is well."""
    found = [sentence for path in paths if (sentence := _complaint(path))]
    if len(paths) > MOST_PATHS:
        found.append(
            f"{len(paths)} paths, at most {MOST_PATHS} at once: use a wildcard (/assets/*)"
        )
    wildcards = sum(path.endswith("*") for path in paths)
    if wildcards > MOST_WILDCARDS:
        found.append(f"{wildcards} wildcard paths, at most {MOST_WILDCARDS} at once")
    if len(set(paths)) < len(paths):
        found.append("a path is listed twice")
    return tuple(found)


def _complaint(path: str) -> str:
    if not path.startswith("/"):
        return f"{path!r} does not begin with /"
    if "*" in path[:-1]:
        return f"{path!r}: * may only be the last character"
    if len(path) > LONGEST_PATH:
        return f"{path[:40]!r}…: longer than {LONGEST_PATH} characters"
    if not _URL_TEXT.fullmatch(path):
        return f"{path!r} has characters that must be written as %XX"
    return ""
