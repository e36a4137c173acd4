"""Judges one look at a rolling service: how far it is, whether it failed, and why."""

from collections.abc import Callable
from datetime import timedelta

from deployctl.model.change import Progress, State
from deployctl.model.look import Aim, Look, crashes, is_displaced, is_settled, news, ours
from deployctl.model.rollout import FAILED, Fleet, RunningTask

_UNLISTED = 60.0  # seconds for which ECS may not yet list what it has just begun
_HEALTHY_AFTER = timedelta(seconds=40)  # without any health check this is when ECS believes a task
_STALLED = 600.0
_DEADLOCKED = 60.0
_UNFINISHED = {"PENDING", "IN_PROGRESS"}
_TURNING = {"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "STOP_REQUESTED"}
_SKEW = timedelta(seconds=60)  # how far our clock and that of AWS may be apart


def judge(aim: Aim, look: Look) -> Progress:
    """Decide from one look. The first rule that has something to say wins."""
    for rule in _RULES:
        said = rule(aim, look)
        if said is not None:
            return said
    ready, total = _counts(aim, look.fleet)
    note = f"{ready} of {total} tasks on {_short(aim.revision)}"
    failed = len(crashes(aim, look))
    if failed:
        note += f", {failed} failed to start"
    return Progress.running(note, done=ready, total=total)


def _short(revision: str) -> str:
    return revision.rpartition("/")[2]


def _counts(aim: Aim, fleet: Fleet) -> tuple[int, int]:
    mine = ours(aim, fleet)
    return (min(mine.running, fleet.desired), fleet.desired) if mine else (0, 0)


def _closed(_aim: Aim, look: Look) -> Progress | None:
    fleet = look.fleet
    if fleet.status == "ACTIVE":
        return None
    return Progress.failed(f"ECS service {fleet.service} is {fleet.status}: somebody removed it")


def _recorded(aim: Aim, look: Look) -> Progress | None:
    record = look.record
    if record is None:
        return None
    why = f": {record.reason}" if record.reason else ""
    match record.status:
        case "ROLLBACK_SUCCESSFUL":
            return Progress.failed(f"ECS rolled {look.fleet.service} back{why}")
        case "ROLLBACK_FAILED":
            return Progress.failed(f"ECS tried to roll {look.fleet.service} back and failed{why}")
        case "STOPPED":
            return Progress.failed(f"the deployment of {look.fleet.service} was stopped{why}")
        case _:
            pass
    if record.status in _TURNING and not is_displaced(aim, look.fleet):
        return Progress.running(f"ECS is rolling {look.fleet.service} back{why}")
    return None


def _displaced(aim: Aim, look: Look) -> Progress | None:
    fleet = look.fleet
    if not is_displaced(aim, fleet):
        return None
    mine, primary = ours(aim, fleet), fleet.primary
    if mine is None and not look.seen and look.waited < _UNLISTED:
        return Progress.running("ECS does not list the new deployment yet")
    if _is_ecs_own_doing(aim, look):
        why = mine.reason if mine and mine.reason else _last_word(look)
        return Progress.failed(f"ECS rolled {fleet.service} back" + (f": {why}" if why else ""))
    to = _short(primary.revision) if primary else "nothing"
    return Progress(
        state=State.FAILED,
        note=f"superseded: somebody else deployed {to} to {fleet.service}",
        hint="Find out who deployed; their version serves now and is left alone.",
        facts={"superseded_by": primary.revision if primary else ""},
    )


def _is_ecs_own_doing(aim: Aim, look: Look) -> bool:
    """ECS goes back to what was last complete, which need not be what the plan found serving."""
    mine, primary = ours(aim, look.fleet), look.fleet.primary
    if primary and (primary.revision == aim.back_to or primary.is_return):
        return True
    turned = look.record is not None and look.record.status.startswith("ROLLBACK_")
    return turned or (mine is not None and mine.rollout == FAILED)


def _last_word(look: Look) -> str:
    events = sorted(news(look), key=lambda event: event.at)
    return events[-1].text if events else ""


def _given_up(aim: Aim, look: Look) -> Progress | None:
    mine = ours(aim, look.fleet)
    if mine is None or mine.rollout != FAILED:
        return None
    why = mine.reason or _last_word(look)
    return Progress.failed(f"ECS gave {look.fleet.service} up" + (f": {why}" if why else ""))


def _done(aim: Aim, look: Look) -> Progress | None:
    finishing = look.record is not None and look.record.status in _UNFINISHED
    if finishing or not is_settled(aim, look.fleet):
        return None
    live = [task for task in look.running if task.status == "RUNNING"]
    foreign = [task for task in live if task.revision != aim.revision]
    ready, total = _counts(aim, look.fleet)
    if total == 0:
        return _empty(aim, look.fleet)
    if foreign or len(live) < total:
        note = f"{len(live) - len(foreign)} of {total} tasks proven to run {_short(aim.revision)}"
        return Progress.running(note, done=ready, total=total)
    return _other_content(aim, live) or Progress.finished(
        f"{ready} of {total} tasks on {_short(aim.revision)}", total=total
    )


def _empty(aim: Aim, fleet: Fleet) -> Progress:
    """Nothing runs because nothing shall: proof only where that was so, or wanted, before."""
    if aim.tasks == 0:
        return Progress.finished("no tasks: desired count is 0")
    return Progress.failed(
        f"{fleet.service} was scaled to 0 tasks meanwhile (there were {aim.tasks}): nothing runs"
        f" {_short(aim.revision)}",
        hint="Who scales it? Give it tasks again: aws ecs update-service --service"
        f" {fleet.service} --desired-count {aim.tasks}",
    )


def _uncounted(aim: Aim, look: Look) -> Progress | None:
    """Our number of tasks is not shown yet; if it never is, somebody has set another one."""
    late = look.waited >= _UNLISTED
    if aim.desired is None or look.fleet.desired == aim.desired or late:
        return None
    return Progress.running(f"ECS does not count to {aim.desired} tasks yet")


def _other_content(aim: Aim, live: list[RunningTask]) -> Progress | None:
    if not (aim.digest and aim.verify_digest):
        return None
    found = {
        each.digest
        for task in live
        for each in task.containers
        if each.name == aim.container and each.digest
    }
    wrong = found - {aim.digest}
    if not wrong:
        return None
    return Progress.failed(
        f"container {aim.container} runs {', '.join(sorted(wrong))}, not {aim.digest}",
        hint="If the image is an index for several platforms and your platform reports the"
        " platform's own digest, set `verify_digest: false` for the service.",
    )


def _looping(aim: Aim, look: Look) -> Progress | None:
    fallen = crashes(aim, look)
    if len(fallen) < aim.crashes:
        return None
    total = look.fleet.desired
    if any(_is_healthy(task, aim, look) for task in look.running) and len(fallen) < max(
        3 * aim.crashes, total
    ):
        return None
    return Progress.failed(f"{len(fallen)} tasks of {_short(aim.revision)} failed, none stays up")


def _is_healthy(task: RunningTask, aim: Aim, look: Look) -> bool:
    if task.revision != aim.revision or task.status != "RUNNING" or task.health == "UNHEALTHY":
        return False
    if task.health == "HEALTHY":
        return True
    return task.started is not None and look.at - task.started >= _HEALTHY_AFTER


def _stuck(aim: Aim, look: Look) -> Progress | None:
    ready, total = _counts(aim, look.fleet)
    if ready == total:
        return None  # only the old tasks drain, which may take as long as it takes
    moved = look.at - timedelta(seconds=look.quiet) - _SKEW
    # what was said before something moved again has been overcome
    events = [event for event in news(look) if event.at >= moved]
    deadlock = any("unable to stop or start tasks" in event.text for event in events)
    if not events or look.quiet < (_DEADLOCKED if deadlock else _STALLED):
        return None
    return Progress.failed(
        f"{look.fleet.service} does not get on (nothing moved for {look.quiet:.0f} s):"
        f" {_last_word(look)}"
    )


_RULES: tuple[Callable[[Aim, Look], Progress | None], ...] = (
    _closed,
    _recorded,
    _displaced,
    _given_up,
    _uncounted,
    _done,
    _looping,
    _stuck,
)
