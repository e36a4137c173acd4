"""A rollout survives lost answers, a new process, throttling and missing permissions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deployctl.model.change import Absent, Receipt, State
from deployctl.model.errors import Unanswered
from deployctl.steps.rollout_plan import RolloutSettings
from tests.fakes.ecs_shop import API, BAD, CRASH, NEW, EcsShop

SHAPES = pytest.mark.parametrize("shape", ["aws", "ministack"])


@SHAPES
def test_a_lost_answer_is_found_again_and_not_repeated(shape: str) -> None:
    shop = EcsShop(shape=shape)
    change = shop.rollout.plan(shop.registered(NEW))
    shop.ecs.lose_reply("UpdateService")
    with pytest.raises(Unanswered):
        shop.rollout.apply(change)
    shop.reset()
    found = shop.rollout.find(change)
    assert isinstance(found, Receipt)
    assert shop.watch(shop.rollout, change, found).state is State.DONE
    assert shop.ecs.calls["UpdateService"] == 1


def test_an_update_that_never_arrived_is_absent() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    shop.ecs.drop("UpdateService")
    with pytest.raises(Unanswered):
        shop.rollout.apply(change)
    assert isinstance(shop.rollout.find(change), Absent)


@SHAPES
def test_a_new_process_finds_the_roll_that_ecs_has_already_taken_back(shape: str) -> None:
    shop = EcsShop(shape=shape)
    shop.ecs.image(BAD, CRASH)
    change = shop.rollout.plan(shop.registered(BAD))
    shop.rollout.apply(change)
    shop.clock.sleep(300)
    shop.reset()
    found = shop.rollout.find(change)
    assert isinstance(found, Receipt)
    end = shop.watch(shop.rollout, change, found)
    assert end.state is State.FAILED
    assert "back" in end.note


def test_a_new_process_judges_by_deployment_id_without_the_service_deployment_permission() -> None:
    shop = EcsShop()
    shop.ecs.image(BAD, CRASH)
    change = shop.rollout.plan(shop.registered(BAD))
    receipt = shop.rollout.apply(change)
    shop.clock.sleep(300)
    shop.reset()
    shop.ecs.fail("DescribeServiceDeployments", "AccessDeniedException", times=9)
    end = shop.watch(shop.rollout, change, receipt)
    assert end.state is State.FAILED
    assert "ECS rolled shop-api back" in end.note
    assert any("ecs:DescribeServiceDeployments" in str(event) for event in shop.ecs.told)


def test_throttled_looks_are_unanswered_and_a_later_look_goes_on() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    shop.clock.sleep(5)
    shop.ecs.fail("DescribeServices", "ThrottlingException")
    with pytest.raises(Unanswered):
        shop.rollout.observe(change, receipt)
    assert shop.watch(shop.rollout, change, receipt).state is State.DONE


@SHAPES
def test_the_old_side_that_still_drains_is_not_taken_for_the_way_back(shape: str) -> None:
    shop = EcsShop(shape=shape, breaker=False)
    shop.ecs.image(BAD, CRASH)
    change, _ = shop.roll(BAD)
    back = shop.rollout.undo(change)
    assert back is not None
    shop.reset()
    assert isinstance(shop.rollout.find(back), Absent)
    shop.rollout.apply(back)
    assert isinstance(shop.rollout.find(back), Receipt)


def test_an_answer_that_still_names_the_deployment_before_ours_is_not_believed() -> None:
    shop = EcsShop()
    shop.roll(NEW)
    shop.ecs.world.stale_record = True
    change = shop.rollout.plan(shop.registered(BAD))
    receipt = shop.rollout.apply(change)
    assert "service_deployment" not in receipt.handles
    assert shop.watch(shop.rollout, change, receipt).state is State.DONE


def test_a_failure_is_told_even_when_the_revision_cannot_be_read_any_more() -> None:
    shop = EcsShop()
    shop.ecs.image(BAD, CRASH)
    change = shop.rollout.plan(shop.registered(BAD))
    receipt = shop.rollout.apply(change)
    assert shop.rollout.observe(change, receipt).state is State.RUNNING
    shop.clock.sleep(60)
    shop.ecs.fail("DescribeTaskDefinition", "AccessDeniedException", times=3)
    end = shop.watch(shop.rollout, change, receipt)
    assert end.state is State.FAILED
    assert any("exit code 3" in line for line in end.evidence)
    assert "read the log of container app" in end.hint


@pytest.mark.parametrize("behind", [0, 60])
def test_a_roll_that_ecs_took_back_is_found_although_its_clock_is_behind_ours(behind: int) -> None:
    shop = EcsShop(behind=behind)
    shop.ecs.image(BAD, CRASH)
    change = shop.rollout.plan(shop.registered(BAD))
    shop.rollout.apply(change)
    shop.clock.sleep(300)
    shop.reset()
    found = shop.rollout.find(change)
    assert isinstance(found, Receipt)
    assert shop.watch(shop.rollout, change, found).state is State.FAILED
    assert shop.ecs.calls["UpdateService"] == 1


def test_the_roll_of_the_release_before_is_not_taken_for_this_one() -> None:
    shop = EcsShop()
    shop.roll(NEW)
    shop.ecs.by_hand("shop-api", shop.old)
    shop.clock.sleep(20)
    assert isinstance(shop.rollout.find(shop.rollout.plan(shop.registered(NEW))), Absent)


@SHAPES
def test_a_finished_roll_can_be_looked_at_again_by_anybody_at_any_time(shape: str) -> None:
    shop = EcsShop(shape=shape)
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    assert shop.watch(shop.rollout, change, receipt).state is State.DONE
    shop.clock.sleep(7200)
    assert shop.rollout.observe(change, receipt).state is State.DONE
    shop.reset()
    assert shop.rollout.observe(change, receipt).state is State.DONE
    shop.ecs.by_hand("shop-api", shop.old)
    shop.clock.sleep(1)
    assert shop.watch(shop.rollout, change, receipt).state is State.FAILED


def test_a_pause_in_looking_is_not_taken_for_silence() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    service = shop.ecs.world.services["shop-api"]
    shop.ecs.world.say(service, "(service shop-api) was unable to place a task because")
    assert shop.watch(shop.rollout, change, receipt).state is State.DONE
    shop.clock.sleep(7200)
    shop.ecs.scale("shop-api", 3)
    assert shop.watch(shop.rollout, change, receipt).note == "3 of 3 tasks on shop-api:2"


def test_patience_is_learned_from_the_plan_in_every_process_unless_it_is_configured() -> None:
    shop = EcsShop(desired=8, max_percent=125)
    change = replace(shop.rollout.plan(shop.registered(NEW)), seconds=1800)
    shop.reset()
    assert shop.rollout.patience == timedelta(minutes=30)
    receipt = shop.rollout.apply(change)
    assert shop.rollout.patience == timedelta(hours=1)
    shop.reset()
    assert isinstance(shop.rollout.find(change), Receipt)
    assert shop.rollout.patience == timedelta(hours=1)
    shop.reset()
    shop.rollout.observe(change, receipt)
    assert shop.rollout.patience == timedelta(hours=1)
    shop.settings = RolloutSettings(target=API, patience=timedelta(minutes=3))
    shop.reset()
    shop.rollout.observe(change, receipt)
    assert shop.rollout.patience == timedelta(minutes=3)


def test_a_verdict_does_not_wait_for_evidence_that_may_not_be_read() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    assert shop.rollout.observe(change, receipt).state is State.RUNNING
    shop.clock.sleep(1)
    shop.ecs.world.services["shop-api"].status = "DRAINING"
    shop.ecs.fail("ListTasks", "AccessDeniedException")
    assert shop.rollout.observe(change, receipt).state is State.FAILED
