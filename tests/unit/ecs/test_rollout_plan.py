"""What a rollout step plans, and what it refuses before anything is touched."""

from datetime import timedelta

import pytest

from deployctl.model.change import Absent, State
from deployctl.model.errors import CheckFailed, Refused
from deployctl.steps.rollout_plan import RolloutSettings
from tests.fakes.ecs import DIGEST
from tests.fakes.ecs_shop import API, BAD, CRASH, NEW, EcsShop


def test_a_return_to_a_deregistered_revision_or_other_images_is_refused() -> None:
    shop = EcsShop()
    shop.roll(NEW)
    with pytest.raises(CheckFailed, match="not the recorded"):
        shop.rollout.plan(shop.release(BAD, pin=shop.old))
    shop.ecs.deregister(shop.old)
    with pytest.raises(CheckFailed, match="deregistered"):
        shop.rollout.plan(shop.release(DIGEST, pin=shop.old))


def test_a_release_that_leaves_the_service_alone_changes_nothing() -> None:
    shop = EcsShop()
    release = shop.release(NEW)
    alone = type(release)(
        id=release.id,
        project="shop",
        environment="test",
        commit=release.commit,
        images={},
        at=release.at,
    )
    assert shop.rollout.plan(alone).is_noop
    assert shop.register.plan(alone).is_noop
    assert shop.migrate.plan(alone).is_noop


def test_a_missing_service_names_the_ones_there_are() -> None:
    shop = EcsShop()
    del shop.ecs.world.services["shop-api"]
    shop.ecs.service("shop-web")
    with pytest.raises(CheckFailed, match="no ECS service") as refused:
        shop.rollout.plan(shop.release())
    assert "shop-web" in refused.value.hint


def test_a_drained_service_and_one_of_another_controller_are_refused() -> None:
    shop = EcsShop()
    shop.ecs.world.services["shop-api"].status = "INACTIVE"
    with pytest.raises(CheckFailed, match="INACTIVE"):
        shop.rollout.plan(shop.release())
    shop = EcsShop()
    shop.ecs.world.services["shop-api"].controller = "CODE_DEPLOY"
    with pytest.raises(CheckFailed, match="CODE_DEPLOY"):
        shop.rollout.plan(shop.release())
    shop = EcsShop()
    shop.ecs.world.services["shop-api"].strategy = "CANARY"
    with pytest.raises(CheckFailed, match="CANARY"):
        shop.rollout.plan(shop.release())


def test_percentages_that_would_deadlock_are_refused_before_anything_changes() -> None:
    shop = EcsShop(desired=1, max_percent=100)
    with pytest.raises(CheckFailed, match="neither start"):
        shop.rollout.plan(shop.release())


def test_an_unproven_deployment_is_not_called_nothing_to_do() -> None:
    shop = EcsShop()
    shop.ecs.world.services["shop-api"].primary.state = "IN_PROGRESS"
    release = shop.release(DIGEST)
    change = shop.rollout.plan(release)
    assert not change.is_noop
    assert change.before["rollout"] == "in_progress"
    assert shop.carry(shop.rollout, change).state is State.DONE
    assert shop.ecs.calls["UpdateService"] == 0


def test_the_proven_revision_is_the_one_to_go_back_to() -> None:
    shop = EcsShop()
    shop.ecs.image(BAD, CRASH)
    shop.ecs.world.services["shop-api"].breaker = False
    bad = shop.ecs.register("shop-api", image=f"registry/shop@{BAD}")
    shop.ecs.by_hand("shop-api", bad)
    shop.clock.sleep(30)
    change, end = shop.roll(NEW)
    assert change.before["revision"] == shop.old
    assert end.state is State.DONE


def test_a_wanted_revision_that_vanished_is_refused() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.release(NEW))
    with pytest.raises(Refused, match="no ACTIVE task definition"):
        shop.rollout.apply(change)
    assert isinstance(shop.rollout.find(change), Absent)


def test_patience_is_what_is_configured_or_long_while_nothing_is_known() -> None:
    shop = EcsShop(settings=RolloutSettings(target=API, patience=timedelta(seconds=7)))
    assert shop.rollout.patience == timedelta(seconds=7)
    assert EcsShop().rollout.patience == timedelta(minutes=30)
    assert shop.rollout.pause == timedelta(seconds=5)
