"""How the simulated ECS writes its things down: the shapes of the AWS API."""

from typing import Any

from tests.fakes.ecs_parts import ACCOUNT, SimDeployment, SimService, SimTask
from tests.fakes.ecs_world import World


def service_shape(world: World, service: SimService) -> dict[str, Any]:
    tasks = [t for t in world.of(service) if t.live]
    shape: dict[str, Any] = {
        "serviceArn": f"{ACCOUNT}:service/shop/{service.name}",
        "serviceName": service.name,
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": sum(t.status == "RUNNING" for t in tasks),
        "pendingCount": sum(t.status != "RUNNING" for t in tasks),
        "taskDefinition": service.primary.revision,
        "deploymentConfiguration": {
            "minimumHealthyPercent": service.min_percent,
            "maximumPercent": service.max_percent,
            "strategy": service.strategy,
        },
        "deployments": [deployment_shape(world, service, d) for d in service.deployments],
        "events": service.events,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        "loadBalancers": [],
        "deploymentController": {"type": service.controller},
        "createdAt": world.at(0),
    }
    if service.target_group:
        shape["loadBalancers"] = [
            {
                "targetGroupArn": service.target_group,
                "containerName": service.container,
                "containerPort": 8080,
            }
        ]
    records = [r for r in world.records.values() if r.service == service.name]
    if records:
        shape["currentServiceDeployment"] = records[0 if world.stale_record else -1].arn
    return shape


def deployment_shape(world: World, service: SimService, each: SimDeployment) -> dict[str, Any]:
    tasks = [t for t in world.of(service, each) if t.status != "STOPPED"]
    return {
        "id": each.id,
        "status": each.status,
        "taskDefinition": each.revision,
        "desiredCount": service.desired if each.status == "PRIMARY" else 0,
        "runningCount": sum(t.status == "RUNNING" for t in tasks),
        "pendingCount": sum(t.status != "RUNNING" for t in tasks),
        "failedTasks": each.failures,
        "rolloutState": each.state,
        "rolloutStateReason": each.reason,
        "createdAt": world.at(each.created),
        "updatedAt": world.at(),
    }


def task_shape(world: World, task: SimTask) -> dict[str, Any]:
    digest = task.behaviour.reported or task.image.partition("@")[2]
    container: dict[str, Any] = {
        "name": task.container,
        "image": task.image,
        "lastStatus": task.status,
        "healthStatus": "UNKNOWN",
    }
    shape: dict[str, Any] = {
        "taskArn": task.arn,
        "taskDefinitionArn": task.revision,
        "group": task.group,
        "startedBy": task.started_by,
        "lastStatus": task.status,
        "desiredStatus": task.wanted,
        "healthStatus": "UNKNOWN",
        "createdAt": world.at(task.born),
        "containers": [container],
    }
    if task.ready:
        shape["startedAt"] = world.at(task.ready)
        if digest:
            container["imageDigest"] = digest
    if task.status == "STOPPED":
        shape |= {"stopCode": task.code, "stoppedReason": task.reason}
        shape["stoppedAt"] = world.at(task.ended)
        if task.exit is not None:
            container["exitCode"] = task.exit
        if task.why:
            container["reason"] = task.why
    return shape
