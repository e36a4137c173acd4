"""Turns a failed look at a service into evidence and a cure, while ECS still remembers."""

from collections.abc import Sequence
from dataclasses import replace

from deployctl.model.blame import Blame, blame, culprit, event_lines, stop_lines
from deployctl.model.change import Progress
from deployctl.model.cure import Scene, hint
from deployctl.model.errors import DeployError
from deployctl.model.look import Aim, Look, mine_of, news
from deployctl.model.rollout import StoppedTask
from deployctl.model.taskdef import Body, log_place
from deployctl.ports.platform import Platform

LAST_LINES = 20


def diagnosed(progress: Progress, aim: Aim, look: Look, platform: Platform) -> Progress:
    """The same verdict with stop reasons, exit codes, last log lines, events and a hint."""
    ended = [task for task in mine_of(aim, look) if blame(task) is not Blame.NOBODY]
    fatal = [task for task in ended if blame(task) is Blame.RELEASE] or ended
    body = _body(platform, aim.revision)
    scene = Scene(
        service=look.fleet.service,
        container=_guilty(fatal) or aim.container,
        image=aim.image,
        log_group=_group(body, _guilty(fatal) or aim.container),
        stopped=tuple(fatal),
        events=news(look),
        log=last_words(platform, body, fatal),
    )
    return replace(
        progress,
        evidence=(*progress.evidence, *evidence(scene)),
        hint=progress.hint or hint(scene) or _look_yourself(scene),
    )


def evidence(scene: Scene) -> tuple[str, ...]:
    """The lines of a diagnosis: endings, the container's last words, what ECS wrote."""
    words = tuple(f"{scene.container} | {line}" for line in scene.log)
    return (*stop_lines(scene.stopped), *words, *event_lines(scene.events))


def last_words(platform: Platform, body: Body, tasks: Sequence[StoppedTask]) -> tuple[str, ...]:
    """The last log lines of the guilty container of the task that ended last and said anything."""
    newest = sorted(tasks, key=lambda t: t.stopped.timestamp() if t.stopped else 0.0, reverse=True)
    for task in newest[:3]:
        container = culprit(task)
        place = log_place(body, container.name, task.id) if container else None
        lines = platform.logs.last(place, LAST_LINES) if place else ()
        if lines:
            return lines
    return ()


def _guilty(tasks: Sequence[StoppedTask]) -> str:
    container = culprit(tasks[0]) if tasks else None
    return container.name if container else ""


def _body(platform: Platform, revision: str) -> Body:
    try:
        return platform.definitions.get(revision).body
    except DeployError:  # a diagnosis without log lines is better than none
        return {}


def _group(body: Body, container: str) -> str:
    place = log_place(body, container, "")
    return place.group if place else ""


def _look_yourself(scene: Scene) -> str:
    return (
        "ECS gave no reason. Look at its own record:"
        f" aws ecs describe-services --services {scene.service} --query 'services[0].events[:10]'"
    )
