"""A simulated ECS scheduler: rolls services second by second on a virtual clock."""

import itertools
import math
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.clock import FakeClock
from tests.fakes.ecs_parts import (
    ACCOUNT,
    GOOD,
    Behaviour,
    SimDeployment,
    SimRecord,
    SimService,
    SimTask,
)

_SETTLE = {True: 5.0, False: 1.0}  # aws, ministack
_BACK_OFF = 4.0


class World:
    """All state. Shapes differ in ids, records and leftovers; its clock is `behind` ours."""

    def __init__(
        self, clock: FakeClock, shape: str, retention: float = 3600.0, behind: float = 0.0
    ) -> None:
        self._clock = clock
        self._zero = clock.now() - timedelta(seconds=clock.elapsed() + behind)
        self._count = itertools.count(1)
        self.aws = shape == "aws"
        self.retention = retention
        self.now = self._second = clock.elapsed()
        self.behaviours: dict[str, Behaviour] = {}
        self.services: dict[str, SimService] = {}
        self.revisions: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, list[dict[str, str]]] = {}
        self.tasks: dict[str, SimTask] = {}
        self.records: dict[str, SimRecord] = {}
        self.tokens: dict[str, str] = {}
        self.full = False
        self.stale_record = False  # DescribeServices and UpdateService name an older record
        clock.at_each_sleep.append(self.advance)

    def at(self, seconds: float | None = None) -> datetime:
        return self._zero + timedelta(seconds=self.now if seconds is None else seconds)

    def number(self) -> int:
        return next(self._count)

    def advance(self, until: float) -> None:
        while self._second + 1 <= until:
            self._second += 1
            self.now = self._second
            for task in list(self.tasks.values()):
                task.live_on(self.now)
            for service in self.services.values():
                self._schedule(service)
            self._forget()
        self.now = until

    def _forget(self) -> None:
        old = [t for t in self.tasks.values() if t.status == "STOPPED" and t.ended is not None]
        for task in old:
            if task.ended is not None and self.now - task.ended >= self.retention:
                del self.tasks[task.arn]

    def behaviour(self, image: str) -> Behaviour:
        return next((b for mark, b in self.behaviours.items() if mark in image), GOOD)

    def start(self, revision: str, *, group: str, started_by: str, container: str) -> SimTask:
        body = self.revisions[revision]
        image = next(c["image"] for c in body["containerDefinitions"] if c["name"] == container)
        task = SimTask(
            arn=f"{ACCOUNT}:task/shop/{self.number():032x}",
            revision=revision,
            container=container,
            image=image,
            group=group,
            started_by=started_by,
            born=self.now,
            behaviour=self.behaviour(image),
        )
        self.tasks[task.arn] = task
        return task

    def of(self, service: SimService, deployment: SimDeployment | None = None) -> list[SimTask]:
        group = f"service:{service.name}"
        return [
            t
            for t in self.tasks.values()
            if t.group == group and (deployment is None or t.deployment == deployment.id)
        ]

    def healthy(self, service: SimService, deployment: SimDeployment) -> list[SimTask]:
        return [
            t
            for t in self.of(service, deployment)
            if t.live
            and t.status == "RUNNING"
            and self.now - t.ready >= _SETTLE[self.aws]
            and t.behaviour.healthy
        ]

    def _schedule(self, service: SimService) -> None:
        primary = service.primary
        self._count_failures(service, primary)
        threshold = min(max(3, math.ceil(service.desired / 2)), 200)
        rolling = primary.state == "IN_PROGRESS"
        if service.breaker and rolling and primary.failures >= threshold:
            self._give_up(service, primary)
            return
        self._fill(service, primary)
        self._shrink(service, primary)
        if rolling:
            self._complete(service, primary)
        if primary.state == "COMPLETED":
            self._tidy(service, primary)

    def _tidy(self, service: SimService, primary: SimDeployment) -> None:
        """What has no task left is no longer listed; the emulator keeps what failed."""
        service.deployments = [
            d
            for d in service.deployments
            if d is primary
            or any(t.status != "STOPPED" for t in self.of(service, d))
            or (not self.aws and d.state == "FAILED")
        ]

    def _count_failures(self, service: SimService, primary: SimDeployment) -> None:
        fallen = [
            t
            for t in self.of(service, primary)
            if t.ended == self.now and t.code and not t.reason.startswith(("Scaling", "Deployment"))
        ]
        primary.failures += len(fallen)
        if fallen:
            primary.retry = self.now + _BACK_OFF
        if self.healthy(service, primary):
            primary.failures = 0

    def _fill(self, service: SimService, primary: SimDeployment) -> None:
        live = sum(t.live for t in self.of(service))
        missing = service.desired - sum(t.live for t in self.of(service, primary))
        room = service.desired * service.max_percent // 100 - live
        for _ in range(min(missing, room) if self.now >= primary.retry else 0):
            self.spawn(service, primary)

    def spawn(self, service: SimService, deployment: SimDeployment) -> SimTask:
        who = deployment.id if self.aws else service.name
        group = f"service:{service.name}"
        task = self.start(
            deployment.revision, group=group, started_by=who, container=service.container
        )
        task.deployment = deployment.id
        flaky = task.behaviour.flaky
        task.doomed = flaky == 0 or deployment.begun < flaky
        deployment.begun += 1
        return task

    def _shrink(self, service: SimService, primary: SimDeployment) -> None:
        mine = [t for t in self.of(service, primary) if t.live]
        for task in mine[service.desired :]:
            self.dismiss(service, task, primary)
        old = [t for t in self.of(service) if t.live and t.deployment != primary.id]
        ready = len(self.healthy(service, primary))
        running = sum(t.status == "RUNNING" for t in old)
        lowest = math.ceil(service.desired * service.min_percent / 100)
        spare = ready + running - lowest
        if not self.aws:
            full = len(old) + len(mine) >= service.desired * service.max_percent // 100
            spare = running if ready >= service.desired else spare if full else 0
        for task in old[: max(0, spare)]:
            self.dismiss(service, task, primary)

    def dismiss(self, service: SimService, task: SimTask, by: SimDeployment) -> None:
        if not self.aws:
            task.stop(self.now, "UserInitiated", "Deployment completed", 0)
            return
        task.wanted, task.ended = "STOPPED", self.now + service.drain
        task.code = "ServiceSchedulerInitiated"
        task.reason = f"Scaling activity initiated by (deployment {by.id})"

    def _complete(self, service: SimService, primary: SimDeployment) -> None:
        old = [t for t in self.of(service) if t.status != "STOPPED" and t.deployment != primary.id]
        if len(self.healthy(service, primary)) < service.desired or (old and self.aws):
            return
        primary.state, service.completed = "COMPLETED", primary.revision
        primary.reason = f"ECS deployment {primary.id} completed."
        self.say(service, f"(service {service.name}) has reached a steady state.")
        for record in self.records.values():
            if record.service == service.name:
                self._close(record, primary)

    def _close(self, record: SimRecord, primary: SimDeployment) -> None:
        if record.status == "ROLLBACK_IN_PROGRESS":
            record.status = "ROLLBACK_SUCCESSFUL"
        elif record.status == "IN_PROGRESS":
            record.status = "SUCCESSFUL" if record.arn == primary.record else "STOPPED"

    def _give_up(self, service: SimService, failed: SimDeployment) -> None:
        failed.state = "FAILED"
        failed.reason = "ECS deployment circuit breaker: tasks failed to start."
        self.say(
            service,
            f"(service {service.name}) (deployment {failed.id}) deployment failed:"
            " tasks failed to start.",
        )
        record = self.records.get(failed.record)
        if record:
            record.reason = "Service deployment rolled back because of the circuit breaker."
            record.status = "ROLLBACK_IN_PROGRESS" if service.rollback else "STOPPED"
        if service.rollback and service.completed:
            self._turn_back(service, failed)

    def _turn_back(self, service: SimService, failed: SimDeployment) -> None:
        failed.status = "ACTIVE"
        old = [d for d in service.deployments if d.revision == service.completed]
        for task in self.of(service, failed):
            if task.live:
                self.dismiss(service, task, failed)
        if not self.aws and old:
            old[0].status, old[0].state = "PRIMARY", "COMPLETED"
            return
        back = self.deploy(service, service.completed, record=False)
        back.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {back.id}."
        for task in self.of(service):
            if task.live and task.revision == back.revision:
                task.deployment = back.id

    def deploy(self, service: SimService, revision: str, *, record: bool = True) -> SimDeployment:
        for each in service.deployments:
            each.status = "ACTIVE"
        made = SimDeployment(
            id=f"ecs-svc/{self.number():019d}", revision=revision, created=self.now
        )
        made.reason = f"ECS deployment {made.id} in progress."
        if self.aws and record:
            made.record = f"{ACCOUNT}:service-deployment/shop/{service.name}/{self.number():012d}"
            self.records[made.record] = SimRecord(
                arn=made.record, service=service.name, revision=revision, created=self.at()
            )
        service.deployments.insert(0, made)
        return made

    def say(self, service: SimService, text: str) -> None:
        event = {"id": f"event-{self.number()}", "createdAt": self.at(), "message": text}
        service.events = [event, *service.events][:100]
