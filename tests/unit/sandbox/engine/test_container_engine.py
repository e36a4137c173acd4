"""The `containers` backend: forwarded calls, and the three things added to them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployctl.sandbox.engine.api import parse
from deployctl.sandbox.engine.containers import OWNER, ContainerEngine
from deployctl.sandbox.engine.entrance import Rules
from deployctl.sandbox.engine.taskinfo import Cloud
from deployctl.sandbox.engine.upstream import Upstream
from deployctl.sandbox.engine.wire import Answer, Refusal
from tests.unit.sandbox.engine.cloud_double import LABELS, CloudDouble, tar_of
from tests.unit.sandbox.engine.docker_double import ONE, DockerDouble, docker_double

ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.fixture
def docker(tmp_path: Path) -> Iterator[DockerDouble]:
    """A Docker Engine that knows one container of our task."""
    with docker_double(tmp_path / "docker.sock") as double:
        double.labels = dict(LABELS)
        yield double


@pytest.fixture
def engine(tmp_path: Path, cloud: CloudDouble, docker: DockerDouble) -> ContainerEngine:
    """The backend in front of it."""
    assert docker.running
    return ContainerEngine(
        Upstream(tmp_path / "docker.sock"),
        cloud=Cloud(cloud.port),
        rules=Rules(gate_seconds=0.2, drain=0.01),
        owner="/state/engine",
        gateway="172.17.0.1",
    )


def ask(
    engine: ContainerEngine, method: str, target: str, wish: dict[str, Any] | None = None
) -> Answer:
    """One call."""
    body = json.dumps(wish).encode() if wish is not None else b""
    return engine.answer(parse(method, target, {"Content-Type": "application/json"}, body))


def service(cloud: CloudDouble, port: int) -> None:
    """The task belongs to a service whose target group asks at a port."""
    cloud.group = "service:shop"
    cloud.balancers = [{"targetGroupArn": "tg", "containerName": "web", "containerPort": port}]
    cloud.target_group = {"HealthCheckPath": "/v2/shop/manifests/ok"}


def test_what_the_emulator_drops_is_put_back_and_what_collides_is_taken_out(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    cloud.container = {
        "name": "web", "entryPoint": ["python3"], "workingDirectory": "/app", "stopTimeout": 0,
    }  # fmt: skip
    wish = {
        "Image": f"{ECR}/shop@sha256:{'a' * 64}",
        "Labels": LABELS,
        "NetworkingConfig": {"bridge": None},
        "HostConfig": {"PortBindings": {"80/tcp": []}, "ExtraHosts": ["db:10.0.0.1"]},
    }
    assert ask(engine, "POST", "/v1.41/containers/create?name=x", wish).status == 201
    assert docker.asked("POST /containers/create")[0].query == {"name": "x"}
    assert docker.body("POST /containers/create") == {
        "Image": f"127.0.0.1:{cloud.port}/shop@sha256:{'a' * 64}",
        "Labels": {**LABELS, OWNER: "/state/engine"},
        "HostConfig": {"ExtraHosts": ["db:10.0.0.1", "host.docker.internal:host-gateway"]},
        "Entrypoint": ["python3"],
        "WorkingDir": "/app",
        "StopTimeout": 0,
    }


def test_a_container_of_no_task_passes_as_it_is(
    engine: ContainerEngine, docker: DockerDouble
) -> None:
    ask(engine, "POST", "/containers/create", {"Image": "postgres:15"})
    body = docker.body("POST /containers/create")
    assert body["Image"] == "postgres:15"
    assert "Entrypoint" not in body


def test_the_sandbox_s_images_go_by_their_loopback_name_and_others_by_their_own(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    here = f"127.0.0.1:{cloud.port}"
    ask(engine, "POST", f"/v1.41/images/create?fromImage={ECR}/shop&tag=v1")
    ask(engine, "GET", f"/images/{ECR}/shop:v1/json")
    ask(engine, "POST", f"/images/sha256:{'a' * 64}/tag?repo={ECR}/shop&tag=v1")
    ask(engine, "POST", "/images/create?fromImage=postgres&tag=15")
    ask(engine, "GET", "/distribution/postgres:15/json")
    pull, other = docker.asked("POST /images/create")
    assert pull.query == {"fromImage": f"{here}/shop", "tag": "v1"}
    assert other.query == {"fromImage": "postgres", "tag": "15"}
    assert docker.asked(f"GET /images/{here}/shop:v1/json")
    assert docker.asked("POST /images/sha256")[0].query["repo"] == f"{here}/shop"
    assert docker.asked("GET /distribution/postgres:15/json")


def test_the_digest_comes_from_the_sandbox_s_registry(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    digest = cloud.push("v1", tar_of())
    answer = json.loads(ask(engine, "GET", f"/distribution/{ECR}/shop:v1/json").body)
    assert answer["Descriptor"]["digest"] == digest
    assert docker.calls == []


def test_the_emulator_learns_where_containers_reach_it(engine: ContainerEngine) -> None:
    answer = json.loads(ask(engine, "GET", "/v1.41/containers/deployctl-sandbox/json").body)
    assert answer["NetworkSettings"]["Networks"] == {"bridge": {"IPAddress": "172.17.0.1"}}


def test_a_service_s_task_is_held_until_its_check_passes(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    service(cloud, cloud.port)
    cloud.put("ok", "text/plain", b"well")
    assert ask(engine, "POST", f"/containers/{ONE}/start").status == 204
    assert not docker.asked("DELETE")


def test_a_service_s_task_that_stays_unready_is_removed_with_its_last_words(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    service(cloud, 1)
    with pytest.raises(Refusal, match=r"Task failed health checks.*last words"):
        ask(engine, "POST", f"/containers/{ONE}/start")
    assert docker.asked("DELETE")[0].query == {"force": "1", "v": "1"}


def test_a_service_s_task_that_ends_first_and_a_one_off_task_are_not_held(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    assert ask(engine, "POST", f"/containers/{ONE}/start").status == 204
    assert "DescribeServices" not in cloud.asked
    service(cloud, 1)
    docker.running = False
    other = "d" * 64
    assert ask(engine, "POST", f"/containers/{other}/start").status == 204
    assert not docker.asked("DELETE")


@pytest.mark.parametrize(("code", "ready"), [(0, True), (1, False)])
def test_the_health_command_runs_inside_the_container(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble, code: int, *, ready: bool
) -> None:
    cloud.group = "service:worker"
    cloud.container = {"name": "web", "healthCheck": {"command": ["CMD", "check"]}}
    docker.exit_code = code
    if ready:
        assert ask(engine, "POST", f"/containers/{ONE}/start").status == 204
    else:
        with pytest.raises(Refusal, match="health check command exited 1"):
            ask(engine, "POST", f"/containers/{ONE}/start")
    assert docker.body(f"POST /containers/{ONE}/exec")["Cmd"] == ["check"]


def test_a_stop_drains_first_and_has_the_task_definition_s_time(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    service(cloud, 1)
    cloud.container = {"name": "web", "stopTimeout": 30}
    assert ask(engine, "POST", f"/v1.41/containers/{ONE}/stop?t=5").status == 204
    assert docker.asked(f"POST /containers/{ONE}/stop")[0].query == {"t": "30"}
    assert ask(engine, "DELETE", f"/containers/{ONE}?v=True").status == 204
    cloud.status = 500
    assert ask(engine, "POST", f"/containers/{ONE}/stop?t=5").status == 204
    assert docker.asked(f"POST /containers/{ONE}/stop")[1].query == {"t": "5"}


def test_streams_pass_through(engine: ContainerEngine) -> None:
    answer = ask(engine, "GET", f"/containers/{ONE}/logs?follow=1")
    assert answer.kind == "x/raw"
    assert b"".join(answer.stream or ()).endswith(b"last words\n")


def test_containers_that_no_task_wants_are_removed_at_the_start_and_all_at_the_end(
    engine: ContainerEngine, cloud: CloudDouble, docker: DockerDouble
) -> None:
    engine.heal()
    cloud.status = 500
    engine.heal()
    assert not docker.asked("DELETE")
    cloud.status, cloud.task_status = 200, "STOPPED"
    engine.heal()
    engine.close()
    assert len(docker.asked("DELETE")) == 2
    wanted = json.loads(docker.asked("GET /containers/json")[0].query["filters"])
    assert wanted == {"label": ["deployctl.sandbox=/state/engine"]}


def test_an_engine_that_is_silent_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"container engine at .* is silent"):
        Upstream(tmp_path / "none.sock").version()


def test_the_gateway_is_named_by_the_network_or_is_its_first_host(
    tmp_path: Path, docker: DockerDouble
) -> None:
    upstream = Upstream(tmp_path / "docker.sock")
    assert upstream.gateway() == "127.0.0.1"
    docker.ipam = {"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.9"}
    assert upstream.gateway() == "172.18.0.9"
    docker.ipam = {"Subnet": "fd00::/64"}
    assert upstream.gateway() == ""
    docker.networks = False
    assert upstream.gateway() == ""
