"""What other people do to a service while a release plans, rolls, or goes back."""

import pytest

from deployctl.model.change import Absent, Receipt, State
from deployctl.model.errors import Refused, Superseded, Unanswered
from deployctl.model.release import Kind
from tests.fakes.ecs import DIGEST
from tests.fakes.ecs_parts import Behaviour
from tests.fakes.ecs_shop import BAD, CRASH, NEW, EcsShop

THEIRS = "registry/shop@sha256:" + "7" * 64


def crashing(shop: EcsShop) -> str:
    """Somebody has deployed what never comes up; the old tasks still serve."""
    shop.ecs.image(BAD, CRASH)
    shop.ecs.world.services["shop-api"].breaker = False
    bad = shop.ecs.register("shop-api", image=f"registry/shop@{BAD}")
    shop.ecs.by_hand("shop-api", bad)
    shop.clock.sleep(60)
    return bad


@pytest.mark.parametrize("pinned", [False, True])
def test_the_last_good_image_can_replace_a_deployment_that_never_comes_up(pinned: bool) -> None:
    shop = EcsShop()
    bad = crashing(shop)
    kind, pin = (Kind.ROLLBACK, shop.old) if pinned else (Kind.RELEASE, "")
    change = shop.rollout.plan(shop.release(DIGEST, pin=pin, kind=kind))
    assert change.before["towards"] == bad
    assert not change.is_noop
    assert change.after["revision"] == shop.old
    assert shop.carry(shop.rollout, change).state is State.DONE
    assert shop.ecs.revision("shop-api") == shop.old
    back = shop.rollout.undo(change)
    assert back is not None
    assert shop.carry(shop.rollout, back).state is State.DONE
    assert shop.ecs.calls["UpdateService"] == 1


def test_a_deployment_begun_after_the_plan_is_not_overwritten() -> None:
    shop = EcsShop()
    change = shop.rollout.plan(shop.registered(NEW))
    theirs = shop.ecs.register("shop-api", image=THEIRS)
    shop.ecs.by_hand("shop-api", theirs)
    with pytest.raises(Superseded, match="somebody else"):
        shop.rollout.apply(change)
    assert shop.ecs.revision("shop-api") == theirs


def test_a_deployment_under_way_is_not_overwritten_on_the_way_back() -> None:
    shop = EcsShop()
    change, _ = shop.roll(NEW)
    theirs = shop.ecs.register("shop-api", image=THEIRS)
    shop.ecs.image(THEIRS, Behaviour(start=600))
    shop.ecs.by_hand("shop-api", theirs)
    shop.clock.sleep(5)
    back = shop.rollout.undo(change)
    assert back is not None
    with pytest.raises(Superseded, match="shop-api:3"):
        shop.rollout.apply(back)
    assert shop.ecs.revision("shop-api") == theirs


def test_a_copy_of_ours_edited_in_the_console_is_somebody_elses_whatever_its_tags_say() -> None:
    shop = EcsShop()
    change, _ = shop.roll(NEW)
    ours = shop.ecs.revision("shop-api")
    copy = shop.ecs.register("shop-api", image=THEIRS)
    shop.ecs.world.tags[copy] = shop.ecs.world.tags[ours]
    shop.ecs.by_hand("shop-api", copy)
    back = shop.rollout.undo(change)
    assert back is not None
    with pytest.raises(Superseded):
        shop.rollout.apply(back)


def test_a_default_that_ecs_fills_into_our_revision_does_not_make_it_somebody_elses() -> None:
    shop = EcsShop()
    release = shop.release(NEW)
    register, change = shop.register.plan(release), shop.rollout.plan(release)
    shop.register.apply(register)
    shop.carry(shop.rollout, change)
    shop.ecs.world.revisions[shop.ecs.revision("shop-api")]["ephemeralStorage"] = {"sizeInGiB": 21}
    shop.reset()
    back = shop.rollout.undo(change)
    assert back is not None
    assert shop.carry(shop.rollout, back).state is State.DONE
    assert shop.ecs.revision("shop-api") == shop.old


def test_a_return_of_ecs_to_a_revision_that_the_plan_does_not_know_is_left_alone() -> None:
    shop = EcsShop()
    change, _ = shop.roll(NEW)
    older = shop.ecs.register("shop-api", image=THEIRS)
    shop.ecs.by_hand("shop-api", older)
    primary = shop.ecs.world.services["shop-api"].primary
    primary.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {primary.id}."
    back = shop.rollout.undo(change)
    assert back is not None
    with pytest.raises(Refused, match="ECS itself returns"):
        shop.rollout.apply(back)


def given_up() -> EcsShop:
    """The only deployment there ever was died of a cause that is mended now."""
    shop = EcsShop()
    service = shop.ecs.world.services["shop-api"]
    service.primary.state, service.completed = "FAILED", ""
    for task in shop.ecs.world.tasks.values():
        task.stop(0, "EssentialContainerExited", "Essential container in task exited", 1)
    return shop


def test_a_deployment_that_ecs_gave_up_is_made_anew_with_the_same_revision() -> None:
    shop = given_up()
    shop.clock.sleep(200)
    change = shop.rollout.plan(shop.release(DIGEST))
    assert change.before["rollout"] == "failed"
    shop.ecs.lose_reply("UpdateService")
    assert isinstance(shop.rollout.find(change), Absent)
    with pytest.raises(Unanswered):
        shop.rollout.apply(change)
    found = shop.rollout.find(change)
    assert isinstance(found, Receipt)
    assert shop.watch(shop.rollout, change, found).state is State.DONE
    assert shop.ecs.calls["UpdateService"] == 1
