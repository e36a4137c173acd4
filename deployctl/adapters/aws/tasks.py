"""One-off tasks on ECS, and the paging that all task lists need."""

from collections.abc import Sequence
from typing import Any

from deployctl.adapters.aws.clients import code_of, member, translated
from deployctl.adapters.aws.ecs_facts import Answer, one_off_of
from deployctl.adapters.aws.source import Source
from deployctl.model.errors import Refused, Unanswered
from deployctl.model.rollout import OneOff
from deployctl.ports.platform import Errand

_AT_ONCE = 100  # DescribeTasks takes no more ARNs


def listed(ecs: Any, **filters: str) -> tuple[str, ...]:
    """Task ARNs of all pages. ECS refuses `startedBy` together with most other filters."""
    arns: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = ecs.list_tasks(**filters, **token)
        arns.extend(member(answer, "taskArns"))
        if not answer.get("nextToken"):
            return tuple(arns)
        token = {"nextToken": answer["nextToken"]}


def described(ecs: Any, cluster: str, arns: Sequence[str]) -> tuple[Answer, ...]:
    """The tasks of those ARNs that ECS still knows."""
    found: list[Answer] = []
    for start in range(0, len(arns), _AT_ONCE):
        page = list(arns[start : start + _AT_ONCE])
        found.extend(member(ecs.describe_tasks(cluster=cluster, tasks=page), "tasks"))
    return tuple(found)


class EcsTasks:
    """Runs and finds one-off tasks of one cluster."""

    def __init__(self, *, source: Source, cluster: str) -> None:
        self._source = source
        self._cluster = cluster

    @property
    def _ecs(self) -> Any:
        return self._source.client("ecs")

    def run(self, errand: Errand) -> OneOff:
        """RunTask, once for a key: ECS returns the same task for the same `clientToken`."""
        override = {
            "name": errand.container,
            "command": list(errand.command),
            "environment": [{"name": k, "value": v} for k, v in errand.environment.items()],
        }
        try:
            with translated(f"run a task of {errand.revision.rpartition('/')[2]}"):
                answer = self._ecs.run_task(
                    cluster=self._cluster,
                    taskDefinition=errand.revision,
                    count=1,
                    clientToken=errand.once or errand.token,
                    startedBy=errand.token,
                    overrides={"containerOverrides": [override]},
                    tags=[{"key": k, "value": v} for k, v in errand.tags.items()],
                    **errand.launch,
                )
        except Refused as error:
            return self._already(errand, error)
        return _placed(answer)

    def _already(self, errand: Errand, error: Refused) -> OneOff:
        """A token used before with other details still means: this task was started."""
        there = self.started_by(errand.token) if code_of(error) == "ConflictException" else ()
        if not there:
            raise error
        return there[0]

    def started_by(self, token: str) -> tuple[OneOff, ...]:
        """Running ones first, then stopped ones that ECS still remembers."""
        with translated("look for a task"):
            arns = [
                arn
                for status in ("RUNNING", "STOPPED")
                for arn in listed(
                    self._ecs, cluster=self._cluster, startedBy=token, desiredStatus=status
                )
            ]
            found = described(self._ecs, self._cluster, arns)
        return tuple(one_off_of(each) for each in found)

    def get(self, arn: str) -> OneOff | None:
        """The task now; None when ECS does not describe it."""
        with translated("look at a task"):
            found = described(self._ecs, self._cluster, [arn])
        return one_off_of(found[0]) if found else None


def _placed(answer: Answer) -> OneOff:
    tasks = answer.get("tasks", ())
    if tasks:
        return one_off_of(tasks[0])
    failures = answer.get("failures", ())
    if not failures:
        raise Unanswered("RunTask said neither which task it started nor why it did not")
    said = ", ".join(
        f"{each.get('reason', 'unknown')} {each.get('detail', '')}".strip() for each in failures
    )
    raise Refused(
        f"ECS could not place the task: {said}",
        hint="Check the capacity of the cluster, and the service's subnets and launch type.",
    )
