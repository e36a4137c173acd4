"""What a change's key says: a token AWS accepts, the release it belongs to, since when."""

import hashlib
import re
from datetime import UTC, datetime


def token(key: str) -> str:
    """An idempotency token of [A-Za-z0-9-_], at most 64 characters, different for every key."""
    mark = hashlib.sha256(key.encode()).hexdigest()[:16]
    return f"{re.sub('[^A-Za-z0-9_-]', '-', key)[:47]}-{mark}"


def release_of(key: str) -> str:
    """The id of the release that the change belongs to."""
    return key.partition("/")[0]


def since(key: str) -> datetime | None:
    """The earliest moment (UTC) an effect under this key can have happened: its release's time.

    None when the key does not begin with a release id.
    """
    found = re.match(r"(\d{8}-\d{6})-", key)
    if not found:
        return None
    try:
        return datetime.strptime(found.group(1), "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
