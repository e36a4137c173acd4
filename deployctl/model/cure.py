"""The cure for a failed start: which setting to change and what to run next."""

import re
from collections import Counter
from dataclasses import dataclass

from deployctl.model.blame import culprit
from deployctl.model.rollout import ServiceEvent, StoppedTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that is known when a service or a task failed."""

    service: str
    container: str
    image: str = ""
    log_group: str = ""
    stopped: tuple[StoppedTask, ...] = ()
    events: tuple[ServiceEvent, ...] = ()
    log: tuple[str, ...] = ()
    is_job: bool = False

    @property
    def text(self) -> str:
        """Everything that ECS said. Not the log: an application may write any word."""
        reasons = [t.reason for t in self.stopped]
        inner = [c.reason for t in self.stopped for c in t.containers]
        return "\n".join([*reasons, *inner, *(e.text for e in self.events)])

    @property
    def exits(self) -> tuple[int, ...]:
        """The exit codes of the containers to blame, most frequent first."""
        guilty = [found for task in self.stopped if (found := culprit(task))]
        codes = Counter(each.exit_code for each in guilty if each.exit_code is not None)
        return tuple(code for code, _ in codes.most_common())


_CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"exec format error|no matching manifest|image Manifest does not contain descriptor",
        (
            "The image is built for another processor. Build it for the task definition's"
            " runtimePlatform.cpuArchitecture (docker buildx build --platform linux/amd64 or"
            " linux/arm64), or change runtimePlatform."
        ),
    ),
    (
        (
            r"(pull|ecr:|registry auth).*(AccessDenied|not authorized|403)|(AccessDenied|not"
            r" authorized).*ecr:"
        ),
        (
            "The task's execution role may not pull the image: give executionRoleArn the policy"
            " AmazonECSTaskExecutionRolePolicy."
        ),
    ),
    (
        r"unable to (pull|retrieve) secret|secretsmanager|ssm:GetParameter|retrieve secret",
        (
            "A secret of the task definition cannot be read: check the name under `secrets`"
            " (valueFrom), and that executionRoleArn may call secretsmanager:GetSecretValue or"
            " ssm:GetParameters on it (and kms:Decrypt)."
        ),
    ),
    (
        r"failed container health checks",
        (
            "The container's own health check failed: check healthCheck.command and raise"
            " healthCheck.startPeriod in the task definition. Then: {logs}"
        ),
    ),
    (
        r"health checks",
        (
            "The load balancer got no good answer: check the target group's health check path and"
            " port, and raise healthCheckGracePeriodSeconds of the service if the start is slow."
            " Then: {logs}"
        ),
    ),
    (
        r"(CannotPull|pull image|registry).*(timeout|connection refused|no route|no such host)",
        (
            "The task cannot reach the image registry: its subnets need a NAT gateway, a public IP"
            " (assignPublicIp), or VPC endpoints for ecr.api, ecr.dkr and s3."
        ),
    ),
    (
        r"CannotPullContainer|manifest unknown|unable to pull image|image digest resolution",
        (
            "The image cannot be pulled: does it still exist? aws ecr describe-images"
            " --repository-name {repository} --image-ids imageDigest={digest}"
        ),
    ),
    (
        r"log (group|stream|driver)|CreateLogStream|ResourceNotFoundException.*logs",
        (
            "The log group cannot be used: create it (aws logs create-log-group"
            " --log-group-name {log_group}) or set awslogs-create-group and let executionRoleArn"
            " create it."
        ),
    ),
    (
        r"OutOfMemory",
        (
            "The container used more memory than it may: raise `memory` of container {container}"
            " (and of the task) in the task definition."
        ),
    ),
    (
        r"unable to stop or start tasks during a deployment",
        (
            "ECS may neither start nor stop a task: raise deploymentConfiguration.maximumPercent or"
            " lower minimumHealthyPercent of the service."
        ),
    ),
    (
        r"unable to place a task|Capacity is unavailable|capacity limit|RESOURCE:",
        (
            "There is no room for another task: add capacity to the cluster, lower cpu or memory of"
            " the task definition, or use another capacity provider or more subnets."
        ),
    ),
    (
        r"failed to assume role|misconfigured",
        (
            "ECS may not use a task's role: check executionRoleArn and taskRoleArn, and that they"
            " trust ecs-tasks.amazonaws.com."
        ),
    ),
    (
        r"alarm",
        (
            "A CloudWatch alarm of the service's deploymentConfiguration.alarms went off: look at"
            " it, it may have seen a real fault."
        ),
    ),
)

_EXITS = {
    0: "The process of container {container} ended by itself, without an error: a service must stay"
    " in the foreground. Check `command` and `entryPoint`.",
    126: "The command of container {container} cannot be executed: check its file mode and"
    " `entryPoint`.",
    127: "The command of container {container} was not found in the image: check `command` and"
    " `entryPoint`.",
    137: "Container {container} was killed (exit code 137), mostly for memory: raise `memory` in"
    " the task definition. Then: {logs}",
    139: "Container {container} crashed in native code (exit code 139): a library built for"
    " another platform? Then: {logs}",
    143: "Container {container} was asked to stop (exit code 143) while it started: a health check"
    " that gives up too early? Raise healthCheckGracePeriodSeconds.",
}

_START = (
    "Container {container} ended with exit code {code} soon after its start: read its last lines;"
    " a missing variable or secret, or a database that does not answer, is the usual cause."
    " More: {logs}"
)
_JOB = (
    "The command failed in container {container} with exit code {code}: read its last lines, mend"
    " it and release again. More: {logs}"
)


def hint(scene: Scene) -> str:
    """The setting to change and the next command, from the first cause that fits, or ""."""
    # the one cause that only the container itself can tell
    text = "\n".join([scene.text, *(line for line in scene.log if "exec format error" in line)])
    cure = next((c for pattern, c in _CAUSES if re.search(pattern, text, re.IGNORECASE)), "")
    if not cure and scene.exits:
        usual = _JOB if scene.is_job else _START
        cure = _EXITS.get(scene.exits[0], usual).replace("{code}", str(scene.exits[0]))
    return _filled(cure, scene)


def _filled(cure: str, scene: Scene) -> str:
    name, _, digest = scene.image.partition("@")
    values = {
        "container": scene.container,
        "digest": digest or "…",
        "repository": name.partition("/")[2] or name,
        "log_group": scene.log_group or "…",
        "logs": f"aws logs tail {scene.log_group} --since 30m"
        if scene.log_group
        else f"read the log of container {scene.container}",
    }
    for key, value in values.items():
        cure = cure.replace("{" + key + "}", value)
    return cure
