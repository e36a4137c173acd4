"""Asks the embedded cloud what its create call left out: the task's definition and its service."""

import html
import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from deployctl.sandbox.engine.wire import Refusal

_ECS = "AmazonEC2ContainerServiceV20141113"
_LABEL = "com.amazonaws.ecs."


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One container of one ECS task, as its labels and its task definition tell it."""

    arn: str
    cluster: str
    container: str
    service: str = ""  # "" for a task of nobody (RunTask)
    entry_point: tuple[str, ...] | None = None
    working_dir: str = ""
    stop_timeout: int | None = None
    health: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How a target group asks whether a target is well; no path means a TCP connect."""

    port: int
    path: str = ""
    matcher: str = "200"
    timeout: float = 5.0


class Cloud:
    """The embedded cloud's own API on 127.0.0.1:`port`; its calls need no valid signature.

    Every method raises Refusal 500 with the reason: a wrong guess would start a wrong process.
    """

    def __init__(self, port: int, *, timeout: float = 10.0) -> None:
        self.port = port
        self._timeout = timeout

    def task(self, labels: Mapping[str, str]) -> Task | None:
        """The task that a container's labels name; None when they name none."""
        arn, container = labels.get(f"{_LABEL}task-arn"), labels.get(f"{_LABEL}container-name")
        if not arn or not container:
            return None
        family = labels.get(f"{_LABEL}task-definition-family", "")
        revision = labels.get(f"{_LABEL}task-definition-version", "")
        answer = self._ecs(
            arn, "DescribeTaskDefinition", {"taskDefinition": f"{family}:{revision}"}
        )
        definition = _container(answer, container)
        cluster = labels.get(f"{_LABEL}cluster", "")
        stop_timeout = definition.get("stopTimeout")
        entry_point = definition.get("entryPoint")
        return Task(
            arn=arn,
            cluster=cluster,
            container=container,
            service=self._service(arn, cluster),
            entry_point=tuple(entry_point) if entry_point else None,
            working_dir=str(definition.get("workingDirectory") or ""),
            stop_timeout=int(stop_timeout) if stop_timeout is not None else None,
            health=tuple((definition.get("healthCheck") or {}).get("command") or ()),
            ports=tuple(int(m["containerPort"]) for m in definition.get("portMappings") or ()),
        )

    def checks(self, task: Task) -> tuple[Check, ...]:
        """The health checks of the target groups that this container serves."""
        if not task.service:
            return ()
        question = {"cluster": task.cluster, "services": [task.service]}
        services = self._ecs(task.arn, "DescribeServices", question).get("services") or [{}]
        return tuple(
            self._check(task.arn, balancer)
            for balancer in services[0].get("loadBalancers") or ()
            if balancer.get("containerName") in (None, "", task.container)
            and balancer.get("targetGroupArn")
        )

    def alive(self, labels: Mapping[str, str]) -> bool:
        """Whether the cloud still wants the task of these labels."""
        arn, cluster = labels.get(f"{_LABEL}task-arn", ""), labels.get(f"{_LABEL}cluster", "")
        answer = self._ecs(arn, "DescribeTasks", {"cluster": cluster, "tasks": [arn]})
        found = answer.get("tasks") or [{"lastStatus": "STOPPED"}]
        return str(found[0].get("lastStatus")) != "STOPPED"

    def _service(self, arn: str, cluster: str) -> str:
        answer = self._ecs(arn, "DescribeTasks", {"cluster": cluster, "tasks": [arn]})
        found = answer.get("tasks") or [{}]
        kind, _, name = str(found[0].get("group") or "").partition(":")
        return name if kind == "service" else ""

    def _check(self, arn: str, balancer: Mapping[str, Any]) -> Check:
        group = str(balancer["targetGroupArn"])
        form = {
            "Action": "DescribeTargetGroups",
            "Version": "2015-12-01",
            "TargetGroupArns.member.1": group,
        }
        xml = self._post(
            arn,
            service="elasticloadbalancing",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form),
        )
        return check_of(xml, int(balancer.get("containerPort") or 80))

    def _ecs(self, arn: str, action: str, question: Mapping[str, object]) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{_ECS}.{action}",
        }
        text = self._post(arn, service="ecs", headers=headers, body=json.dumps(question))
        answer = json.loads(text)
        return answer if isinstance(answer, dict) else {}

    def _post(self, arn: str, *, service: str, headers: dict[str, str], body: str) -> str:
        """One call in the name of the account and region of a task ARN."""
        _, _, _, region, account, *_ = (*arn.split(":"), "", "", "", "", "")
        scope = f"{account or '0' * 12}/20260101/{region or 'us-east-1'}/{service}/aws4_request"
        signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self._timeout)
        try:
            line.request("POST", "/", body=body, headers={**headers, "Authorization": signed})
            response = line.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Refusal(500, f"the sandbox's {service} API does not answer: {error}") from None
        finally:
            line.close()
        if response.status != http.HTTPStatus.OK:
            raise Refusal(
                500, f"the sandbox's {service} API answered {response.status}: {text[:300]}"
            )
        return text


def check_of(xml: str, port: int) -> Check:
    """The health check in a DescribeTargetGroups answer, for a container port."""
    own_port = _element(xml, "HealthCheckPort")
    enabled = _element(xml, "HealthCheckEnabled") != "false"
    over_http = _element(xml, "HealthCheckProtocol") in ("HTTP", "HTTPS", "")
    path = (_element(xml, "HealthCheckPath") or "/") if enabled and over_http else ""
    return Check(
        port=int(own_port) if own_port.isdigit() else port,
        path=path,
        matcher=_element(xml, "HttpCode") or "200",
        timeout=float(_element(xml, "HealthCheckTimeoutSeconds") or 5),
    )


def _element(xml: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    return html.unescape(found.group(1)).strip() if found else ""


def _container(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    definition = answer.get("taskDefinition") or {}
    for container in definition.get("containerDefinitions") or ():
        if container.get("name") == name:
            return dict(container)
    raise Refusal(500, f"the task definition has no container named {name!r}")
