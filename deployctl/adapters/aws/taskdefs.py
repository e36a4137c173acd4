"""Task definition revisions on ECS."""

from collections.abc import Iterator, Mapping
from typing import Any

from deployctl.adapters.aws.clients import member, translated
from deployctl.adapters.aws.ecs_facts import Answer
from deployctl.adapters.aws.source import Source
from deployctl.model.taskdef import Body, Definition, registrable

_NEWEST = 20


class EcsDefinitions:
    """Reads and registers revisions. Which members travel comes from the service model."""

    def __init__(self, *, source: Source) -> None:
        self._source = source
        self._known: dict[str, Definition] = {}

    @property
    def _ecs(self) -> Any:
        return self._source.client("ecs")

    def get(self, arn: str) -> Definition:
        """DescribeTaskDefinition with tags: they would be lost otherwise."""
        with translated(f"read task definition {arn.rpartition('/')[2]}"):
            answer = self._ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
        found = self._definition(member(answer, "taskDefinition"), answer.get("tags", ()))
        self._known[found.arn] = found
        return found

    def newest(self, family: str) -> Iterator[Definition]:
        """The newest ACTIVE ones; what a revision contains never changes, so it is read once."""
        with translated(f"list the revisions of {family}"):
            answer = self._ecs.list_task_definitions(
                familyPrefix=family, status="ACTIVE", sort="DESC", maxResults=_NEWEST
            )
        for arn in member(answer, "taskDefinitionArns"):
            yield self._known[arn] if arn in self._known else self.get(arn)

    def register(self, body: Body, tags: Mapping[str, str]) -> Definition:
        """RegisterTaskDefinition: every call makes a revision."""
        marks = [{"key": key, "value": value} for key, value in tags.items()]
        with translated(f"register a revision of {body.get('family')}"):
            answer = self._ecs.register_task_definition(**body, tags=marks)
        return self._definition(member(answer, "taskDefinition"), answer.get("tags", marks))

    def _definition(self, answer: Answer, tags: Any) -> Definition:
        model = self._ecs.meta.service_model.operation_model("RegisterTaskDefinition")
        return Definition(
            arn=answer["taskDefinitionArn"],
            family=answer["family"],
            active=answer.get("status", "ACTIVE") == "ACTIVE",
            body=registrable(answer, tuple(model.input_shape.members)),
            tags={each["key"]: each.get("value", "") for each in tags},
        )
