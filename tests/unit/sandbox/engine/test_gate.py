"""The readiness gate: what is asked, how often, and what is said when it stays shut."""

import threading
from collections.abc import Callable

import pytest

from deployctl.sandbox.engine.entrance import Rules, Runner, await_ready, stop_seconds
from deployctl.sandbox.engine.gate import (
    Gate,
    health_command,
    matches,
    probe_of,
    wait_ready,
)
from deployctl.sandbox.engine.taskinfo import Check, Cloud, Task, check_of
from deployctl.sandbox.engine.wire import Refusal
from tests.unit.sandbox.engine.cloud_double import LABELS, TASK_ARN, CloudDouble

BALANCER = {"targetGroupArn": "arn:tg", "containerName": "web", "containerPort": 8080}


def runner(
    *,
    port: int = 1,
    alive: Callable[[], bool] = lambda: True,
    run: Callable[[tuple[str, ...]], int] = lambda _: 0,
) -> Runner:
    """A container whose port 8080 is `port` here."""
    return Runner(
        address="127.0.0.1", ports={8080: port}, alive=alive, run=run,
        last_words=lambda lines: (b"one\n", b"two\n")[:lines],
    )  # fmt: skip


def task(service: str = "shop", health: tuple[str, ...] = ()) -> Task:
    """A container of a service's task."""
    return Task(
        arn=TASK_ARN, cluster="shop", container="web", service=service, health=health,
        ports=(8080,),
    )  # fmt: skip


def test_the_gate_opens_when_every_probe_was_well_once() -> None:
    answers = iter(["not yet", "", "refused", ""])
    waited = wait_ready(
        (lambda: next(answers), lambda: next(answers)), alive=lambda: True, seconds=5
    )
    assert waited.gate is Gate.OPEN


def test_the_gate_stays_shut_with_what_was_seen_last() -> None:
    waited = wait_ready((lambda: "refused",), alive=lambda: True, seconds=0.0)
    assert (waited.gate, waited.last) == (Gate.SHUT, "refused")


def test_a_process_that_ends_first_is_gone_and_not_unready() -> None:
    lives = iter([True, False])
    waited = wait_ready((lambda: "no",), alive=lambda: next(lives), seconds=5)
    assert waited.gate is Gate.GONE


@pytest.mark.parametrize(
    ("status", "matcher", "well"),
    [
        (200, "200", True), (204, "200", False), (204, "200-299", True), (302, "200,302", True),
        (500, "200-299,400", False), (200, "junk", False), (299, " 200-299 ", True),
    ],
)  # fmt: skip
def test_matchers_are_numbers_lists_and_ranges(status: int, matcher: str, *, well: bool) -> None:
    assert matches(status, matcher) is well


def test_a_probe_asks_the_path_and_judges_by_the_matcher(cloud: CloudDouble) -> None:
    cloud.put("ok", "text/plain", b"well")
    path = "/v2/shop/manifests/"
    well = probe_of(Check(port=8080, path=f"{path}ok"), "127.0.0.1", cloud.port)
    lost = probe_of(Check(port=8080, path=f"{path}no", matcher="200-299"), "127.0.0.1", cloud.port)
    assert well() == ""
    assert lost().endswith("404, not 200-299")
    assert "Connection refused" in probe_of(Check(port=1, path="/"), "127.0.0.1", 1)()


def test_a_probe_without_a_path_only_connects(cloud: CloudDouble) -> None:
    assert probe_of(Check(port=8080), "127.0.0.1", cloud.port)() == ""
    assert "connect to 127.0.0.1:1" in probe_of(Check(port=8080), "127.0.0.1", 1)()


def test_a_target_group_s_answer_is_read() -> None:
    xml = (
        "<HealthCheckPort>traffic-port</HealthCheckPort><HealthCheckPath>/a?b&amp;c</HealthCheckPath>"
        "<HealthCheckTimeoutSeconds>3</HealthCheckTimeoutSeconds><HttpCode>200-299</HttpCode>"
    )
    assert check_of(xml, 8080) == Check(port=8080, path="/a?b&c", matcher="200-299", timeout=3.0)
    own = "<HealthCheckPort>9000</HealthCheckPort><HealthCheckProtocol>TCP</HealthCheckProtocol>"
    assert check_of(own, 8080) == Check(port=9000)
    assert check_of("<HealthCheckEnabled>false</HealthCheckEnabled>", 8080) == Check(port=8080)


def test_health_commands_are_read_as_docker_reads_them() -> None:
    assert health_command(("CMD", "a", "b")) == ("a", "b")
    assert health_command(("CMD-SHELL", "a || exit 1")) == ("/bin/sh", "-c", "a || exit 1")
    assert health_command(("a || exit 1",)) == ("/bin/sh", "-c", "a || exit 1")
    assert health_command(("a", "b")) == ("a", "b")
    assert health_command(("NONE",)) == health_command(()) == ()


def test_a_service_s_task_waits_for_its_own_target_group(cloud: CloudDouble) -> None:
    cloud.balancers = [BALANCER, {**BALANCER, "containerName": "sidecar"}, {"containerPort": 1}]
    cloud.put("ok", "text/plain", b"well")
    cloud.target_group = {"HealthCheckPath": "/v2/shop/manifests/ok"}
    gate = await_ready(Cloud(cloud.port), task(), runner(port=cloud.port), Rules())
    assert gate is Gate.OPEN
    assert cloud.asked == ["DescribeServices", "elb"]


def test_a_shut_gate_tells_the_last_look_and_the_last_words(cloud: CloudDouble) -> None:
    cloud.balancers = [BALANCER]
    with pytest.raises(Refusal) as refused:
        await_ready(Cloud(cloud.port), task(), runner(), Rules(gate_seconds=0))
    assert refused.value.message.startswith("Task failed health checks for 0 s: GET http://")
    assert refused.value.message.endswith("last output: one | two")


def test_one_off_tasks_and_an_open_gate_ask_nobody(cloud: CloudDouble) -> None:
    for who, rules in ((task(service=""), Rules()), (task(), Rules(gate=False))):
        assert await_ready(Cloud(cloud.port), who, runner(), rules) is Gate.OPEN
    assert cloud.asked == []
    assert Cloud(cloud.port).checks(task(service="")) == ()


@pytest.mark.parametrize("code", [0, 126, 127])
def test_without_a_load_balancer_the_container_s_own_health_command_counts(
    cloud: CloudDouble, code: int
) -> None:
    asked: list[tuple[str, ...]] = []

    def run(words: tuple[str, ...]) -> int:
        asked.append(words)
        return code

    who = task(health=("CMD-SHELL", "curl -f localhost"))
    assert await_ready(Cloud(cloud.port), who, runner(run=run), Rules()) is Gate.OPEN
    assert asked == [("/bin/sh", "-c", "curl -f localhost")]


def test_a_health_command_that_fails_keeps_the_gate_shut(cloud: CloudDouble) -> None:
    who = task(health=("CMD", "false"))
    with pytest.raises(Refusal, match="health check command exited 1"):
        await_ready(Cloud(cloud.port), who, runner(run=lambda _: 1), Rules(gate_seconds=0))


def test_a_service_with_nothing_to_ask_is_ready_at_once(cloud: CloudDouble) -> None:
    assert await_ready(Cloud(cloud.port), task(), runner(), Rules()) is Gate.OPEN


def test_the_task_definition_s_stop_timeout_counts_within_reason() -> None:
    def stop(seconds: int | None) -> float:
        return stop_seconds(
            Task(arn="a", cluster="c", container="w", stop_timeout=seconds), asked=5.0
        )

    assert (stop(None), stop(2), stop(30), stop(120)) == (5.0, 2.0, 30.0, 55.0)
    assert stop_seconds(None, 5.0) == 5.0


def test_the_missing_fields_come_from_the_task_definition(cloud: CloudDouble) -> None:
    cloud.group = "service:shop"
    cloud.container = {
        "name": "web", "entryPoint": ["python3"], "workingDirectory": "/app", "stopTimeout": 20,
        "healthCheck": {"command": ["CMD", "true"]}, "portMappings": [{"containerPort": 8080}],
    }  # fmt: skip
    found = Cloud(cloud.port).task(LABELS)
    assert found == Task(
        arn=TASK_ARN, cluster=LABELS["com.amazonaws.ecs.cluster"], container="web",
        service="shop", entry_point=("python3",), working_dir="/app", stop_timeout=20,
        health=("CMD", "true"), ports=(8080,),
    )  # fmt: skip
    assert "Credential=111122223333/20260101/eu-west-1/ecs/" in cloud.signed[0]


def test_a_container_of_no_task_has_no_task_and_a_silent_cloud_is_named(
    cloud: CloudDouble,
) -> None:
    assert Cloud(cloud.port).task({"ministack": "rds"}) is None
    with pytest.raises(Refusal, match="ecs API does not answer"):
        Cloud(1).task(LABELS)
    cloud.container = {"name": "other"}
    with pytest.raises(Refusal, match="no container named 'web'"):
        Cloud(cloud.port).task(LABELS)
    cloud.status = 400
    with pytest.raises(Refusal, match="ecs API answered 400"):
        Cloud(cloud.port).task(LABELS)


def test_only_a_task_that_runs_is_still_wanted(cloud: CloudDouble) -> None:
    assert Cloud(cloud.port).alive(LABELS)
    cloud.task_status = "STOPPED"
    assert not Cloud(cloud.port).alive(LABELS)


def test_waiting_can_be_woken() -> None:
    wake = threading.Event()
    wake.set()
    answers = iter(["no", "no", ""])
    waited = wait_ready((lambda: next(answers),), alive=lambda: True, seconds=5, wake=wake)
    assert waited.gate is Gate.OPEN
