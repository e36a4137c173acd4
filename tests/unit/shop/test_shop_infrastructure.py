"""The shop's stack can be made, and is what its services expect."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from tests.unit.shop.stand import SHOP, free_port, until

TEMPLATE = (SHOP / "infrastructure.yml").read_text()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an emulator that starts no container."""
    port, home = free_port(), tmp_path_factory.mktemp("cloud")
    given = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0"}
    nothing = {"DOCKER_HOST": f"unix://{home}/none.sock", "SFTP_ENABLED": "0", "HOME": str(home)}
    emulator = subprocess.Popen(
        [str(Path(sys.executable).with_name("ministack"))],
        env={"PATH": os.defpath, **given, **nothing},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: ready(f"http://127.0.0.1:{port}/_ministack/ready"), within=30)
    yield f"http://127.0.0.1:{port}"
    emulator.terminate()
    emulator.wait(20)


def ready(url: str) -> bool:
    """Whether it answers yet."""
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def client(cloud: str) -> Any:
    """Makes boto3 clients of the emulator."""

    def make(service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]  # the name is a variable here
            service,
            endpoint_url=cloud,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )

    return make


@pytest.fixture(scope="module")
def outputs(client: Any) -> dict[str, str]:
    """The outputs of the stack, made once."""
    values = {
        "PlaceholderImage": "placeholder:1",
        "DatabaseUrl": "postgresql://shop@database/shop",
        "ApiUrl": "http://127.0.0.1:1/_alb/shop",
        "Sandbox": "true",
    }
    formation = client("cloudformation")
    formation.create_stack(
        StackName="shop",
        TemplateBody=TEMPLATE,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()],
    )

    def stack() -> Any:
        return formation.describe_stacks(StackName="shop")["Stacks"][0]

    until(lambda: not stack()["StackStatus"].endswith("_IN_PROGRESS"), within=20)
    assert stack()["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack()["Outputs"]}


def test_it_tells_what_a_release_needs_to_know(outputs: dict[str, str]) -> None:
    assert outputs["ClusterName"] == outputs["AlbName"] == "shop"
    assert outputs["AlbDns"].startswith("shop-")
    assert outputs["DistributionId"]
    assert outputs["DistributionDomain"].endswith(".cloudfront.net")
    assert outputs["ApiRepositoryUri"].endswith("/shop/api")
    assert outputs["WebRepositoryUri"].endswith("/shop/web")


@pytest.mark.usefixtures("outputs")
def test_its_services_roll_without_a_gap_and_roll_back_by_themselves(client: Any) -> None:
    names = ["shop-api", "shop-web", "shop-worker"]
    services = client("ecs").describe_services(cluster="shop", services=names)["services"]
    assert [service["desiredCount"] for service in services] == [2, 2, 1]
    for service in services:
        rules = service["deploymentConfiguration"]
        assert rules["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
        assert (rules["minimumHealthyPercent"], rules["maximumPercent"]) == (100, 200)


@pytest.mark.usefixtures("outputs")
@pytest.mark.parametrize("name", ["api", "web", "worker"])
def test_its_tasks_get_their_settings_and_their_log(client: Any, name: str) -> None:
    described = client("ecs").describe_task_definition(taskDefinition=f"shop-{name}")
    [container] = described["taskDefinition"]["containerDefinitions"]
    assert (container["name"], container["image"]) == (name, "placeholder:1")
    assert container["logConfiguration"]["options"]["awslogs-group"] == f"/shop/{name}"
    if name == "web":
        expected = [{"name": "API_URL", "value": "http://127.0.0.1:1/_alb/shop"}]
        assert container["environment"] == expected
        return
    [secret] = container["secrets"]
    assert secret["name"] == "DATABASE_URL"
    stored = client("secretsmanager").get_secret_value(SecretId=secret["valueFrom"])
    assert secret["valueFrom"].startswith("arn:aws:secretsmanager:")
    assert stored["SecretString"] == "postgresql://shop@database/shop"


@pytest.mark.usefixtures("outputs")
def test_the_load_balancer_sends_the_api_its_part_and_asks_for_health(client: Any) -> None:
    groups = client("elbv2").describe_target_groups()["TargetGroups"]
    by_name = {group["TargetGroupName"]: group for group in groups}
    assert {group["HealthCheckPath"] for group in groups} == {"/healthz"}
    [balancer] = client("elbv2").describe_load_balancers(Names=["shop"])["LoadBalancers"]
    [listener] = client("elbv2").describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])[
        "Listeners"
    ]
    rules = client("elbv2").describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    where = {
        rule["Conditions"][0]["Values"][0] if rule["Conditions"] else "": rule["Actions"][0][
            "TargetGroupArn"
        ]
        for rule in rules
    }
    assert where == {
        "": by_name["shop-web"]["TargetGroupArn"],
        "/api/*": by_name["shop-api"]["TargetGroupArn"],
    }


def test_the_cdn_answers_without_a_certificate(cloud: str, outputs: dict[str, str]) -> None:
    answer = httpx.get(cloud, headers={"Host": outputs["DistributionDomain"]})
    assert answer.status_code != 301
    assert "CloudFront" in answer.headers["Via"]


def test_it_uses_no_yaml_that_cloudformation_refuses() -> None:
    assert not re.findall(r"(?:^|\s)[&*]\w+$|<<:", TEMPLATE, re.MULTILINE)
