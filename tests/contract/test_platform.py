"""What every container platform does: simulated accounts of both shapes, and a real MiniStack."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployctl.adapters.aws.clients import Clients
from deployctl.adapters.aws.ecs import EcsPlatform
from deployctl.adapters.clock import SystemClock
from deployctl.model.errand import launch_of
from deployctl.model.errors import Refused
from deployctl.model.event import Event
from deployctl.model.rollout import Fleet
from deployctl.model.taskdef import HASH_TAG, LogPlace, body_hash, image_of, with_images
from deployctl.ports.clock import Clock
from deployctl.ports.platform import Errand, Platform
from tests.fakes.clock import FakeClock
from tests.fakes.ecs import FakeEcs
from tests.fakes.ecs_live import bookkeeping_ecs

OLD, NEW = "r/shop@sha256:" + "0" * 64, "r/shop@sha256:" + "1" * 64


@dataclass
class Cluster:
    """A platform with one service `shop-api` of two tasks that run OLD."""

    platform: Platform
    clock: Clock

    def wait(self, until: Callable[[Fleet], bool]) -> Fleet:
        for _ in range(200):
            fleet = self.platform.fleets.look("shop-api")
            if until(fleet):
                return fleet
            self.clock.sleep(0.6)
        raise AssertionError("the fleet never came to be as it should")

    def new_revision(self) -> str:
        body = self.platform.definitions.get(self.platform.fleets.look("shop-api").revision).body
        wanted = with_images(body, {"app": NEW})
        return self.platform.definitions.register(wanted, {HASH_TAG: body_hash(wanted)}).arn


def simulated(shape: str) -> Cluster:
    clock = FakeClock()
    ecs = FakeEcs(clock, shape=shape)
    ecs.service("shop-api", image=OLD)
    return Cluster(ecs.platform(), clock)


def unheard(event: Event) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    with bookkeeping_ecs(Path(tmp_path_factory.mktemp("ministack"))) as clients:
        yield clients


def emulated(clients: Clients, cluster: str) -> Cluster:
    ecs = clients.client("ecs")
    ecs.create_cluster(clusterName=cluster)
    made = ecs.register_task_definition(
        family=f"shop-api-{cluster}",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {"name": "app", "image": OLD, "environment": [{"name": "EMPTY", "value": ""}]}
        ],
        tags=[{"key": "team", "value": "shop"}],
    )
    ecs.create_service(
        cluster=cluster,
        serviceName="shop-api",
        taskDefinition=made["taskDefinition"]["taskDefinitionArn"],
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    )
    clock = SystemClock()
    platform = EcsPlatform(
        clients=clients, cluster=cluster, services=("shop-api",), clock=clock, tell=unheard
    )
    return Cluster(platform, clock)


@pytest.fixture(params=["aws", "ministack", "live"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    if request.param == "live":
        return emulated(request.getfixturevalue("live"), f"c{abs(hash(request.node.name))}")
    return simulated(request.param)


def test_a_service_is_seen_with_its_deployment(cluster: Cluster) -> None:
    fleet = cluster.wait(lambda f: f.running == f.desired)
    assert (fleet.status, fleet.desired, fleet.controller) == ("ACTIVE", 2, "ECS")
    assert fleet.primary is not None
    assert fleet.primary.revision == fleet.revision
    assert fleet.launch["launchType"] == "FARGATE"
    assert "networkConfiguration" in fleet.launch


def test_a_service_that_is_not_there_is_missing_not_an_error(cluster: Cluster) -> None:
    assert cluster.platform.fleets.look("nobody").status == "MISSING"
    assert "shop-api" in cluster.platform.fleets.names()


def test_a_registered_revision_is_found_again_whole(cluster: Cluster) -> None:
    old = cluster.platform.definitions.get(cluster.platform.fleets.look("shop-api").revision)
    arn = cluster.new_revision()
    found = cluster.platform.definitions.get(arn)
    assert found.active
    assert image_of(found.body, "app") == NEW
    assert found.hash == body_hash(with_images(old.body, {"app": NEW}))
    assert found.tags[HASH_TAG] == found.hash
    assert old.tags["team"] == "shop"
    newest = next(cluster.platform.definitions.newest(found.family))
    assert newest.arn == arn


def test_a_revision_that_does_not_exist_is_refused(cluster: Cluster) -> None:
    with pytest.raises(Refused):
        cluster.platform.definitions.get("arn:aws:ecs:eu-west-1:000000000000:task-definition/no:1")


def test_a_shift_returns_its_own_deployment_and_ends_on_the_new_revision(cluster: Cluster) -> None:
    before = cluster.platform.fleets.look("shop-api").primary
    revision = cluster.new_revision()
    primary = cluster.platform.fleets.shift("shop-api", revision).primary
    assert primary is not None
    assert before is not None
    assert primary.id != before.id
    assert primary.revision == revision
    cluster.wait(lambda f: f.running == 2 and f.proven is not None and f.proven.id == primary.id)
    cluster.wait(lambda f: all(d.running == 0 for d in f.deployments if d.id != primary.id))
    tasks = cluster.platform.fleets.running("shop-api")
    assert [task.revision for task in tasks] == [revision, revision]
    ended = cluster.platform.fleets.stopped("shop-api")
    assert {task.revision for task in ended} == {before.revision}


def test_a_shift_to_what_already_serves_makes_no_deployment(cluster: Cluster) -> None:
    before = cluster.platform.fleets.look("shop-api")
    after = cluster.platform.fleets.shift("shop-api", before.revision, desired=2)
    assert before.primary is not None
    assert after.primary is not None
    assert after.primary.id == before.primary.id


def test_another_number_of_tasks_alone_makes_no_deployment(cluster: Cluster) -> None:
    before = cluster.wait(lambda f: f.running == f.desired)
    after = cluster.platform.fleets.shift("shop-api", before.revision, desired=3)
    assert before.primary is not None
    assert after.primary is not None
    assert (after.desired, after.primary.id) == (3, before.primary.id)
    assert cluster.platform.fleets.look("shop-api", fresh=True).desired == 3
    cluster.wait(lambda f: f.primary is not None and f.primary.running == 3)


def test_the_same_revision_is_deployed_anew_when_that_is_wanted(cluster: Cluster) -> None:
    before = cluster.wait(lambda f: f.running == f.desired)
    after = cluster.platform.fleets.shift("shop-api", before.revision, anew=True)
    assert before.primary is not None
    assert after.primary is not None
    anew = after.primary.id
    assert anew != before.primary.id
    cluster.wait(lambda f: f.proven is not None and f.proven.id == anew)


def test_a_one_off_task_is_found_by_its_token(cluster: Cluster) -> None:
    errand = Errand(
        revision=cluster.new_revision(),
        container="app",
        command=("migrate",),
        environment={"LEVEL": "1"},
        launch=launch_of(cluster.platform.fleets.look("shop-api").launch),
        token="20260314-migrate-shop-0123456789abcdef",
        tags={"deployctl:release": "r1"},
    )
    assert cluster.platform.tasks.started_by(errand.token) == ()
    made = cluster.platform.tasks.run(errand)
    assert made.ended is None
    found = cluster.platform.tasks.started_by(errand.token)
    assert [(task.arn, task.revision) for task in found] == [(made.arn, errand.revision)]
    seen = cluster.platform.tasks.get(made.arn)
    assert seen is not None
    assert seen.started_by == errand.token


def test_an_unknown_task_is_none(cluster: Cluster) -> None:
    arn = "arn:aws:ecs:eu-west-1:000000000000:task/shop/00000000000000000000000000000000"
    assert cluster.platform.tasks.get(arn) is None


def test_logs_that_are_not_there_are_empty(cluster: Cluster) -> None:
    place = LogPlace(group="/nobody", stream="ecs/app/1", region="eu-west-1")
    assert cluster.platform.logs.tail(place).lines == ()
    assert cluster.platform.logs.last(place, 20) == ()


def test_a_service_deployment_that_is_not_recorded_is_none(cluster: Cluster) -> None:
    arn = (
        "arn:aws:ecs:eu-west-1:000000000000:service-deployment/shop/shop-api/0123456789abcdef01234"
    )
    assert cluster.platform.fleets.service_deployment(arn) is None
    fleet = cluster.platform.fleets.look("shop-api")
    since = cluster.clock.now()
    assert cluster.platform.fleets.service_deployment_of("shop-api", fleet.revision, since) is None


def test_a_service_without_a_load_balancer_has_nothing_to_drain(cluster: Cluster) -> None:
    assert cluster.platform.fleets.drain_seconds(cluster.platform.fleets.look("shop-api")) == 0
