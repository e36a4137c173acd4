"""The things in a simulated ECS: images that behave, tasks, deployments, services."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_UNHEALTHY_AFTER = 15.0
ACCOUNT = "arn:aws:ecs:eu-west-1:111111111111"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What containers of an image do; seconds.

    `start`: from creation to RUNNING. `crash_after`: RUNNING to the end (None: stays).
    `flaky`: only the first so many tasks crash. `healthy` False fails the load balancer's checks.
    `reported` is the digest ECS reports instead of the true one. `job_*`: as a one-off task;
    `job_exit` None never starts.
    """

    start: float = 3.0
    crash_after: float | None = None
    exit_code: int = 1
    flaky: int = 0
    pullable: bool = True
    healthy: bool = True
    logs: tuple[str, ...] = ()
    reported: str = ""
    job_exit: int | None = 0
    job_seconds: float = 4.0


GOOD = Behaviour()


@dataclass(slots=True, kw_only=True)
class SimTask:
    arn: str
    revision: str
    container: str
    image: str
    group: str
    started_by: str
    born: float
    behaviour: Behaviour
    doomed: bool = False
    deployment: str = ""
    status: str = "PROVISIONING"
    wanted: str = "RUNNING"
    ready: float = 0.0
    ended: float | None = None
    code: str = ""
    reason: str = ""
    exit: int | None = None
    why: str = ""

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def live(self) -> bool:
        return self.status != "STOPPED" and self.wanted == "RUNNING"

    def stop(self, at: float, code: str, reason: str, exit_code: int | None) -> None:
        self.status, self.wanted, self.ended = "STOPPED", "STOPPED", at
        self.code, self.reason, self.exit = code, reason, exit_code

    def live_on(self, now: float) -> None:
        if self.status == "STOPPED":
            return
        if self.wanted == "STOPPED":
            if self.ended is not None and now >= self.ended:
                self.stop(now, self.code, self.reason, 143)
        elif self.status == "RUNNING":
            self._run_on(now)
        elif now - self.born >= self.behaviour.start:
            self._come_up(now)

    def _come_up(self, now: float) -> None:
        job = not self.deployment
        if not self.behaviour.pullable or (job and self.behaviour.job_exit is None):
            self.why = "CannotPullContainerError: manifest unknown"
            reason = "Task failed to start" if job else self.why
            self.stop(now, "TaskFailedToStart", reason, None)
        else:
            self.status, self.ready = "RUNNING", now

    def _run_on(self, now: float) -> None:
        image, ran = self.behaviour, now - self.ready
        over = "Essential container in task exited"
        if not self.deployment:
            if ran >= image.job_seconds:
                self.stop(now, "EssentialContainerExited", over, image.job_exit)
        elif self.doomed and image.crash_after is not None and ran >= image.crash_after:
            self.stop(now, "EssentialContainerExited", over, image.exit_code)
        elif not image.healthy and ran >= _UNHEALTHY_AFTER:
            why = "Task failed ELB health checks in (target-group arn:aws:tg)"
            self.stop(now, "ServiceSchedulerInitiated", why, 143)


@dataclass(slots=True, kw_only=True)
class SimDeployment:
    id: str
    revision: str
    created: float
    status: str = "PRIMARY"
    state: str = "IN_PROGRESS"
    reason: str = ""
    failures: int = 0
    begun: int = 0
    retry: float = 0.0
    record: str = ""


@dataclass(slots=True, kw_only=True)
class SimService:
    name: str
    container: str
    desired: int
    breaker: bool
    rollback: bool
    min_percent: int
    max_percent: int
    drain: float
    target_group: str = ""
    status: str = "ACTIVE"
    deployments: list[SimDeployment] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    completed: str = ""
    controller: str = "ECS"
    strategy: str = "ROLLING"

    @property
    def primary(self) -> SimDeployment:
        return next(d for d in self.deployments if d.status == "PRIMARY")


@dataclass(slots=True, kw_only=True)
class SimRecord:
    arn: str
    service: str
    revision: str
    created: datetime
    status: str = "IN_PROGRESS"
    reason: str = ""
