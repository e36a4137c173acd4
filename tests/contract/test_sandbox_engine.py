"""Both backends of the sandbox engine, under the real emulator: what tasks and requests see."""

import json
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from tests.contract.sandbox_engine_cloud import Cloud, until
from tests.contract.sandbox_engine_load import Load
from tests.contract.sandbox_engine_shop import CLUSTER, FILES, SERVICE, Shop

DOCKER = Path("/var/run/docker.sock")
KNOWN_CALLS = {
    "GET /version",
    "GET /containers/json",
    "GET /containers/deployctl-sandbox/json",
    "GET /distribution/REF/json",
    "POST /images/create",
    "GET /images/REF/json",
    "POST /images/REF/tag",
    "POST /containers/create",
    "POST /containers/{id}/start",
    "GET /containers/{id}/json",
    "GET /containers/{id}/logs",
    "POST /containers/{id}/wait",
    "POST /containers/{id}/stop",
    "DELETE /containers/{id}",
}


def docker_answers() -> bool:
    """Whether an engine listens at the usual place."""
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(DOCKER)) == 0


BACKENDS = [
    "processes",
    pytest.param(
        "containers",
        marks=[
            pytest.mark.engine,
            pytest.mark.skipif(not docker_answers(), reason=f"no engine answers at {DOCKER}"),
        ],
    ),
]


@contextmanager
def cloud_of(backend: str, *options: str) -> Iterator[Cloud]:
    """Engine and emulator in a fresh folder; its path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="dce-", ignore_cleanup_errors=True) as home:
        cloud = Cloud(Path(home), backend, options)
        try:
            cloud.start_engine()
            cloud.start_ministack()
            yield cloud
        finally:
            cloud.stop()


@pytest.fixture(scope="module", params=BACKENDS)
def opened(request: pytest.FixtureRequest) -> Iterator[tuple[Shop, str, str]]:
    """A shop with its first version live, its image, and that version's revision."""
    with cloud_of(request.param, "--gate-seconds", "5") as cloud:
        shop = Shop(cloud)
        image = cloud.push("v1", FILES, WorkingDir="/", Cmd=["/the-image-s-own-command"])
        revision = shop.register(image, "v1")
        shop.open(revision)
        yield shop, image, revision


@pytest.fixture
def shop(opened: tuple[Shop, str, str]) -> Shop:
    """The shop, back on its first version whatever the test before did."""
    shop, _, revision = opened
    shop.roll(revision)
    shop.settled(revision, 40)
    return shop


@pytest.fixture
def image(opened: tuple[Shop, str, str]) -> str:
    """The pushed image, by its loopback name."""
    return opened[1]


def load_on(shop: Shop) -> Load:
    """Load through the shop's load balancer."""
    return Load(shop.cloud.port, "shop.alb.localhost")


def test_a_roll_under_load_fails_no_request_and_the_ecr_name_means_the_same_image(
    shop: Shop, image: str
) -> None:
    ecr = image.replace(
        f"127.0.0.1:{shop.cloud.port}", "000000000000.dkr.ecr.us-east-1.amazonaws.com"
    )
    revision = shop.register(ecr, "v2")
    load = load_on(shop)
    with load.on():
        until(lambda: load.bodies["v1"] > 50)
        shop.roll(revision)
        shop.settled(revision, 40)
        seen = load.bodies["v2"]
        until(lambda: load.bodies["v2"] > seen + 50)
    assert load.failed == 0, dict(load.seen)


def test_a_crashing_image_is_rolled_back_with_its_true_exit_code_and_no_failed_request(
    shop: Shop, image: str
) -> None:
    old = shop.describe()["taskDefinition"]
    bad = shop.register(image, "v3", code="import sys; print('dying words'); sys.exit(3)")
    load = load_on(shop)
    with load.on():
        deployment = shop.roll(bad)
        until(lambda: state_of(shop, deployment) == "FAILED", 30)
        shop.settled(old, 40)
    dead = [t for t in shop.tasks("STOPPED") if t["taskDefinitionArn"] == bad]
    assert load.failed == 0, dict(load.seen)
    assert {t["containers"][0].get("exitCode") for t in dead} >= {3}
    assert {t["stopCode"] for t in dead} >= {"EssentialContainerExited"}
    until(lambda: shop.log(dead[0]["taskArn"]) == ["dying words"])


def state_of(shop: Shop, deployment: str) -> str:
    """A deployment's rollout state."""
    found = [d for d in shop.describe()["deployments"] if d["id"] == deployment]
    return str(found[0]["rolloutState"]) if found else ""


def test_a_one_off_task_is_not_gated_and_gets_its_definition_its_overrides_and_its_logs(
    shop: Shop, image: str
) -> None:
    code = (
        "import os, sys, urllib.request\n"
        "ready = os.environ['AWS_ENDPOINT_URL'] + '/_ministack/ready'\n"
        "print('cloud', urllib.request.urlopen(ready, timeout=5).status)\n"
        "print(os.path.basename(os.getcwd()), os.environ['VERSION'], sys.argv[1:])\n"
        "print('no newline', end='')\n"
        "sys.exit(7)\n"
    )
    revision = shop.register(image, "job", code=code)
    task = shop.run(
        revision, command=["--fast"], environment=[{"name": "VERSION", "value": "override"}]
    )
    assert task["containers"][0]["exitCode"] == 7
    assert task["stopCode"] == "EssentialContainerExited"
    expected = ["cloud 200", "app override ['--fast']", "no newline"]
    until(lambda: shop.log(task["taskArn"]) == expected)


def test_an_image_that_is_not_there_says_so(shop: Shop, image: str) -> None:
    task = shop.run(shop.register(image.replace(":v1", ":nope"), "x"))
    assert task["stopCode"] == "TaskFailedToStart"
    assert "manifest unknown" in task["stoppedReason"]


def test_a_task_that_never_answers_fails_its_health_checks_with_its_last_words(
    shop: Shop, image: str
) -> None:
    code = "import time; print('still thinking', flush=True); time.sleep(60)"
    revision = shop.register(image, "never", code=code)
    shop.roll(revision)
    dead = until(
        lambda: [t for t in shop.tasks("STOPPED") if t["taskDefinitionArn"] == revision], 20
    )[0]
    assert dead["stopCode"] == "TaskFailedToStart"
    assert "Task failed health checks for 5 s: GET http://" in dead["stoppedReason"]
    assert "/healthz" in dead["stoppedReason"]
    assert "still thinking" in dead["stoppedReason"]


def test_a_stopped_task_is_deregistered_then_drains_then_gets_its_signal(shop: Shop) -> None:
    live = [t for t in shop.tasks("RUNNING", serviceName=SERVICE) if t["lastStatus"] == "RUNNING"]
    task = live[0]
    container = task["containers"][0]["runtimeId"]
    shop.ecs.stop_task(cluster=CLUSTER, task=task["taskArn"], reason="test")
    log = (shop.cloud.root / "engine.log").read_text()
    drained, told = (
        datetime.fromisoformat(
            re.search(rf"^(\S+) INFO container {container}: {words}", log, re.MULTILINE)[1]  # type: ignore[index] # no match fails the test, as it should
        )
        for words in ("drains", "(?:stop )?signal")
    )
    stopped = task_of(shop, task["taskArn"])
    said = until(lambda: [w for w in shop.log(task["taskArn"]) if "leaving at" in w])[0]
    assert (told - drained).total_seconds() >= 0.45
    assert float(said.rsplit(" ", 1)[1]) >= drained.timestamp() + 0.45
    assert stopped["stoppedAt"].timestamp() <= drained.timestamp() + 1  # whole seconds


def task_of(shop: Shop, arn: str) -> dict[str, datetime]:
    """A task as it is now."""
    return dict(shop.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0])


def test_a_killed_engine_comes_back_and_the_service_is_whole_again(shop: Shop) -> None:
    revision = shop.describe()["taskDefinition"]
    engine = shop.cloud.engine
    assert engine is not None
    engine.kill()
    engine.wait()
    shop.cloud.start_engine()
    if shop.cloud.backend == "processes":  # real containers outlive the engine and need no cure
        until(lambda: codes(shop).count(137) >= 3, 20)
    shop.settled(revision, 40)
    load = load_on(shop)
    with load.on():
        until(lambda: sum(load.seen.values()) > 100)
    assert load.failed == 0, dict(load.seen)


def codes(shop: Shop) -> list[int | None]:
    """The exit codes of all stopped tasks."""
    return [t["containers"][0].get("exitCode") for t in shop.tasks("STOPPED")]


def test_the_emulator_calls_nothing_but_what_the_engine_was_written_for(shop: Shop) -> None:
    trace = (shop.cloud.root / "trace.jsonl").read_text().splitlines()
    calls = {json.loads(line)["call"] for line in trace}
    shapes = {re.sub(r"(?<=/images/|ibution/).*(?=/(?:json|tag))", "REF", call) for call in calls}
    assert shapes <= KNOWN_CALLS
    assert len(shapes) > 10


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_the_gate_a_roll_loses_requests(backend: str) -> None:
    """The test of the test: the same load does see a task that is let in too early."""
    with cloud_of(backend, "--no-gate") as cloud:
        shop = Shop(cloud)
        image = cloud.push("v1", FILES)
        first, second = shop.register(image, "v1"), shop.register(image, "v2")
        shop.open(first)
        load = load_on(shop)
        with load.on():
            shop.roll(second)
            shop.settled(second, 40)
        assert load.failed > 0
