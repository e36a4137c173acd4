"""Judges a one-off task: whether its command ended well, and what to say when it did not."""

from collections.abc import Collection, Mapping

from deployctl.model.blame import Blame, blame
from deployctl.model.change import Progress
from deployctl.model.rollout import EndedContainer, OneOff, StoppedTask


def judge_errand(task: OneOff, container: str, essential: Collection[str] = ()) -> Progress:
    """Done only when the named container ended with exit code 0 by itself.

    `essential` are the containers whose end ends the task: when another one failed, ours was told
    to stop, and its 0 means no more than that it obeyed.
    """
    ended = task.ended
    if ended is None:
        return Progress.running(_WORDS.get(task.status, task.status.lower()))
    found = next((each for each in ended.containers if each.name == container), None)
    code = found.exit_code if found else None
    own_end = ended.stop_code in {"EssentialContainerExited", ""}
    if code == 0 and own_end:
        failed = _first_to_fail(ended, container, essential)
        return _cut_off(container, failed) if failed else Progress.finished("exit code 0")
    return Progress.failed(_failure(ended, container, code))


def _first_to_fail(
    ended: StoppedTask, container: str, essential: Collection[str]
) -> EndedContainer | None:
    others = [c for c in ended.containers if c.name in essential and c.name != container]
    return next((each for each in others if _fell(each)), None)


def _fell(container: EndedContainer) -> bool:
    """Not what ECS does to the others once the first has ended: stop (143), then kill (137)."""
    if "OutOfMemory" in container.reason:
        return True
    if container.exit_code is None:
        return bool(container.reason)
    return container.exit_code not in {0, 137, 143}


def _cut_off(container: str, failed: EndedContainer) -> Progress:
    code = "never started" if failed.exit_code is None else f"exit code {failed.exit_code}"
    why = f"{code}, {failed.reason}" if failed.reason else code
    return Progress.failed(
        f"container {container} may have been cut off by {failed.name} ({why})",
        hint=f"Mend container {failed.name}, or set `essential: false` for it in the task"
        " definition if the command does not need it. Look how far the command came.",
    )


_WORDS = {
    "PROVISIONING": "waiting for a place to run",
    "PENDING": "starting",
    "ACTIVATING": "starting",
    "RUNNING": "running",
}


def _failure(ended: StoppedTask, container: str, code: int | None) -> str:
    match blame(ended):
        case Blame.PERSON:
            return "the task was stopped by a person"
        case Blame.PLATFORM:
            return f"the task was stopped by AWS ({ended.stop_code}): {ended.reason}"
        case _:
            pass
    if code is None:
        return f"container {container} never started: {ended.reason or ended.stop_code}"
    return f"container {container} ended with exit code {code}"


def launch_of(service: Mapping[str, object]) -> dict[str, object]:
    """Where a one-off task runs: like its service, but never on capacity that may be taken away."""
    launch = {name: value for name, value in service.items() if value}
    if "capacityProviderStrategy" in launch:
        launch.pop("launchType", None)  # RunTask takes only one of them
    if "FARGATE_SPOT" in str(launch.get("capacityProviderStrategy", "")):
        del launch["capacityProviderStrategy"]
        launch["launchType"] = "FARGATE"
    return launch
