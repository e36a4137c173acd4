"""A migration runs once on the simulated ECS, with the new image, and is judged by its exit."""

from datetime import timedelta

import pytest

from deployctl.model.change import Absent, Change, Progress, Receipt, State, Unknown
from deployctl.model.errors import Refused, Unanswered
from deployctl.model.event import LogLine
from deployctl.model.release import Kind
from deployctl.steps.migrate import MigrateSettings, MigrateStep
from tests.fakes.ecs_parts import Behaviour
from tests.fakes.ecs_shop import API, BAD, NEW, EcsShop, image


def planned(shop: EcsShop) -> Change:
    return shop.migrate.plan(shop.registered(NEW))


def seen(shop: EcsShop, change: Change, receipt: Receipt) -> Progress:
    look = shop.migrate.observe(change, receipt)
    assert isinstance(look, Progress)
    return look


def test_it_runs_the_command_of_the_new_image_and_tells_its_lines() -> None:
    shop = EcsShop()
    shop.ecs.image(NEW, Behaviour(logs=("adding column", "done")))
    change = planned(shop)
    end = shop.carry(shop.migrate, change)
    assert end.state is State.DONE
    assert shop.ecs.jobs() == [f"registry/shop@{NEW}"]
    assert [e.text for e in shop.ecs.told if isinstance(e, LogLine)] == ["adding column", "done"]
    assert change.summary == "migrate up in app"
    assert shop.migrate.undo(change) is None


def test_a_failing_command_fails_with_its_exit_code_and_last_words() -> None:
    shop = EcsShop()
    shop.ecs.image(NEW, Behaviour(job_exit=7, logs=("lock timeout",)))
    end = shop.carry(shop.migrate, planned(shop))
    assert end.state is State.FAILED
    assert end.note == "container app ended with exit code 7"
    assert "app | lock timeout" in end.evidence
    assert "exit code 7" in end.hint


def test_a_container_that_never_starts_is_a_failure_not_a_success() -> None:
    shop = EcsShop()
    shop.ecs.image(NEW, Behaviour(job_exit=None))
    end = shop.carry(shop.migrate, planned(shop))
    assert end.state is State.FAILED
    assert end.note.startswith("container app never started")
    assert "describe-images" in end.hint


def test_no_room_for_the_task_is_refused_with_the_reason() -> None:
    shop = EcsShop()
    change = planned(shop)
    shop.ecs.world.full = True
    with pytest.raises(Refused, match="Capacity is unavailable"):
        shop.migrate.apply(change)


def test_a_token_that_was_used_with_other_details_means_it_was_started() -> None:
    shop = EcsShop()
    change = planned(shop)
    shop.ecs.fail("RunTask", "ConflictException")
    with pytest.raises(Refused):
        shop.migrate.apply(change)


@pytest.mark.parametrize("shape", ["aws", "ministack"])
def test_a_lost_answer_never_means_a_second_run(shape: str) -> None:
    shop = EcsShop(shape=shape)
    change = planned(shop)
    shop.ecs.lose_reply("RunTask")
    with pytest.raises(Unanswered):
        shop.migrate.apply(change)
    shop.reset()
    found = shop.migrate.find(change)
    assert isinstance(found, Receipt)
    again = shop.migrate.apply(change)
    assert again == found
    assert shop.watch(shop.migrate, change, found).state is State.DONE
    assert len(shop.ecs.jobs()) == 1


def test_nothing_found_is_absent_within_the_hour_and_unknown_after() -> None:
    shop = EcsShop()
    change = planned(shop)
    assert isinstance(shop.migrate.find(change), Absent)
    shop.clock.sleep(3601)
    unknown = shop.migrate.find(change)
    assert isinstance(unknown, Unknown)
    assert "older than an hour" in unknown.why


def test_a_task_that_ecs_has_forgotten_is_neither_good_nor_bad() -> None:
    shop = EcsShop()
    change = planned(shop)
    receipt = shop.migrate.apply(change)
    shop.clock.sleep(30)
    shop.ecs.forget_stopped()
    assert seen(shop, change, receipt).state is State.RUNNING
    shop.clock.sleep(61)
    unknown = shop.migrate.observe(change, receipt)
    assert isinstance(unknown, Unknown)
    assert "no longer describes" in unknown.why


def test_a_forgotten_task_that_did_not_do_it_is_started_again_and_only_once() -> None:
    shop = EcsShop()
    change = planned(shop)
    first = shop.migrate.apply(change)
    shop.clock.sleep(2 * 3600)
    again = shop.migrate.apply(change)
    assert again.handles["task"] != first.handles["task"]
    shop.ecs.lose_reply("RunTask")
    assert shop.migrate.apply(change) == again
    assert seen(shop, change, again).state is State.RUNNING
    assert shop.watch(shop.migrate, change, again).state is State.DONE


def test_a_silent_container_gets_a_moment_for_its_log_to_arrive() -> None:
    shop = EcsShop()
    change = planned(shop)
    receipt = shop.migrate.apply(change)
    shop.clock.sleep(30)
    assert seen(shop, change, receipt).note == "ended; waiting for its log"
    shop.clock.sleep(5)
    assert seen(shop, change, receipt).state is State.DONE


def test_the_same_image_a_return_and_a_service_left_alone_need_no_migration() -> None:
    shop = EcsShop()
    step = MigrateStep(
        settings=MigrateSettings(name="shop", target=API, command=("up",)),
        platform=shop.ecs.platform(),
        clock=shop.clock,
        tell=shop.ecs.tell,
        migrated=(image(NEW).ref,),
    )
    assert step.plan(shop.release(NEW)).is_noop
    assert shop.migrate.plan(shop.release(NEW, kind=Kind.ROLLBACK)).is_noop
    assert shop.migrate.plan(shop.release(NEW, pin=shop.old)).is_noop
    assert (step.patience, step.pause) == (timedelta(hours=1), timedelta(seconds=2))


def test_a_revision_that_vanished_is_refused() -> None:
    shop = EcsShop()
    change = shop.migrate.plan(shop.release(NEW))
    with pytest.raises(Refused, match="no ACTIVE revision"):
        shop.migrate.apply(change)


def test_an_image_that_migrated_long_ago_does_not_migrate_again() -> None:
    shop = EcsShop()
    step = MigrateStep(
        settings=MigrateSettings(name="shop", target=API, command=("up",)),
        platform=shop.ecs.platform(),
        clock=shop.clock,
        tell=shop.ecs.tell,
        migrated=(image(NEW).ref, image(BAD).ref),
    )
    change = step.plan(shop.release(NEW))
    assert change.is_noop
    assert change.before == {"image": image(BAD).ref}
    newest = step.plan(shop.registered("sha256:" + "3" * 64))
    assert newest.before == {"image": image(BAD).ref}
    assert not newest.is_noop


def test_a_garbled_answer_leaves_it_open_whether_the_task_began() -> None:
    shop = EcsShop()
    change = planned(shop)
    shop.ecs.garble("RunTask")
    with pytest.raises(Unanswered, match="neither which task"):
        shop.migrate.apply(change)
    found = shop.migrate.find(change)
    assert isinstance(found, Receipt)
    assert shop.watch(shop.migrate, change, found).state is State.DONE
    assert len(shop.ecs.jobs()) == 1


def test_without_an_awslogs_driver_the_exit_code_still_decides() -> None:
    shop = EcsShop()
    for body in shop.ecs.world.revisions.values():
        for each in body["containerDefinitions"]:
            del each["logConfiguration"]
    assert shop.carry(shop.migrate, planned(shop)).state is State.DONE
