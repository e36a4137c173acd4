"""Single looks at a rolling service, to be changed a field at a time."""

from dataclasses import replace
from datetime import UTC, datetime

from deployctl.model.change import Progress, State
from deployctl.model.look import Aim, Look
from deployctl.model.rolling import judge
from deployctl.model.rollout import (
    Deployment,
    Fleet,
    RunningContainer,
    RunningTask,
    ServiceDeployment,
    ServiceEvent,
    StoppedTask,
)

AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
AIM = Aim(
    deployment="ecs-svc/2",
    revision="api:2",
    container="app",
    image="r/api@sha256:new",
    back_to="api:1",
)
MINE = Deployment(id="ecs-svc/2", status="PRIMARY", revision="api:2", desired=2, running=2)
OLD = Deployment(id="ecs-svc/1", status="ACTIVE", revision="api:1", rollout="COMPLETED")
GOOD = RunningTask(
    arn="t",
    revision="api:2",
    containers=(RunningContainer(name="app", digest="sha256:new"), RunningContainer(name="x")),
)
CRASH = StoppedTask(
    arn="s", revision="api:2", started_by="ecs-svc/2", stop_code="EssentialContainerExited"
)


def look(*deployments: Deployment, **how: object) -> Look:
    fleet = Fleet(service="api", desired=2, deployments=deployments)
    return replace(Look(fleet=fleet, at=AT, waited=5.0, seen=True, born=AT), **how)  # type: ignore[arg-type] # a table of any fields


def mine(**how: object) -> Deployment:
    return replace(MINE, **how)  # type: ignore[arg-type] # a table of any fields


def event(text: str, at: datetime = AT) -> tuple[ServiceEvent, ...]:
    return (ServiceEvent(id="1", at=at, text=text),)


def record(status: str) -> ServiceDeployment:
    return ServiceDeployment(arn="a", status=status, reason="because")


def judged(*deployments: Deployment, **how: object) -> tuple[State, str]:
    said: Progress = judge(AIM, look(*deployments, **how))
    return said.state, said.note
