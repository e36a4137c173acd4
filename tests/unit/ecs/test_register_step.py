"""A task definition is registered once, whole, and only when no equal one is there."""

from datetime import timedelta

import pytest

from deployctl.model.change import Absent, Receipt, State
from deployctl.model.errors import CheckFailed, Refused, Unanswered
from deployctl.steps.register import RegisterSettings, RegisterStep
from deployctl.steps.target import EcsTarget
from tests.fakes.ecs_shop import NEW, EcsShop


def test_everything_but_the_image_survives_and_the_tags_say_what_it_is() -> None:
    shop = EcsShop()
    release = shop.release(NEW)
    change = shop.register.plan(release)
    receipt = shop.register.apply(change)
    made = shop.ecs.world.revisions[receipt.handles["revision"]]
    old = shop.ecs.world.revisions[shop.old]
    container, before = made["containerDefinitions"][0], old["containerDefinitions"][0]
    assert container == {**before, "image": f"registry/shop@{NEW}"}
    assert container["environment"] == [{"name": "EMPTY", "value": ""}]
    assert {k: made[k] for k in ("cpu", "memory", "networkMode")} == {
        k: old[k] for k in ("cpu", "memory", "networkMode")
    }
    tags = {t["key"]: t["value"] for t in shop.ecs.world.tags[receipt.handles["revision"]]}
    assert tags == {
        "team": "shop",
        "deployctl:hash": change.after["body"],
        "deployctl:release": release.id,
    }
    assert shop.register.observe(change, receipt).state is State.DONE
    assert shop.register.undo(change) is None


def test_a_lost_answer_does_not_make_a_second_revision() -> None:
    shop = EcsShop()
    change = shop.register.plan(shop.release(NEW))
    shop.ecs.lose_reply("RegisterTaskDefinition")
    with pytest.raises(Unanswered):
        shop.register.apply(change)
    found = shop.register.find(change)
    assert isinstance(found, Receipt)
    assert shop.register.apply(change) == found
    assert len(shop.ecs.world.revisions) == 2


def test_nothing_registered_is_absent() -> None:
    shop = EcsShop()
    assert isinstance(shop.register.find(shop.register.plan(shop.release(NEW))), Absent)


def test_an_equal_revision_from_before_is_used_again() -> None:
    shop = EcsShop()
    shop.registered(NEW)
    change = shop.register.plan(shop.release(NEW))
    assert change.is_noop
    assert change.summary == "use revision shop-api:2"


def test_a_copy_edited_in_the_console_is_not_taken_for_ours_although_it_carries_our_tags() -> None:
    shop = EcsShop()
    shop.registered(NEW)
    ours = list(shop.ecs.world.revisions)[-1]
    copy = shop.ecs.register("shop-api", image="registry/shop@sha256:edited")
    shop.ecs.world.tags[copy] = shop.ecs.world.tags[ours]
    change = shop.rollout.plan(shop.release(NEW))
    assert change.after["revision"] == ours


def test_a_default_that_ecs_fills_in_does_not_hide_our_own_revision() -> None:
    shop = EcsShop()
    shop.registered(NEW)
    ours = list(shop.ecs.world.revisions)[-1]
    shop.ecs.world.revisions[ours]["ephemeralStorage"] = {"sizeInGiB": 21}
    shop.reset()
    assert shop.rollout.plan(shop.release(NEW)).after["revision"] == ours


def test_a_definition_that_changed_after_the_plan_is_not_overwritten() -> None:
    shop = EcsShop()
    change = shop.register.plan(shop.release(NEW))
    other = shop.ecs.register("shop-api", image="x@sha256:1", body={"cpu": "512"})
    shop.ecs.by_hand("shop-api", other)
    shop.clock.sleep(1)
    with pytest.raises(Refused, match="changed after the plan"):
        shop.register.apply(change)


def test_an_unknown_container_is_refused_with_the_names_there_are() -> None:
    shop = EcsShop()
    target = EcsTarget(service="api", ecs="shop-api", container="nginx")
    step = RegisterStep(settings=RegisterSettings(target=target), platform=shop.ecs.platform())
    with pytest.raises(CheckFailed, match="nginx") as refused:
        step.plan(shop.release(NEW))
    assert refused.value.hint == "Set `container:` to one of: app"
    assert (step.patience, step.pause) == (timedelta(minutes=5), timedelta(seconds=2))


def test_variables_of_the_config_are_set_and_others_stay() -> None:
    shop = EcsShop()
    target = EcsTarget(service="api", ecs="shop-api", environment={"EMPTY": "x", "MODE": "live"})
    step = RegisterStep(settings=RegisterSettings(target=target), platform=shop.ecs.platform())
    receipt = step.apply(step.plan(shop.release(NEW)))
    made = shop.ecs.world.revisions[receipt.handles["revision"]]
    assert made["containerDefinitions"][0]["environment"] == [
        {"name": "EMPTY", "value": "x"},
        {"name": "MODE", "value": "live"},
    ]
