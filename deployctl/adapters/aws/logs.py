"""What containers wrote, from CloudWatch Logs; best effort, because a log never decides."""

from typing import Any

from deployctl.adapters.aws.clients import translated
from deployctl.adapters.aws.source import Source
from deployctl.model.errors import DeployError
from deployctl.model.taskdef import LogPlace
from deployctl.ports.platform import LogPage

_PAGES = 20  # a look must end: what is left is read at the next one


class EcsLogs:
    """Reads awslogs streams of the account's own region."""

    def __init__(self, *, source: Source) -> None:
        self._source = source

    def tail(self, place: LogPlace, cursor: str = "") -> LogPage:
        """Lines since the cursor. CloudWatch says "no more" by returning the same cursor."""
        lines: list[str] = []
        for _ in range(_PAGES):
            answer = self._ask(
                place, startFromHead=True, **({"nextToken": cursor} if cursor else {})
            )
            lines.extend(_lines(answer))
            following = str(answer.get("nextForwardToken", cursor))
            if following == cursor:
                break
            cursor = following
        return LogPage(lines=tuple(lines), cursor=cursor)

    def last(self, place: LogPlace, count: int) -> tuple[str, ...]:
        """The last lines, oldest first."""
        return _lines(self._ask(place, startFromHead=False, limit=count))[-count:]

    def _ask(self, place: LogPlace, **how: Any) -> dict[str, Any]:
        if place.region and place.region != self._source.region:
            return {}
        try:
            with translated("read a log"):
                answer: dict[str, Any] = self._source.client("logs").get_log_events(
                    logGroupName=place.group, logStreamName=place.stream, **how
                )
        except DeployError:  # no stream yet, no permission, no answer: the verdict needs none
            return {}
        return answer


def _lines(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(each.get("message", "")).rstrip("\n") for each in answer.get("events", ()))
