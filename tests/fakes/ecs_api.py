"""The API calls that the simulated ECS answers."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.fakes.ecs_parts import ACCOUNT, SimService, SimTask
from tests.fakes.ecs_shapes import service_shape, task_shape
from tests.fakes.ecs_world import World

Answer = dict[str, Any]


def refusal(operation: str, code: str, text: str = "", status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": text or code},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item] # only this member is read
        },
        operation,
    )


class Api:
    """One method an operation, named as boto3 names it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def describe_services(self, *, services: list[str], **_: Any) -> Answer:
        if len(services) > 10:
            raise refusal("DescribeServices", "InvalidParameterException", "more than 10")
        known = self._world.services
        return {
            "services": [service_shape(self._world, known[n]) for n in services if n in known],
            "failures": [
                {"arn": f"{ACCOUNT}:service/shop/{n}", "reason": "MISSING"}
                for n in services
                if n not in known
            ],
        }

    def list_services(self, **_: Any) -> Answer:
        return {"serviceArns": [f"{ACCOUNT}:service/shop/{n}" for n in self._world.services]}

    def update_service(self, *, service: str, **how: Any) -> Answer:
        found = self._service("UpdateService", service)
        revision = how.get("taskDefinition", found.primary.revision)
        if self._world.aws and self._status(revision) != "ACTIVE":
            raise refusal("UpdateService", "ClientException", "TaskDefinition is inactive")
        found.desired = how.get("desiredCount", found.desired)
        if revision != found.primary.revision or how.get("forceNewDeployment"):
            self._world.deploy(found, revision)
        return {"service": service_shape(self._world, found)}

    def _service(self, operation: str, name: str) -> SimService:
        if name not in self._world.services:
            raise refusal(operation, "ServiceNotFoundException", "Service not found.")
        return self._world.services[name]

    def _status(self, revision: str) -> str:
        return str(self._world.revisions.get(revision, {}).get("status", "MISSING"))

    def describe_task_definition(self, *, taskDefinition: str, **_: Any) -> Answer:  # noqa: N803 - AWS's name
        if taskDefinition not in self._world.revisions:
            raise refusal("DescribeTaskDefinition", "ClientException", "Unable to describe.")
        return {
            "taskDefinition": self._world.revisions[taskDefinition],
            "tags": self._world.tags.get(taskDefinition, []),
        }

    def list_task_definitions(self, *, familyPrefix: str, **how: Any) -> Answer:  # noqa: N803 - AWS's name
        arns = [
            arn
            for arn, body in self._world.revisions.items()
            if body["family"] == familyPrefix and body["status"] == how.get("status", "ACTIVE")
        ]
        return {"taskDefinitionArns": arns[::-1][: how.get("maxResults", 100)]}

    def register_task_definition(self, *, tags: list[dict[str, str]], **body: Any) -> Answer:
        family = body["family"]
        number = 1 + sum(b["family"] == family for b in self._world.revisions.values())
        arn = f"{ACCOUNT}:task-definition/{family}:{number}"
        self._world.revisions[arn] = {
            **body,
            "taskDefinitionArn": arn,
            "revision": number,
            "status": "ACTIVE",
            "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"}],
            "compatibilities": ["EC2", "FARGATE"],
            "registeredAt": self._world.at(),
            "registeredBy": "arn:aws:iam::111111111111:role/ci",
        }
        self._world.tags[arn] = tags
        return {"taskDefinition": self._world.revisions[arn], "tags": tags}

    def list_tasks(self, **how: Any) -> Answer:
        if "startedBy" in how and "serviceName" in how:
            raise refusal("ListTasks", "InvalidParameterException", "startedBy stands alone")
        arns = [t.arn for t in self._world.tasks.values() if self._matches(t, how)]
        start = int(how.get("nextToken", 0))
        page: Answer = {"taskArns": arns[start : start + 100]}
        return page | ({"nextToken": str(start + 100)} if len(arns) > start + 100 else {})

    def _matches(self, task: SimTask, how: Mapping[str, Any]) -> bool:
        return (
            task.wanted == how.get("desiredStatus", "RUNNING")
            and how.get("startedBy", task.started_by) == task.started_by
            and f"service:{how.get('serviceName')}" in {task.group, "service:None"}
        )

    def describe_tasks(self, *, tasks: list[str], **_: Any) -> Answer:
        if len(tasks) > 100:
            raise refusal("DescribeTasks", "InvalidParameterException", "more than 100")
        known = self._world.tasks
        return {
            "tasks": [task_shape(self._world, known[a]) for a in tasks if a in known],
            "failures": [{"arn": a, "reason": "MISSING"} for a in tasks if a not in known],
        }

    def run_task(self, **how: Any) -> Answer:
        world, token = self._world, how.get("clientToken", "")
        if world.aws and token in world.tokens:
            known, arn = world.tasks.get(world.tokens[token]), world.tokens[token]
            first = task_shape(world, known) if known else {"taskArn": arn}  # long forgotten
            return {"tasks": [first], "failures": []}
        if self._status(how["taskDefinition"]) != "ACTIVE":
            raise refusal("RunTask", "ClientException", "TaskDefinition is inactive")
        if world.full:
            return {"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time"}]}
        container = how["overrides"]["containerOverrides"][0]["name"]
        task = world.start(
            how["taskDefinition"],
            group="family:job" if world.aws else "",
            started_by=how.get("startedBy", ""),
            container=container,
        )
        world.tokens[token] = task.arn
        return {"tasks": [task_shape(world, task)], "failures": []}

    def describe_service_deployments(self, *, serviceDeploymentArns: list[str]) -> Answer:  # noqa: N803 - AWS's name
        found = [self._world.records[a] for a in serviceDeploymentArns if a in self._world.records]
        shapes = [
            {
                "serviceDeploymentArn": r.arn,
                "status": r.status,
                "statusReason": r.reason,
                "createdAt": r.created,
            }
            for r in found
        ]
        return {"serviceDeployments": shapes, "failures": []}

    def list_service_deployments(self, *, service: str, **how: Any) -> Answer:
        after = how.get("createdAt", {}).get("after")
        shapes = [
            {
                "serviceDeploymentArn": r.arn,
                "status": r.status,
                "createdAt": r.created,
                "targetServiceRevisionArn": f"revision-of {r.revision}",
            }
            for r in self._world.records.values()
            if r.service == service and (after is None or r.created >= after)
        ]
        return {"serviceDeployments": shapes[::-1]}

    def describe_service_revisions(self, *, serviceRevisionArns: list[str]) -> Answer:  # noqa: N803 - AWS's name
        revision = serviceRevisionArns[0].removeprefix("revision-of ")
        return {"serviceRevisions": [{"taskDefinition": revision}], "failures": []}

    def describe_target_group_attributes(self, **_: Any) -> Answer:
        return {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]}

    def get_log_events(self, *, logStreamName: str, **how: Any) -> Answer:  # noqa: N803 - AWS's name
        tasks = [t for t in self._world.tasks.values() if t.id == logStreamName.rpartition("/")[2]]
        if not tasks or not tasks[0].ready:
            raise refusal("GetLogEvents", "ResourceNotFoundException", "no such stream")
        lines = tasks[0].behaviour.logs
        start = int(how.get("nextToken", "f/0").rpartition("/")[2])
        if not how.get("startFromHead"):
            start = max(0, len(lines) - how.get("limit", 10_000))
        return {
            "events": [{"message": line} for line in lines[start:]],
            "nextForwardToken": f"f/{len(lines)}",
        }
