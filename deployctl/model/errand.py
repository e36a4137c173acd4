"""Judges a one-off task: whether its command ended well, and what to say when it did not."""

from collections.abc import Mapping

from deployctl.model.blame import Blame, blame
from deployctl.model.change import Progress
from deployctl.model.rollout import OneOff, StoppedTask


def judge_errand(task: OneOff, container: str) -> Progress:
    """Done only when the named container ended with exit code 0 by itself."""
    ended = task.ended
    if ended is None:
        return Progress.running(_WORDS.get(task.status, task.status.lower()))
    found = next((each for each in ended.containers if each.name == container), None)
    code = found.exit_code if found else None
    own_end = ended.stop_code in {"EssentialContainerExited", ""}
    if code == 0 and own_end:
        return Progress.finished("exit code 0")
    return Progress.failed(_failure(ended, container, code))


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
    if "FARGATE_SPOT" in str(launch.get("capacityProviderStrategy", "")):
        del launch["capacityProviderStrategy"]
        launch["launchType"] = "FARGATE"
    return launch
