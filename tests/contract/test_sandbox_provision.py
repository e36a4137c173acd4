"""A real sandbox filled from a CloudFormation template, with tasks that answer."""

import http.client
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployctl.model.errors import CheckFailed, DeployError, Refused
from deployctl.sandbox.aws import clients_at
from deployctl.sandbox.backend import usable_engine
from deployctl.sandbox.docker_socket import DockerSocket, local_sockets
from deployctl.sandbox.facts import Backend, Sandbox, SandboxSettings
from deployctl.sandbox.provision import provision
from deployctl.sandbox.stack import down, up

pytest.importorskip("ministack", reason="the sandbox extra is not installed")

TEMPLATE = """
Parameters:
  PlaceholderImage: {Type: String}
  DatabaseUrl: {Type: String, NoEcho: true}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  One:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1a}
  Two:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: us-east-1b}
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: shop/database, SecretString: !Ref DatabaseUrl}
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: shop}}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Name: shop, Subnets: [!Ref One, !Ref Two]}
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      {Name: web, Port: 8080, Protocol: HTTP, TargetType: ip, VpcId: !Ref Vpc}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      Cpu: "256"
      Memory: "512"
      ContainerDefinitions:
        - Name: web
          Image: !Ref PlaceholderImage
          PortMappings: [{ContainerPort: 8080}]
          Secrets: [{Name: DATABASE_URL, ValueFrom: !Ref Secret}]
  Web:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      ServiceName: web
      Cluster: !Ref Cluster
      LaunchType: FARGATE
      DesiredCount: 1
      TaskDefinition: !Ref Definition
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref One, !Ref Two]}}
      LoadBalancers: [{ContainerName: web, ContainerPort: 8080, TargetGroupArn: !Ref Targets}]
Outputs:
  Dns: {Value: !GetAtt Balancer.DNSName}
"""
HALF_WAY = """
Resources:
  Web: {Type: AWS::ECS::Service, Properties: {TaskDefinition: "none:1", DesiredCount: many}}
"""
BACKENDS = ["processes", pytest.param("containers", marks=pytest.mark.engine)]


@pytest.fixture(params=BACKENDS)
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    backend: Backend = request.param
    if backend == "containers" and not usable_engine(local_sockets())[0]:
        pytest.skip("no container engine of this machine answers")
    root = tmp_path / "box"
    try:
        yield up(SandboxSettings(root=root, backend=backend), lambda _: None)
    finally:
        down(root, lambda _: None)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "shop.yml"
    file.write_text(TEMPLATE)
    return file


def answer_of(sandbox: Sandbox, balancer: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    try:
        connection.request("GET", f"/_alb/{balancer}/any/path")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_services_of_a_template_run_and_answer(sandbox: Sandbox, template: Path) -> None:
    outputs = provision(sandbox, template)
    assert outputs["Dns"].startswith("shop-")
    assert answer_of(sandbox, "shop") == (200, "placeholder: nothing released yet\n")
    secrets = clients_at(sandbox.port).client("secretsmanager")
    kept = secrets.get_secret_value(SecretId="shop/database")["SecretString"]
    assert kept == sandbox.task_database_url
    assert provision(sandbox, template) == outputs  # nothing new is no mistake


@pytest.mark.parametrize("sandbox", ["processes"], indirect=True)
def test_a_service_that_cannot_start_is_told_with_the_reason_and_stopped(
    sandbox: Sandbox, template: Path
) -> None:
    broken = {"PlaceholderImage": f"{sandbox.registry}/none:1"}
    with pytest.raises(CheckFailed, match=r"not running after 3 s(?s:.*)none:1") as caught:
        provision(sandbox, template, broken, patience=3)
    assert "task definition" in caught.value.hint
    ecs = clients_at(sandbox.port).client("ecs")
    assert (
        ecs.describe_services(cluster="shop", services=["web"])["services"][0]["desiredCount"] == 0
    )


def test_containers_get_a_base_image_that_runs_python(sandbox: Sandbox) -> None:
    if sandbox.backend != "containers":
        assert sandbox.python_image == ""
        return
    path, _ = usable_engine(local_sockets())
    assert DockerSocket(path).image_id("deployctl-sandbox-python:3")
    program = "import ssl, sqlite3, ctypes, json; print(json.dumps([ssl.OPENSSL_VERSION]))"
    run = ["docker", "run", "--rm", sandbox.python_image, "python3", "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "OpenSSL" in json.loads(done.stdout)[0]


@pytest.mark.parametrize("sandbox", ["processes"], indirect=True)
@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("Resources: {X: {Type: AWS::None::Such}}", DeployError, "AWS::None::Such"),
        ("no template", Refused, "read the template"),
        (HALF_WAY, CheckFailed, r"ended as ROLLBACK_COMPLETE: Web \(AWS::ECS::Service\): "),
    ],
)
def test_a_wrong_template_is_told_with_its_fault(
    sandbox: Sandbox, tmp_path: Path, text: str, kind: type[DeployError], says: str
) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text(text)
    with pytest.raises(kind, match=says):
        provision(sandbox, file)


@pytest.mark.parametrize("sandbox", ["processes"], indirect=True)
def test_a_missing_template_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="cannot be read"):
        provision(sandbox, tmp_path / "none.yml")
