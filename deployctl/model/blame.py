"""Whose fault it is that a task ended, and the lines that say so."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from deployctl.model.rollout import EndedContainer, ServiceEvent, StoppedTask


class Blame(StrEnum):
    """Who ended a task: the release, the platform under it, a person, or the normal course."""

    RELEASE = "release"
    PLATFORM = "platform"
    PERSON = "person"
    NOBODY = "nobody"


_CAPACITY = re.compile(
    r"Capacity is unavailable|Timeout waiting for (network interface|EphemeralStorage)|RESOURCE:"
    r"|Timed out waiting for Amazon ECS Agent",
    re.IGNORECASE,
)
_UNHEALTHY = re.compile(r"failed (ELB|container|\(?Cloud ?Map\)?)? ?health checks", re.IGNORECASE)
_SCALING = re.compile(r"Scaling activity initiated by|Deployment (completed|capacity limit)")
_START = re.compile(
    r"CannotPullContainer|CannotStartContainer|CannotCreateContainer|ResourceInitializationError"
    r"|OutOfMemory|Essential container( in task)? exited|Task failed to start",
    re.IGNORECASE,
)


def blame(task: StoppedTask) -> Blame:
    """Read the stop code first, then the reason (ECS uses one code for several causes)."""
    if _SCALING.search(task.reason):
        return Blame.NOBODY
    match task.stop_code:
        case "TaskFailedToStart":
            return Blame.PLATFORM if _CAPACITY.search(task.reason) else Blame.RELEASE
        case "EssentialContainerExited":
            return Blame.RELEASE
        case "SpotInterruption" | "TerminationNotice" | "InfrastructureHealth":
            return Blame.PLATFORM
        case "UserInitiated":
            return Blame.PERSON
        case _:
            pass
    broken = _UNHEALTHY.search(task.reason) or (not task.stop_code and _START.search(task.reason))
    return Blame.RELEASE if broken else Blame.NOBODY


def culprit(task: StoppedTask) -> EndedContainer | None:
    """The container whose end explains the task's: a failing exit, else one that never began."""
    worst = sorted(task.containers, key=_guilt)
    return worst[0] if worst else None


def _guilt(container: EndedContainer) -> int:
    # 137 and 143 are what ECS itself does to the neighbours of the one that failed first
    code = container.exit_code
    if code is None:
        return 1 if container.reason else 4
    if code == 0:
        return 3
    return 2 if code in {137, 143} and "OutOfMemory" not in container.reason else 0


def stop_lines(tasks: Iterable[StoppedTask]) -> tuple[str, ...]:
    """The endings in words, equal ones counted once, the most frequent first."""
    counted = Counter(_ending(task) for task in tasks)
    return tuple(
        f"{count} tasks stopped: {text}" if count > 1 else f"a task stopped: {text}"
        for text, count in counted.most_common()
    )


def _ending(task: StoppedTask) -> str:
    said = [f"{task.stop_code}: " if task.stop_code else "", _anonymous(task.reason)]
    for each in task.containers:
        if each.exit_code is None and not each.reason:
            continue
        code = "never started" if each.exit_code is None else f"exit code {each.exit_code}"
        why = f" ({_anonymous(each.reason)})" if each.reason else ""
        said.append(f"; container {each.name}: {code}{why}")
    return "".join(said)


def _anonymous(reason: str) -> str:
    """Without the ids that make equal reasons differ from task to task."""
    return re.sub(r"\b(request id|RequestId)[:= ]+[0-9a-f-]{20,}|\b[0-9a-f]{32}\b", "…", reason)


_ADVERSE = re.compile(
    r"unable to place a task|unable to consistently start|could not launch"
    r"|unable to stop or start tasks|capacity limit was exceeded|misconfigured"
    r"|failed to assume role|TARGET GROUP IS NOT FOUND|Timed out waiting"
    r"|deployment failed|rolling back|rolled back|alarm",
    re.IGNORECASE,
)


def adverse(events: Iterable[ServiceEvent]) -> tuple[ServiceEvent, ...]:
    """The events that say why a roll does not get on; passing hiccups are left out."""
    return tuple(event for event in events if _ADVERSE.search(event.text))


def event_lines(events: Sequence[ServiceEvent], most: int = 5) -> tuple[str, ...]:
    """The newest of them as lines, oldest first."""
    newest = sorted(events, key=lambda event: event.at)[-most:]
    return tuple(f"event {event.at:%H:%M:%S}: {event.text}" for event in newest)
