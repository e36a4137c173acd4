"""How the ECS adapter shares calls, pages, and does without what it may not read."""

import pytest

from deployctl.adapters.aws.clients import code_of
from deployctl.model.errand import launch_of
from deployctl.model.errors import Blind, Refused, Unanswered
from deployctl.model.taskdef import LogPlace
from deployctl.ports.platform import Errand
from tests.fakes.clock import FakeClock
from tests.fakes.ecs import FakeEcs
from tests.fakes.ecs_parts import Behaviour


def test_the_looks_of_one_tick_share_one_call_for_ten_services() -> None:
    clock = FakeClock()
    ecs = FakeEcs(clock)
    names = [f"s{n}" for n in range(12)]
    for name in names:
        ecs.service(name, desired=1)
    fleets = ecs.platform().fleets
    for name in names:
        assert fleets.look(name).service == name
    assert ecs.calls["DescribeServices"] == 2
    clock.sleep(0.5)
    fleets.look("s0")
    assert ecs.calls["DescribeServices"] == 4
    fleets.look("s0", fresh=True)
    assert ecs.calls["DescribeServices"] == 5


def test_more_than_a_hundred_tasks_are_read_in_pages() -> None:
    ecs = FakeEcs(FakeClock())
    ecs.service("big", desired=230)
    assert len(ecs.platform().fleets.running("big")) == 230
    assert ecs.calls["ListTasks"] == 3
    assert ecs.calls["DescribeTasks"] == 3


def test_the_drain_is_read_once_from_the_target_group_and_usual_where_it_may_not_be() -> None:
    ecs = FakeEcs(FakeClock())
    ecs.service("web")
    ecs.world.services["web"].target_group = "arn:aws:elasticloadbalancing:tg/a"
    fleets = ecs.platform().fleets
    fleet = fleets.look("web")
    assert [fleets.drain_seconds(fleet), fleets.drain_seconds(fleet)] == [30, 30]
    assert ecs.calls["DescribeTargetGroupAttributes"] == 1
    ecs.fail("DescribeTargetGroupAttributes", "AccessDenied")
    assert ecs.platform().fleets.drain_seconds(fleet) == 300


def test_names_that_may_not_be_listed_are_left_out() -> None:
    ecs = FakeEcs(FakeClock())
    ecs.service("web")
    ecs.fail("ListServices", "AccessDeniedException")
    assert ecs.platform().fleets.names() == ()


def test_a_wrong_cluster_is_refused_and_expired_keys_blind_us() -> None:
    ecs = FakeEcs(FakeClock())
    ecs.service("web")
    ecs.fail("DescribeServices", "ClusterNotFoundException")
    with pytest.raises(Refused) as refused:
        ecs.platform().fleets.look("web")
    assert code_of(refused.value) == "ClusterNotFoundException"
    assert "cluster:" in refused.value.hint
    ecs.fail("DescribeServices", "ExpiredTokenException")
    with pytest.raises(Blind):
        ecs.platform().fleets.look("web")


def test_a_record_that_gets_no_answer_is_asked_again_later() -> None:
    ecs = FakeEcs(FakeClock())
    fleets = ecs.platform().fleets
    ecs.fail("DescribeServiceDeployments", "ThrottlingException")
    with pytest.raises(Unanswered):
        fleets.service_deployment("a" * 20)
    assert fleets.service_deployment("a" * 20) is None
    ecs.fail("DescribeServiceDeployments", "InvalidAction")
    assert fleets.service_deployment("a" * 20) is None
    assert fleets.service_deployment("a" * 20) is None
    assert ecs.calls["DescribeServiceDeployments"] == 3
    assert ecs.told == []


def errand(ecs: FakeEcs, revision: str) -> Errand:
    launch = launch_of(ecs.platform().fleets.look("web").launch)
    return Errand(
        revision=revision,
        container="app",
        command=("up",),
        environment={},
        launch=launch,
        token="t1",
        tags={},
    )


def test_a_conflict_of_a_token_means_the_task_is_there() -> None:
    ecs = FakeEcs(FakeClock())
    wanted = errand(ecs, ecs.service("web"))
    tasks = ecs.platform().tasks
    first = tasks.run(wanted)
    ecs.fail("RunTask", "ConflictException")
    assert tasks.run(wanted).arn == first.arn
    assert tasks.run(wanted).arn == first.arn


@pytest.mark.parametrize("operation", ["DescribeServices", "ListTasks", "DescribeTasks"])
def test_a_look_whose_answer_is_no_answer_of_aws_says_nothing(operation: str) -> None:
    ecs = FakeEcs(FakeClock())
    ecs.service("web")
    fleets = ecs.platform().fleets
    ecs.garble(operation)
    with pytest.raises(Unanswered, match="does not come from AWS"):
        [fleets.look("web"), fleets.running("web")]
    assert fleets.look("web").status == "ACTIVE"


def test_an_update_whose_answer_is_unreadable_may_have_happened() -> None:
    ecs = FakeEcs(FakeClock())
    ecs.service("web")
    revision = ecs.register("web", image="r/web@sha256:2")
    ecs.garble("UpdateService")
    with pytest.raises(Unanswered):
        ecs.platform().fleets.shift("web", revision)
    assert ecs.revision("web") == revision


def test_log_lines_come_once_and_the_last_ones_on_demand() -> None:
    clock = FakeClock()
    ecs = FakeEcs(clock)
    ecs.image("shop", Behaviour(logs=("one", "two", "three")))
    arn = ecs.platform().tasks.run(errand(ecs, ecs.service("web"))).arn
    clock.sleep(5)
    place = LogPlace(group="/ecs/web", stream=f"ecs/app/{arn.rpartition('/')[2]}")
    logs = ecs.platform().logs
    page = logs.tail(place)
    assert page.lines == ("one", "two", "three")
    assert logs.tail(place, page.cursor).lines == ()
    assert logs.last(place, 2) == ("two", "three")
    elsewhere = LogPlace(group=place.group, stream=place.stream, region="us-east-1")
    assert logs.last(elsewhere, 2) == ()
