"""What can be seen of a service while it rolls, and how long a roll takes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

COMPLETED, FAILED, IN_PROGRESS = "COMPLETED", "FAILED", "IN_PROGRESS"
DEPLOYMENT_PREFIX = "ecs-svc/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of a service. `rollout` is "" where the platform does not judge by itself."""

    id: str
    status: str
    revision: str
    rollout: str = ""
    reason: str = ""
    desired: int = 0
    running: int = 0
    pending: int = 0
    failed_tasks: int = 0
    created: datetime | None = None

    @property
    def is_return(self) -> bool:
        """ECS began it by itself, to return to what last worked."""
        return "rolling back to deployment" in self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeployment:
    """The account's own record of a roll (SUCCESSFUL, ROLLBACK_SUCCESSFUL, STOPPED, …)."""

    arn: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent:
    """A line that ECS wrote about a service. Repeats are left out for hours: silence is no news."""

    id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A service in one look. `status` is MISSING when there is none of that name."""

    service: str
    status: str = "ACTIVE"
    revision: str = ""
    desired: int = 0
    running: int = 0
    pending: int = 0
    deployments: tuple[Deployment, ...] = ()
    events: tuple[ServiceEvent, ...] = ()
    service_deployment: str = ""
    min_percent: int = 100
    max_percent: int = 200
    grace: int = 0
    target_groups: tuple[str, ...] = ()
    controller: str = "ECS"
    strategy: str = "ROLLING"
    launch: Mapping[str, object] = field(default_factory=dict)

    @property
    def primary(self) -> Deployment | None:
        """The deployment that ECS works towards. Its place in the list means nothing."""
        return next((d for d in self.deployments if d.status == "PRIMARY"), None)

    @property
    def proven(self) -> Deployment | None:
        """The newest deployment that is known to have worked, else the primary one."""
        primary = self.primary
        if primary is None or primary.rollout in {COMPLETED, ""}:
            return primary
        return next((d for d in self.deployments if d.rollout == COMPLETED), primary)

    def deployment(self, id_: str) -> Deployment | None:
        """The deployment of that id, if it is still listed."""
        return next((d for d in self.deployments if d.id == id_), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningContainer:
    """A container of a live task. `digest` is "" until the platform reports it."""

    name: str
    image: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTask:
    """A live task of a service. `health` is UNKNOWN when no health check is defined."""

    arn: str
    revision: str
    started_by: str = ""
    status: str = "RUNNING"
    health: str = "UNKNOWN"
    created: datetime | None = None
    started: datetime | None = None
    containers: tuple[RunningContainer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedContainer:
    """A container of a stopped task. `exit_code` is None when it never started."""

    name: str
    exit_code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedTask:
    """A task that ended. ECS forgets it after about an hour."""

    arn: str
    revision: str
    started_by: str = ""
    stop_code: str = ""
    reason: str = ""
    created: datetime | None = None
    stopped: datetime | None = None
    containers: tuple[EndedContainer, ...] = ()

    @property
    def id(self) -> str:
        """The short id, as people see it."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    """A task that was run by itself (a migration), in one look."""

    arn: str
    revision: str
    status: str
    ended: StoppedTask | None = None
    started_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What decides how long a roll takes; seconds. `start` is pull + boot + first health check."""

    desired: int
    min_percent: int = 100
    max_percent: int = 200
    start: int = 40
    grace: int = 0
    drain: int = 300

    @property
    def room(self) -> int:
        """How many tasks can be exchanged at a time; ECS rounds the lower bound up."""
        highest = self.desired * self.max_percent // 100
        lowest = math.ceil(self.desired * self.min_percent / 100)
        return highest - lowest

    @property
    def is_deadlocked(self) -> bool:
        """ECS may neither start a new task nor stop an old one: it would wait for ever."""
        return self.desired > 0 and self.room <= 0

    @property
    def batches(self) -> int:
        """How many rounds of start and drain the roll needs."""
        return 0 if self.desired == 0 else math.ceil(self.desired / max(self.room, 1))

    @property
    def seconds(self) -> int:
        """The expected duration of the whole roll."""
        return self.batches * (self.start + self.grace + self.drain)
