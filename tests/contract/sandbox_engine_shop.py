"""A service behind a load balancer on the contract tests' embedded cloud."""

import sys
from pathlib import Path
from typing import Any

from tests.contract.sandbox_engine_cloud import SERVER, Cloud, until

CLUSTER, SERVICE, FAMILY = "shop", "shop", "shop"
FILES = {"app/server.py": SERVER}


def mounts(backend: str) -> dict[str, Any]:
    """Real containers borrow this machine's Python through read-only mounts: no base image."""
    if backend == "processes":
        return {"volumes": [], "points": []}
    places = [p for p in ("/usr", "/lib", "/lib64", "/bin", sys.base_prefix) if Path(p).exists()]
    return {
        "volumes": [{"name": f"v{n}", "host": {"sourcePath": p}} for n, p in enumerate(places)],
        "points": [
            {"sourceVolume": f"v{n}", "containerPath": p, "readOnly": True}
            for n, p in enumerate(places)
        ],
    }


def python(backend: str) -> str:
    """How a task calls Python."""
    return "python3" if backend == "processes" else f"{sys.base_prefix}/bin/python3"


class Shop:
    """One cluster, one load balancer, one service of three tasks."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.ecs = cloud.client("ecs")

    def register(self, image: str, version: str, *, code: str = "", **more: Any) -> str:
        """Register a task definition; `code` runs instead of the server. Its ARN."""
        borrowed = mounts(self.cloud.backend)
        interpreter = python(self.cloud.backend)
        container = {
            "name": "web",
            "image": image,
            "memory": 128,
            "entryPoint": [interpreter, "-c", code] if code else [interpreter, "server.py"],
            "workingDirectory": "/app",
            "environment": [{"name": "VERSION", "value": version}],
            "portMappings": [{"containerPort": 8080}],
            "mountPoints": borrowed["points"],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/shop",
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": "t",
                    "awslogs-create-group": "true",
                },
            },
            **more,
        }
        answer = self.ecs.register_task_definition(
            family=FAMILY,
            networkMode="awsvpc",
            volumes=borrowed["volumes"],
            containerDefinitions=[container],
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def open(self, revision: str) -> str:
        """Create everything and wait for three tasks; the Host header of the load balancer."""
        elb = self.cloud.client("elbv2")
        self.ecs.create_cluster(clusterName=CLUSTER)
        balancer = elb.create_load_balancer(Name="shop", Subnets=["subnet-1"])["LoadBalancers"][0]
        group = elb.create_target_group(
            Name="shop",
            Protocol="HTTP",
            Port=8080,
            VpcId="vpc-1",
            TargetType="ip",
            HealthCheckPath="/healthz",
            Matcher={"HttpCode": "200-299"},
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        self.ecs.create_service(
            cluster=CLUSTER,
            serviceName=SERVICE,
            taskDefinition=revision,
            desiredCount=3,
            loadBalancers=[
                {"targetGroupArn": group, "containerName": "web", "containerPort": 8080}
            ],
            deploymentConfiguration={
                "minimumHealthyPercent": 100,
                "maximumPercent": 200,
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            },
        )
        self.settled(revision)
        return "shop.alb.localhost"

    def roll(self, revision: str) -> str:
        """Start a deployment; its id."""
        answer = self.ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=revision)[
            "service"
        ]
        return str(next(d["id"] for d in answer["deployments"] if d["status"] == "PRIMARY"))

    def settled(self, revision: str, seconds: float = 20.0) -> None:
        """Wait until the service runs three tasks of the revision and nothing else."""
        until(lambda: self._is_settled(revision), seconds)

    def describe(self) -> dict[str, Any]:
        """The service as it is now."""
        found = self.ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
        return dict(found)

    def tasks(self, status: str, **chosen: Any) -> list[dict[str, Any]]:
        """Tasks with a desired status."""
        arns = self.ecs.list_tasks(cluster=CLUSTER, desiredStatus=status, **chosen)["taskArns"]
        if not arns:
            return []
        return list(self.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"])

    def run(self, revision: str, **overrides: Any) -> dict[str, Any]:
        """Run a one-off task to its end."""
        arn = self.ecs.run_task(
            cluster=CLUSTER,
            taskDefinition=revision,
            overrides={"containerOverrides": [{"name": "web", **overrides}]},
        )["tasks"][0]["taskArn"]
        return dict(until(lambda: self._stopped(arn)))

    def log(self, task: str) -> list[str]:
        """A task's lines in CloudWatch Logs."""
        logs = self.cloud.client("logs")
        stream = f"t/web/{task.rsplit('/', 1)[-1]}"
        events = logs.get_log_events(
            logGroupName="/shop", logStreamName=stream, startFromHead=True
        )["events"]
        return [event["message"] for event in events]

    def _stopped(self, arn: str) -> dict[str, Any] | None:
        task = self.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]
        return task if task["lastStatus"] == "STOPPED" else None

    def _is_settled(self, revision: str) -> bool:
        service = self.describe()
        live = [d for d in service["deployments"] if d["runningCount"] or d["status"] == "PRIMARY"]
        return (
            service["runningCount"] == 3
            and len(live) == 1
            and live[0]["taskDefinition"] == revision
            and live[0]["rolloutState"] == "COMPLETED"
        )
