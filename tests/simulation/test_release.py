"""Whole releases on a virtual clock: the real engine and steps over a simulated AWS."""

import pytest

from deployctl.model.policy import Policy
from deployctl.model.record import verified
from deployctl.model.verdict import Verdict
from tests.fakes.ecs_parts import Behaviour
from tests.fakes.store import Killed
from tests.simulation.shop import SimulatedShop, image

SHAPES = pytest.mark.parametrize("shape", ["aws", "ministack"])
CRASHES = Behaviour(start=5, crash_after=0.5, exit_code=3, logs=("setting X is missing",))


@SHAPES
def test_a_good_release_makes_each_call_once_and_serves(shape: str) -> None:
    shop = SimulatedShop(shape)
    assert shop.ship("new").verdict is Verdict.RELEASED
    assert shop.ecs.serving("shop-api") == {image("new").ref}
    assert shop.ecs.serving("shop-web") == {image("new").ref}
    assert shop.ecs.calls["UpdateService"] == 2
    assert shop.ecs.calls["RegisterTaskDefinition"] == 2
    assert shop.ecs.calls["RunTask"] == 1
    assert len(shop.cdn.orders) == 1


@SHAPES
def test_the_same_release_again_has_nothing_to_do_and_changes_nothing(shape: str) -> None:
    shop = SimulatedShop(shape)
    shop.ship("new")
    before = shop.ecs.mutations
    assert shop.plan("new").is_empty
    assert shop.ecs.mutations == before


@SHAPES
def test_a_crashing_image_is_rolled_back_with_its_last_words(shape: str) -> None:
    shop = SimulatedShop(shape)
    shop.behave("bad", CRASHES)
    outcome = shop.ship("bad")
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert any("exit code 3" in line for line in outcome.evidence)
    assert any("setting X is missing" in line for line in outcome.evidence)
    assert shop.ecs.serving("shop-api") == {image("old").ref}
    assert shop.ecs.calls["UpdateService"] <= 2
    assert shop.cdn.orders == []


@SHAPES
def test_an_image_that_cannot_be_pulled_is_rolled_back(shape: str) -> None:
    shop = SimulatedShop(shape)
    shop.behave("gone", Behaviour(pullable=False, job_exit=0))
    outcome = shop.ship("gone")
    assert outcome.verdict in {Verdict.FAILED_CLEAN, Verdict.ROLLED_BACK}
    assert shop.ecs.serving("shop-api") == {image("old").ref}


@SHAPES
def test_a_failing_migration_leaves_the_services_alone(shape: str) -> None:
    shop = SimulatedShop(shape)
    shop.behave("bad", Behaviour(job_exit=1, logs=("column exists",)))
    outcome = shop.ship("bad")
    assert outcome.verdict is Verdict.FAILED_CLEAN
    assert any("column exists" in line for line in outcome.evidence)
    assert shop.ecs.calls["UpdateService"] == 0


@SHAPES
def test_a_wrong_page_takes_both_services_and_the_cdn_back(shape: str) -> None:
    shop = SimulatedShop(shape)
    shop.wrong_page = True
    outcome = shop.ship("new")
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert shop.ecs.serving("shop-api") == {image("old").ref}
    assert shop.ecs.serving("shop-web") == {image("old").ref}
    assert [order.reference.endswith("-rb") for order in shop.cdn.orders] == [False, True]


@SHAPES
def test_a_rollback_uses_the_old_revisions_and_runs_no_migration(shape: str) -> None:
    shop = SimulatedShop(shape)
    first = shop.ship("one")
    old = shop.ecs.revision("shop-api")
    shop.ship("two")
    assert shop.ship("one", back_to=first.release).verdict is Verdict.RELEASED
    assert shop.ecs.revision("shop-api") == old
    assert shop.ecs.serving("shop-api") == {image("one").ref}
    assert shop.ecs.calls["RunTask"] == 2
    assert shop.ecs.calls["RegisterTaskDefinition"] == 4


@SHAPES
def test_a_person_who_rolls_something_else_meanwhile_is_not_called_success(shape: str) -> None:
    shop = SimulatedShop(shape)
    theirs = shop.ecs.register("shop-api", image=image("theirs").ref)

    def meddle(_seconds: float) -> None:
        if shop.ecs.calls["UpdateService"] == 1:
            shop.ecs.by_hand("shop-api", theirs)
            shop.clock.at_each_sleep.remove(meddle)

    shop.clock.at_each_sleep.append(meddle)
    assert shop.ship("new").verdict is Verdict.SUPERSEDED
    shop.clock.sleep(120)
    assert shop.ecs.serving("shop-api") == {image("theirs").ref}
    assert shop.ecs.serving("shop-web") == {image("old").ref}


def test_throttling_ends_no_wait() -> None:
    shop = SimulatedShop()
    plan = shop.plan("new")
    shop.ecs.fail("DescribeServices", "ThrottlingException", times=6)
    shop.ecs.fail("DescribeTasks", "ThrottlingException", times=6)
    engine = shop.process()
    assert engine.run(plan, "config").verdict is Verdict.RELEASED


def test_expired_credentials_in_mid_roll_leave_it_open_and_resume_finishes() -> None:
    shop = SimulatedShop()

    def expire(_seconds: float) -> None:
        if shop.ecs.calls["UpdateService"] == 1:
            shop.ecs.fail("DescribeServices", "ExpiredTokenException", times=1)
            shop.clock.at_each_sleep.remove(expire)

    shop.clock.at_each_sleep.append(expire)
    outcome = shop.ship("new")
    assert outcome.verdict is Verdict.UNKNOWN
    assert "resume" in outcome.next_command
    assert shop.process().resume().verdict is Verdict.RELEASED
    assert shop.ecs.calls["UpdateService"] == 2


CASES = [
    ("good", Verdict.RELEASED, ""),
    ("crash", Verdict.ROLLED_BACK, ""),
    ("page", Verdict.ROLLED_BACK, "UpdateService"),
    ("migration", Verdict.FAILED_CLEAN, "RunTask"),
    ("good", Verdict.RELEASED, "RegisterTaskDefinition"),
]


@SHAPES
@pytest.mark.parametrize(("how", "verdict", "lost"), CASES)
def test_killed_at_every_record_it_ends_truly_and_does_nothing_twice(
    shape: str, how: str, verdict: Verdict, lost: str
) -> None:
    point = 2
    while True:
        shop = _shop(shape, how)
        if lost:
            shop.ecs.lose_reply(lost, times=1)
        shop.store.die_before = point
        try:
            ended = shop.ship("new").verdict
            died = False
        except Killed:
            shop.die()
            shop.store.die_before = 0
            ended = shop.process().resume().verdict
            died = True
        assert ended is verdict, (point, shop.store.journal[-1])
        _assert_once(shop, how)
        if not died:
            break
        point += 1
    assert point > 5


def _shop(shape: str, how: str) -> SimulatedShop:
    shop = SimulatedShop(shape, policy=Policy())
    if how == "crash":
        shop.behave("new", CRASHES)
    if how == "migration":
        shop.behave("new", Behaviour(job_exit=1))
    shop.wrong_page = how == "page"
    return shop


def _assert_once(shop: SimulatedShop, how: str) -> None:
    verified(shop.store.journal)
    new = image("new").ref
    assert shop.ecs.calls["RegisterTaskDefinition"] <= 2

    serving = shop.ecs.serving("shop-api") | shop.ecs.serving("shop-web")
    assert serving == ({new} if how == "good" else {image("old").ref})
    references = [order.reference for order in shop.cdn.orders]
    assert len(references) == len(set(references))
