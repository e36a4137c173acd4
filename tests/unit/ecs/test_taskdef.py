"""Task definitions are compared by what they mean, and copied whole."""

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployctl.model.errors import CheckFailed
from deployctl.model.taskdef import (
    Body,
    Definition,
    LogPlace,
    body_hash,
    chosen_container,
    image_of,
    log_place,
    registrable,
    with_images,
)

_INPUT = (
    botocore.session.get_session()
    .get_service_model("ecs")
    .operation_model("RegisterTaskDefinition")
    .input_shape
)
assert _INPUT is not None
MEMBERS = tuple(_INPUT.members)


def body(**container: object) -> Body:
    return {
        "family": "api",
        "networkMode": "awsvpc",
        "containerDefinitions": [{"name": "app", "image": "r/a@sha256:1", **container}],
    }


def test_every_member_that_can_be_registered_survives_and_only_those() -> None:
    described = {name: name for name in MEMBERS} | {
        "taskDefinitionArn": "arn",
        "revision": 3,
        "status": "ACTIVE",
        "requiresAttributes": [],
        "registeredAt": "now",
        "ipcMode": "",
    }
    assert set(registrable(described, MEMBERS)) == set(MEMBERS) - {"tags", "ipcMode"}


@pytest.mark.parametrize(
    "same",
    [
        body(cpu=0, essential=True, mountPoints=[], volumesFrom=[], systemControls=[]),
        body(privileged=False, readonlyRootFilesystem=None, versionConsistency="enabled"),
        {**body(), "volumes": [], "placementConstraints": [], "pidMode": ""},
        {**body(), "enableFaultInjection": False},
    ],
)
def test_what_ecs_fills_in_makes_no_difference(same: Body) -> None:
    assert body_hash(same) == body_hash(body())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            body(environment=[{"name": "A", "value": "1"}, {"name": "B", "value": ""}]),
            body(environment=[{"name": "B", "value": ""}, {"name": "A", "value": "1"}]),
        ),
        (
            body(portMappings=[{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]),
            body(portMappings=[{"containerPort": 80}]),
        ),
        (
            {**body(), "cpu": "1 vCPU", "memory": "2 GB"},
            {**body(), "cpu": "1024", "memory": "2048"},
        ),
        ({**body(), "cpu": ".5 vcpu"}, {**body(), "cpu": "512"}),
        (
            {**body(), "requiresCompatibilities": ["EC2", "FARGATE"]},
            {**body(), "requiresCompatibilities": ["FARGATE", "EC2"]},
        ),
    ],
)
def test_equal_meanings_have_equal_hashes(one: Body, other: Body) -> None:
    assert body_hash(one) == body_hash(other)


@pytest.mark.parametrize(
    "other",
    [
        body(environment=[{"name": "A", "value": ""}]),
        body(essential=False),
        body(command=["a", "b"]),
        body(image="r/a@sha256:2"),
        {**body(), "taskRoleArn": "arn:role"},
        {**body(), "networkMode": "bridge"},
        body(privileged=True),
        body(stopTimeout=0),
    ],
)
def test_what_matters_changes_the_hash(other: Body) -> None:
    assert body_hash(other) != body_hash(body())


def test_the_order_of_a_command_matters() -> None:
    assert body_hash(body(command=["a", "b"])) != body_hash(body(command=["b", "a"]))


def test_in_bridge_mode_a_fixed_host_port_matters() -> None:
    def bridge(**port: int) -> Body:
        return {**body(portMappings=[{"containerPort": 80, **port}]), "networkMode": "bridge"}

    assert body_hash(bridge(hostPort=80)) != body_hash(bridge())
    assert body_hash(bridge(hostPort=0)) == body_hash(bridge())


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=6))
def test_an_environment_hashes_the_same_in_every_order(variables: dict[str, str]) -> None:
    entries = [{"name": name, "value": value} for name, value in variables.items()]
    assert body_hash(body(environment=entries)) == body_hash(body(environment=entries[::-1]))


def test_only_the_named_container_gets_the_image() -> None:
    two: Body = {
        "family": "api",
        "containerDefinitions": [
            {"name": "app", "image": "old"},
            {"name": "proxy", "image": "nginx"},
        ],
    }
    changed = with_images(two, {"app": "new"}, {"A": "1"})
    assert image_of(changed, "app") == "new"
    assert image_of(changed, "proxy") == "nginx"
    assert image_of(two, "app") == "old"
    assert image_of(two, "nothing") == ""


def test_the_container_is_named_or_the_only_one_or_the_only_essential_one() -> None:
    sidecar = {"name": "proxy", "essential": False}
    assert chosen_container(body(), "") == "app"
    assert chosen_container(body(), "app") == "app"
    both: Body = {"containerDefinitions": [{"name": "app"}, sidecar]}
    assert chosen_container(both, "") == "app"
    with pytest.raises(CheckFailed, match="several") as refused:
        chosen_container({"containerDefinitions": [{"name": "app"}, {"name": "proxy"}]}, "")
    assert "app, proxy" in refused.value.hint
    with pytest.raises(CheckFailed) as refused:
        chosen_container({}, "app")
    assert "none" in refused.value.hint


def test_a_revision_has_a_body_by_its_content_or_by_our_tag() -> None:
    found = Definition(
        arn="a:1", family="a", active=True, body=body(), tags={"deployctl:hash": "x"}
    )
    assert found.has_body(body_hash(body()))
    assert found.has_body("x")
    assert not found.has_body("y")


def test_log_lines_are_found_only_where_the_driver_writes_streams() -> None:
    def logging(driver: str, **options: str) -> Body:
        return body(logConfiguration={"logDriver": driver, "options": options})

    good = {"awslogs-group": "/ecs/api", "awslogs-stream-prefix": "ecs", "awslogs-region": "r"}
    place = log_place(logging("awslogs", **good), "app", "t1")
    assert place == LogPlace(group="/ecs/api", stream="ecs/app/t1", region="r")
    assert log_place(logging("awslogs", **{"awslogs-group": "g"}), "app", "t1") is None
    assert log_place(logging("fluentd"), "app", "t1") is None
    assert log_place(body(), "app", "t1") is None
    assert log_place(body(), "other", "t1") is None
