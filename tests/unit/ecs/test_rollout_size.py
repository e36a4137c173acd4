"""The number of tasks: set only where it is configured, and then taken back like all the rest."""

import pytest

from deployctl.model.change import Absent, Receipt, State
from deployctl.model.errors import Unanswered
from deployctl.steps.rollout_plan import RolloutSettings
from tests.fakes.ecs import DIGEST
from tests.fakes.ecs_shop import API, BAD, CRASH, NEW, EcsShop

SHAPES = pytest.mark.parametrize("shape", ["aws", "ministack"])


def sized(desired: int | None, shape: str = "aws", *, before: int = 2) -> EcsShop:
    settings = RolloutSettings(target=API, desired=desired)
    return EcsShop(shape=shape, settings=settings, desired=before)


def there(shop: EcsShop) -> int:
    return shop.ecs.world.services["shop-api"].desired


@SHAPES
def test_it_travels_in_the_one_call_and_is_taken_back(shape: str) -> None:
    shop = sized(5, shape)
    change, end = shop.roll(NEW)
    assert (change.before["desired"], change.after["desired"]) == ("2", "5")
    assert "tasks" not in change.before
    assert (end.state, end.total, there(shop)) == (State.DONE, 5, 5)
    back = shop.rollout.undo(change)
    assert back is not None
    home = shop.carry(shop.rollout, back)
    assert (home.state, home.total, there(shop)) == (State.DONE, 2, 2)
    assert shop.ecs.calls["UpdateService"] == 2


@SHAPES
def test_it_is_a_change_with_the_same_image_too(shape: str) -> None:
    shop = sized(5, shape)
    change = shop.rollout.plan(shop.release(DIGEST))
    assert not change.is_noop
    end = shop.carry(shop.rollout, change)
    assert (end.state, end.total, there(shop)) == (State.DONE, 5, 5)
    assert shop.rollout.plan(shop.release(DIGEST)).is_noop
    assert shop.ecs.revision("shop-api") == shop.old


def test_a_lost_answer_about_it_is_found_by_the_number() -> None:
    shop = sized(5)
    change = shop.rollout.plan(shop.release(DIGEST))
    assert isinstance(shop.rollout.find(change), Absent)
    shop.ecs.lose_reply("UpdateService")
    with pytest.raises(Unanswered):
        shop.rollout.apply(change)
    assert isinstance(shop.rollout.find(change), Receipt)


def test_the_number_from_before_comes_back_although_ecs_only_returned_the_revision() -> None:
    shop = sized(5)
    shop.ecs.image(BAD, CRASH)
    change = shop.rollout.plan(shop.registered(BAD))
    receipt = shop.rollout.apply(change)
    shop.clock.sleep(120)
    assert shop.watch(shop.rollout, change, receipt).state is State.FAILED
    back = shop.rollout.undo(change)
    assert back is not None
    home = shop.carry(shop.rollout, back)
    assert (home.state, home.total, there(shop)) == (State.DONE, 2, 2)


def test_where_it_is_not_configured_it_is_neither_planned_nor_sent() -> None:
    shop = sized(None)
    change = shop.rollout.plan(shop.registered(NEW))
    assert "desired" not in {**change.before, **change.after}
    shop.ecs.scale("shop-api", 4)
    assert shop.carry(shop.rollout, change).total == 4
    assert there(shop) == 4


def test_a_service_scaled_to_nothing_in_mid_roll_is_not_called_released() -> None:
    shop = sized(None)
    change = shop.rollout.plan(shop.registered(NEW))
    receipt = shop.rollout.apply(change)
    shop.ecs.scale("shop-api", 0)
    end = shop.watch(shop.rollout, change, receipt)
    assert end.state is State.FAILED
    assert "scaled to 0 tasks meanwhile (there were 2)" in end.note


@pytest.mark.parametrize(("desired", "before"), [(None, 0), (0, 2)])
def test_nothing_that_shall_be_nothing_is_done(desired: int | None, before: int) -> None:
    _, end = sized(desired, before=before).roll(NEW)
    assert (end.state, end.note) == (State.DONE, "no tasks: desired count is 0")
