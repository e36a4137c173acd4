"""The services of one ECS cluster: looks that share calls, and the one call that rolls."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from deployctl.adapters.aws.clients import code_of, member, translated
from deployctl.adapters.aws.ecs_facts import Answer, fleet_of, running_of, stopped_of
from deployctl.adapters.aws.source import Source
from deployctl.adapters.aws.tasks import described, listed
from deployctl.model.errors import DeployError, Refused, Unanswered
from deployctl.model.event import Notice
from deployctl.model.rollout import Fleet, RunningTask, ServiceDeployment, StoppedTask
from deployctl.ports.clock import Clock
from deployctl.ports.screen import Tell

_AT_ONCE = 10  # DescribeServices takes no more names
_FRESH = 0.5  # seconds: all looks of one tick of the engine fall into it
_USUAL_DRAIN = 300  # the default of a target group
_ENDING = {"STOPPED", "DEPROVISIONING", "STOPPING"}


class EcsFleets:
    """Serves a fixed set of services; one DescribeServices answers for up to ten of them."""

    def __init__(
        self,
        *,
        source: Source,
        cluster: str,
        services: Sequence[str],
        clock: Clock,
        tell: Tell,
    ) -> None:
        self._source = source
        self._cluster = cluster
        self._served = list(dict.fromkeys(services))
        self._clock = clock
        self._tell = tell
        self._looks: dict[str, tuple[float, Fleet]] = {}
        self._drains: dict[str, int] = {}
        self._blind_to_records = False

    @property
    def _ecs(self) -> Any:
        return self._source.client("ecs")

    def look(self, service: str, *, fresh: bool = False) -> Fleet:
        """One service, from a look of this tick if there is one."""
        at, fleet = self._looks.get(service, (float("-inf"), Fleet(service=service)))
        if not fresh and self._clock.elapsed() - at < _FRESH:
            return fleet
        if service not in self._served:
            self._served.append(service)
        names = [service] if fresh else self._served
        for start in range(0, len(names), _AT_ONCE):
            self._describe(names[start : start + _AT_ONCE])
        return self._looks[service][1]

    def _describe(self, names: Sequence[str]) -> None:
        try:
            with translated(f"look at the services of cluster {self._cluster}"):
                answer = self._ecs.describe_services(cluster=self._cluster, services=list(names))
        except Refused as error:
            if code_of(error) == "ClusterNotFoundException":
                error.hint = (
                    f"There is no ECS cluster {self._cluster} in {self._source.region}: correct"
                    " `cluster:` or `region:` of the environment."
                )
            raise
        now = self._clock.elapsed()
        found = {each["serviceName"]: fleet_of(each) for each in member(answer, "services")}
        for name in names:
            fleet = found.get(name, Fleet(service=name, status="MISSING"))
            self._looks[name] = (now, fleet)

    def names(self) -> tuple[str, ...]:
        """Up to a hundred names; () when they may not be listed."""
        try:
            with translated("list the services"):
                answer = self._ecs.list_services(cluster=self._cluster, maxResults=100)
        except DeployError:  # they only make a complaint more helpful
            return ()
        return tuple(arn.rpartition("/")[2] for arn in member(answer, "serviceArns"))

    def drain_seconds(self, fleet: Fleet) -> int:
        """Read from the target groups; the default where that is not allowed."""
        return max((self._drain(arn) for arn in fleet.target_groups), default=0)

    def _drain(self, arn: str) -> int:
        if arn not in self._drains:
            self._drains[arn] = self._read_drain(arn)
        return self._drains[arn]

    def _read_drain(self, arn: str) -> int:
        try:
            with translated("read the deregistration delay"):
                answer = self._source.client("elbv2").describe_target_group_attributes(
                    TargetGroupArn=arn
                )
        except DeployError:  # an estimate with the usual value is better than no plan
            return _USUAL_DRAIN
        found = {each["Key"]: each["Value"] for each in answer.get("Attributes", ())}
        return int(found.get("deregistration_delay.timeout_seconds", _USUAL_DRAIN))

    def shift(
        self, service: str, revision: str, *, desired: int | None = None, anew: bool = False
    ) -> Fleet:
        """UpdateService with the task definition, and nothing else unless asked."""
        count = {} if desired is None else {"desiredCount": desired}
        force = {"forceNewDeployment": True} if anew else {}
        self._looks.pop(service, None)
        with translated(f"roll {service}"):
            answer = self._ecs.update_service(
                cluster=self._cluster, service=service, taskDefinition=revision, **count, **force
            )
        return fleet_of(member(answer, "service"))

    def running(self, service: str) -> tuple[RunningTask, ...]:
        """Tasks with the desired status RUNNING, all pages."""
        return tuple(running_of(each) for each in self._tasks(service, "RUNNING"))

    def stopped(self, service: str) -> tuple[StoppedTask, ...]:
        """Tasks that ended, or whose end is certain and only their network is still put away."""
        return tuple(
            stopped_of(each)
            for each in self._tasks(service, "STOPPED")
            if each.get("lastStatus") in _ENDING and each.get("stopCode", each.get("stoppedReason"))
        )

    def _tasks(self, service: str, status: str) -> tuple[Answer, ...]:
        with translated(f"look at the tasks of {service}"):
            arns = listed(
                self._ecs, cluster=self._cluster, serviceName=service, desiredStatus=status
            )
            return described(self._ecs, self._cluster, arns)

    def service_deployment(self, arn: str) -> ServiceDeployment | None:
        """By its ARN; None where ECS keeps no such records or we may not read them."""
        answer = self._record(
            lambda: self._ecs.describe_service_deployments(serviceDeploymentArns=[arn])
        )
        found = (answer or {}).get("serviceDeployments", ())
        return _record_of(found[0]) if found else None

    def service_deployment_of(
        self, service: str, revision: str, since: datetime
    ) -> ServiceDeployment | None:
        """The oldest record since then whose target service revision has that task definition."""
        answer = self._record(
            lambda: self._ecs.list_service_deployments(
                cluster=self._cluster, service=service, createdAt={"after": since}, maxResults=20
            )
        )
        for brief in reversed((answer or {}).get("serviceDeployments", ())):
            target = brief.get("targetServiceRevisionArn", "")
            if target and self._definition_of(target) == revision:
                return self.service_deployment(brief["serviceDeploymentArn"])
        return None

    def _definition_of(self, service_revision: str) -> str:
        answer = self._record(
            lambda: self._ecs.describe_service_revisions(serviceRevisionArns=[service_revision])
        )
        found = (answer or {}).get("serviceRevisions", ())
        return str(found[0].get("taskDefinition", "")) if found else ""

    def _record(self, ask: Callable[[], Answer]) -> Answer | None:
        """Older IAM policies lack these calls and emulators the API: judge without them then."""
        if self._blind_to_records:
            return None
        try:
            with translated("read the service deployment"):
                return ask()
        except Unanswered:
            raise
        except Refused as error:
            self._blind_to_records = True
            if "AccessDenied" in code_of(error):
                text = "The role may not call ecs:DescribeServiceDeployments"
                self._tell(Notice(text=f"{text}; judging by the deployment id", warning=True))
            return None


def _record_of(answer: Answer) -> ServiceDeployment:
    return ServiceDeployment(
        arn=answer["serviceDeploymentArn"],
        status=answer.get("status", ""),
        reason=answer.get("statusReason", "") or (answer.get("rollback") or {}).get("reason", ""),
    )
