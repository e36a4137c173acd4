"""One look at a rolling service, and which part of what is seen is ours."""

from dataclasses import dataclass
from datetime import datetime

from deployctl.model.blame import Blame, adverse, blame
from deployctl.model.rollout import (
    COMPLETED,
    DEPLOYMENT_PREFIX,
    Deployment,
    Fleet,
    RunningTask,
    ServiceDeployment,
    ServiceEvent,
    StoppedTask,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What we started. `back_to` is the revision that served before, "" if unknown.

    `tasks` is how many the plan counts on, 0 if none or unknown; `desired` is the number that we
    set ourselves, None if it is somebody else's.
    """

    deployment: str
    revision: str
    container: str
    image: str
    back_to: str = ""
    crashes: int = 3
    verify_digest: bool = True
    tasks: int = 0
    desired: int | None = None

    @property
    def digest(self) -> str:
        """`sha256:…` of the image, "" when it is not pinned."""
        return self.image.partition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look. `waited`: seconds since the first one; `quiet`: seconds since anything moved.

    `seen` says that our deployment was listed before; `born` is when ECS created it.
    """

    fleet: Fleet
    at: datetime
    waited: float = 0.0
    quiet: float = 0.0
    seen: bool = False
    born: datetime | None = None
    record: ServiceDeployment | None = None
    running: tuple[RunningTask, ...] = ()
    stopped: tuple[StoppedTask, ...] = ()


def ours(aim: Aim, fleet: Fleet) -> Deployment | None:
    """Our deployment by its id; if another of the same revision took its place, that one."""
    mine = fleet.deployment(aim.deployment)
    primary = fleet.primary
    if primary and primary.revision == aim.revision and (mine is None or mine is not primary):
        return primary
    return mine


def is_displaced(aim: Aim, fleet: Fleet) -> bool:
    """ECS works towards something else than our revision."""
    mine = ours(aim, fleet)
    return mine is None or mine.status != "PRIMARY"


def crashes(aim: Aim, look: Look) -> tuple[StoppedTask, ...]:
    """The stopped tasks of our deployment that are the release's own fault."""
    return tuple(t for t in mine_of(aim, look) if blame(t) is Blame.RELEASE)


def mine_of(aim: Aim, look: Look) -> tuple[StoppedTask, ...]:
    """The stopped tasks of our deployment."""
    mine = ours(aim, look.fleet)
    ids = {aim.deployment, mine.id if mine else aim.deployment}
    return tuple(t for t in look.stopped if _belongs(t, aim.revision, ids, look.born))


def _belongs(task: StoppedTask, revision: str, ids: set[str], born: datetime | None) -> bool:
    if task.started_by.startswith(DEPLOYMENT_PREFIX):
        return task.started_by in ids
    # an emulator names the service instead: then revision and time must do
    recent = born is None or task.created is None or task.created >= born
    return task.revision == revision and recent


def news(look: Look) -> tuple[ServiceEvent, ...]:
    """The adverse events since our deployment began."""
    return adverse(e for e in look.fleet.events if look.born is None or e.at >= look.born)


def is_settled(aim: Aim, fleet: Fleet) -> bool:
    """By the numbers: ours is complete, and nothing of another deployment runs any more.

    The service's own number counts: that of a deployment follows it a moment later.
    """
    mine = ours(aim, fleet)
    if mine is None or mine.status != "PRIMARY" or mine.rollout not in {COMPLETED, ""}:
        return False
    others = sum(d.running for d in fleet.deployments if d is not mine)
    return mine.running == fleet.desired and others == 0
