"""Translates what ECS answers into the facts of the model; decides nothing."""

from collections.abc import Mapping
from typing import Any

from deployctl.model.rollout import (
    Deployment,
    EndedContainer,
    Fleet,
    OneOff,
    RunningContainer,
    RunningTask,
    ServiceEvent,
    StoppedTask,
)

Answer = Mapping[str, Any]
_LAUNCH = ("networkConfiguration", "launchType", "capacityProviderStrategy", "platformVersion")


def fleet_of(service: Answer) -> Fleet:
    """`services[]` of DescribeServices, or `service` of UpdateService."""
    rules = service.get("deploymentConfiguration") or {}
    balancers = service.get("loadBalancers") or ()
    return Fleet(
        service=service["serviceName"],
        status=service.get("status", "ACTIVE"),
        revision=service.get("taskDefinition", ""),
        desired=service.get("desiredCount", 0),
        running=service.get("runningCount", 0),
        pending=service.get("pendingCount", 0),
        deployments=tuple(_deployment(each) for each in service.get("deployments") or ()),
        events=tuple(_event(each) for each in service.get("events") or ()),
        service_deployment=service.get("currentServiceDeployment", ""),
        min_percent=rules.get("minimumHealthyPercent", 100),
        max_percent=rules.get("maximumPercent", 200),
        grace=service.get("healthCheckGracePeriodSeconds", 0),
        target_groups=tuple(b["targetGroupArn"] for b in balancers if b.get("targetGroupArn")),
        controller=(service.get("deploymentController") or {}).get("type", "ECS"),
        strategy=rules.get("strategy", "ROLLING"),
        launch={name: service[name] for name in _LAUNCH if service.get(name)},
    )


def _deployment(answer: Answer) -> Deployment:
    return Deployment(
        id=answer["id"],
        status=answer.get("status", ""),
        revision=answer.get("taskDefinition", ""),
        rollout=answer.get("rolloutState", ""),
        reason=answer.get("rolloutStateReason", ""),
        desired=answer.get("desiredCount", 0),
        running=answer.get("runningCount", 0),
        pending=answer.get("pendingCount", 0),
        failed_tasks=answer.get("failedTasks", 0),
        created=answer.get("createdAt"),
    )


def _event(answer: Answer) -> ServiceEvent:
    return ServiceEvent(
        id=answer.get("id", ""), at=answer["createdAt"], text=answer.get("message", "")
    )


def running_of(task: Answer) -> RunningTask:
    """`tasks[]` of DescribeTasks, of a task that is meant to run."""
    return RunningTask(
        arn=task["taskArn"],
        revision=task.get("taskDefinitionArn", ""),
        started_by=task.get("startedBy", ""),
        status=task.get("lastStatus", ""),
        health=task.get("healthStatus", "UNKNOWN"),
        created=task.get("createdAt"),
        started=task.get("startedAt"),
        containers=tuple(
            RunningContainer(
                name=each["name"], image=each.get("image", ""), digest=each.get("imageDigest", "")
            )
            for each in task.get("containers") or ()
        ),
    )


def stopped_of(task: Answer) -> StoppedTask:
    """`tasks[]` of DescribeTasks, of a task that ended or is about to."""
    return StoppedTask(
        arn=task["taskArn"],
        revision=task.get("taskDefinitionArn", ""),
        started_by=task.get("startedBy", ""),
        stop_code=task.get("stopCode", ""),
        reason=task.get("stoppedReason", ""),
        created=task.get("createdAt"),
        stopped=task.get("stoppedAt") or task.get("stoppingAt"),
        containers=tuple(
            EndedContainer(
                name=each["name"], exit_code=each.get("exitCode"), reason=each.get("reason", "")
            )
            for each in task.get("containers") or ()
        ),
    )


def one_off_of(task: Answer) -> OneOff:
    """`tasks[]` of RunTask or DescribeTasks, of a task run by itself."""
    status = task.get("lastStatus", "")
    return OneOff(
        arn=task["taskArn"],
        revision=task.get("taskDefinitionArn", ""),
        status=status,
        ended=stopped_of(task) if status == "STOPPED" else None,
        started_by=task.get("startedBy", ""),
    )
