"""Waits until the ECS services of a fresh stack run, and says why they do not."""

from collections.abc import Iterable
from typing import Any

from deployctl.adapters.aws.clients import Clients, translated
from deployctl.model.errors import CheckFailed
from deployctl.sandbox.patience import until


def await_services(aws: Clients, arns: Iterable[str], *, patience: float) -> None:
    """Come back when every service runs as many tasks as it wants.

    A service that does not get there is set to no tasks (a first deployment is tried again
    without end or pause otherwise). Raises CheckFailed with why its tasks stopped.
    """
    waiting = list(arns)

    def all_run() -> bool:
        waiting[:] = [arn for arn in waiting if not _runs(aws, arn)]
        return not waiting

    if until(all_run, seconds=patience, pause=0.2):
        return
    reasons = [f"{_name(arn)}: {_why_stopped(aws, arn)}" for arn in waiting]
    for arn in waiting:
        with translated(f"stop the service {_name(arn)}"):
            aws.client("ecs").update_service(cluster=_cluster(arn), service=arn, desiredCount=0)
    raise CheckFailed(
        f"not running after {patience:g} s (set to 0 tasks now): {'; '.join(reasons)}",
        hint="Check the image, command and port of the task definition in the template.",
    )


def _runs(aws: Clients, arn: str) -> bool:
    with translated(f"look at the service {_name(arn)}"):
        answer = aws.client("ecs").describe_services(cluster=_cluster(arn), services=[arn])
    return all(
        one["runningCount"] == one["desiredCount"] and one["pendingCount"] == 0
        for one in answer["services"]
    )


def _why_stopped(aws: Clients, arn: str) -> str:
    """Why the newest stopped task of a service ended."""
    ecs, cluster = aws.client("ecs"), _cluster(arn)
    with translated(f"look at the tasks of {_name(arn)}"):
        stopped = ecs.list_tasks(cluster=cluster, serviceName=_name(arn), desiredStatus="STOPPED")
        newest = stopped["taskArns"][-1:]
        if not newest:
            return "no task was started"
        task: dict[str, Any] = ecs.describe_tasks(cluster=cluster, tasks=newest)["tasks"][0]
    codes = [
        f"{one['name']} ended with {one['exitCode']}"
        for one in task["containers"]
        if "exitCode" in one
    ]
    return ", ".join([str(task.get("stoppedReason", "")), *codes])


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _cluster(arn: str) -> str:
    # arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
    return arn.split("/")[-2]
