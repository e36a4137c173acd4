"""STS: in whose name we act, and what time it is there."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from deployctl.adapters.aws.clients import Clients, translated
from deployctl.ports.clock import Clock
from deployctl.ports.identity import Caller


class Sts:
    """GetCallerIdentity needs no permission, so it works for every valid credential."""

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock

    def who(self) -> Caller:
        """Account, ARN and clock skew; the skew counts from the middle of the call."""
        before = self._clock.now()
        with translated("ask AWS who we are"):
            answer = self._clients.client("sts").get_caller_identity()
        ours = before + (self._clock.now() - before) / 2
        theirs = _date(answer)
        return Caller(
            account=str(answer["Account"]),
            arn=str(answer["Arn"]),
            skew_seconds=None if theirs is None else ours.timestamp() - theirs,
        )


def _date(answer: Mapping[str, Any]) -> float | None:
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return parsedate_to_datetime(said).timestamp()
    except (ValueError, TypeError):
        return None
