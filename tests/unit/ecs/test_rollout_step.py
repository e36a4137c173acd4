"""A service rolls on the simulated ECS, through the real adapter, in both shapes."""

from datetime import timedelta

import pytest

from deployctl.model.change import State
from deployctl.model.errors import Superseded
from deployctl.steps.rollout_plan import RolloutSettings
from tests.fakes.ecs import DIGEST
from tests.fakes.ecs_parts import Behaviour
from tests.fakes.ecs_shop import API, BAD, CRASH, NEW, EcsShop

SHAPES = pytest.mark.parametrize("shape", ["aws", "ministack"])


@SHAPES
def test_a_good_image_ends_up_on_every_task_with_one_update(shape: str) -> None:
    shop = EcsShop(shape=shape)
    change, end = shop.roll(NEW)
    assert end.state is State.DONE
    assert (end.done, end.total) == (2, 2)
    assert end.note == "2 of 2 tasks on shop-api:2"
    assert shop.ecs.serving("shop-api") == {f"registry/shop@{NEW}"}
    assert shop.ecs.calls["UpdateService"] == 1
    assert change.before["revision"] == shop.old
    assert change.seconds == 40 + 0
    assert shop.rollout.patience == timedelta(minutes=10)


@SHAPES
def test_a_second_release_of_the_same_image_is_no_change_and_no_mutation(shape: str) -> None:
    shop = EcsShop(shape=shape)
    shop.roll(NEW)
    shop.reset()
    before = shop.ecs.mutations
    release = shop.release(NEW)
    assert shop.register.plan(release).is_noop
    assert shop.rollout.plan(release).is_noop
    assert shop.ecs.mutations == before


@SHAPES
def test_a_crash_image_fails_with_its_exit_code_and_last_words(shape: str) -> None:
    shop = EcsShop(shape=shape)
    shop.ecs.image(BAD, CRASH)
    _, end = shop.roll(BAD)
    assert end.state is State.FAILED
    assert any("exit code 3" in line for line in end.evidence)
    assert "app | no DATABASE_URL" in end.evidence
    assert "exit code 3" in end.hint
    assert "aws logs tail /ecs/shop-api" in end.hint


@SHAPES
def test_the_way_back_after_ecs_rolled_back_itself_is_one_actor_and_still_proven(
    shape: str,
) -> None:
    shop = EcsShop(shape=shape)
    shop.ecs.image(BAD, CRASH)
    change = shop.rollout.plan(shop.registered(BAD))
    receipt = shop.rollout.apply(change)
    shop.clock.sleep(120)
    end = shop.watch(shop.rollout, change, receipt)
    assert end.state is State.FAILED
    back = shop.rollout.undo(change)
    assert back is not None
    home = shop.carry(shop.rollout, back)
    assert home.state is State.DONE
    assert shop.ecs.calls["UpdateService"] == 1
    assert shop.ecs.serving("shop-api") == {f"registry/shop@{DIGEST}"}


@SHAPES
def test_without_a_breaker_the_own_detector_ends_it_and_we_roll_back(shape: str) -> None:
    shop = EcsShop(shape=shape, breaker=False)
    shop.ecs.image(BAD, CRASH)
    change, end = shop.roll(BAD)
    assert end.state is State.FAILED
    assert "none stays up" in end.note
    assert shop.clock.elapsed() < 60
    back = shop.rollout.undo(change)
    assert back is not None
    assert shop.carry(shop.rollout, back).state is State.DONE
    assert shop.ecs.calls["UpdateService"] == 2
    assert shop.ecs.revision("shop-api") == shop.old


@SHAPES
def test_an_image_that_cannot_be_pulled_is_named_with_the_command_to_look(shape: str) -> None:
    shop = EcsShop(shape=shape)
    shop.ecs.image(BAD, Behaviour(pullable=False))
    _, end = shop.roll(BAD)
    assert end.state is State.FAILED
    assert "CannotPullContainerError" in end.evidence[0]
    assert f"aws ecr describe-images --repository-name shop --image-ids imageDigest={BAD}" in (
        end.hint
    )


@SHAPES
def test_a_version_that_never_gets_healthy_fails_for_its_health_check(shape: str) -> None:
    shop = EcsShop(shape=shape)
    shop.ecs.image(BAD, Behaviour(healthy=False))
    _, end = shop.roll(BAD)
    assert end.state is State.FAILED
    assert "health check path" in end.hint


def test_a_few_crashes_among_healthy_tasks_do_not_end_the_roll() -> None:
    shop = EcsShop(desired=8, breaker=False, drain=30)
    shop.ecs.image(NEW, Behaviour(crash_after=50, flaky=4))
    _, end = shop.roll(NEW)
    assert end.state is State.DONE


def test_somebody_elses_deployment_is_superseded_and_never_overwritten() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    other = shop.ecs.register("shop-api", image="registry/shop@sha256:other")
    shop.ecs.by_hand("shop-api", other)
    end = shop.watch(shop.rollout, change, receipt)
    assert end.state is State.FAILED
    assert "superseded" in end.note
    assert end.facts["superseded_by"] == other
    back = shop.rollout.undo(change)
    assert back is not None
    shop.clock.sleep(60)
    with pytest.raises(Superseded, match="somebody else"):
        shop.rollout.apply(back)
    assert shop.ecs.revision("shop-api") == other


def test_a_deployment_of_our_own_revision_by_somebody_else_is_taken_for_ours() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    shop.clock.sleep(5)
    shop.ecs.by_hand("shop-api", receipt.handles["revision"])
    assert shop.watch(shop.rollout, change, receipt).state is State.DONE


def test_a_task_that_reports_another_digest_is_not_called_released() -> None:
    shop = EcsShop()
    shop.ecs.image(NEW, Behaviour(reported="sha256:something"))
    _, end = shop.roll(NEW)
    assert end.state is State.FAILED
    assert "runs sha256:something" in end.note
    assert "verify_digest" in end.hint


def test_the_digest_is_not_compared_when_that_is_switched_off() -> None:
    shop = EcsShop(settings=RolloutSettings(target=API, verify_digest=False))
    shop.ecs.image(NEW, Behaviour(reported="sha256:platform"))
    assert shop.roll(NEW)[1].state is State.DONE


def test_autoscaling_in_the_middle_of_a_roll_moves_the_target_only() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    shop.ecs.scale("shop-api", 5)
    end = shop.watch(shop.rollout, change, receipt)
    assert (end.state, end.done, end.total) == (State.DONE, 5, 5)


def test_a_configured_number_of_tasks_travels_in_the_same_call() -> None:
    shop = EcsShop(settings=RolloutSettings(target=API, desired=4))
    _, end = shop.roll(NEW)
    assert end.total == 4
    assert shop.ecs.calls["UpdateService"] == 1


def test_a_service_scaled_to_nothing_rolls_at_once() -> None:
    shop = EcsShop(desired=0)
    _, end = shop.roll(NEW)
    assert (end.state, end.total) == (State.DONE, 0)


def test_a_return_uses_the_exact_revision_that_ran_before() -> None:
    shop = EcsShop()
    shop.roll(NEW)
    release = shop.release(DIGEST, pin=shop.old)
    assert shop.register.plan(release).is_noop
    change = shop.rollout.plan(release)
    assert change.after["revision"] == shop.old
    assert shop.carry(shop.rollout, change).state is State.DONE
    assert shop.ecs.revision("shop-api") == shop.old


def test_a_service_removed_in_the_middle_fails() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    shop.ecs.world.services["shop-api"].status = "DRAINING"
    end = shop.watch(shop.rollout, change, receipt)
    assert "DRAINING" in end.note
    assert "aws ecs describe-services" in end.hint


def test_a_plan_made_before_its_revision_exists_goes_there_and_back() -> None:
    shop = EcsShop(breaker=False)
    shop.ecs.image(BAD, CRASH)
    release = shop.release(BAD)
    register, change = shop.register.plan(release), shop.rollout.plan(release)
    assert "revision" not in change.after
    shop.register.apply(register)
    assert shop.carry(shop.rollout, change).state is State.FAILED
    back = shop.rollout.undo(change)
    assert back is not None
    assert shop.carry(shop.rollout, back).state is State.DONE
    assert shop.ecs.revision("shop-api") == shop.old
