"""The engine never lies: what it calls over is over, and what it cannot see it does not judge."""

from dataclasses import replace

import pytest

from deployctl.model.change import Progress
from deployctl.model.errors import Blind, Refused, Superseded
from deployctl.model.plan import Phase
from deployctl.model.record import Told
from deployctl.model.release import Kind
from deployctl.model.verdict import Verdict
from tests.fakes.house import FAILED, RUNNING, House, a_house, station
from tests.fakes.step import ScriptedStep
from tests.fakes.store import Killed


def test_what_somebody_else_changed_meanwhile_is_left_to_them() -> None:
    theirs = Progress(state=FAILED.state, note="rolled by another", facts={"superseded_by": "d2"})
    api, web = ScriptedStep("rollout:api"), ScriptedStep("rollout:web", looks=[theirs])
    house = House(stations=(station(Phase.SHIFT, api), station(Phase.SHIFT, web, name="later")))
    assert house.ship().verdict is Verdict.SUPERSEDED
    assert len(web.effects) == 1
    assert [key.endswith("-rb") for key in api.effects] == [False, True]


def test_what_somebody_else_changed_on_the_way_back_is_not_stuck() -> None:
    theirs = Progress(state=FAILED.state, note="rolled by another", facts={"superseded_by": "d2"})
    api = ScriptedStep("rollout:api", back_looks=[theirs])
    house = a_house(api, smoke=ScriptedStep("smoke:all", looks=[FAILED], undoable=False))
    assert house.ship().verdict is Verdict.SUPERSEDED


def test_what_a_container_said_is_kept_without_its_secrets() -> None:
    leak = Progress.failed("died", evidence=("DATABASE_URL=postgresql://shop:hunter22@db/shop",))
    house = a_house(ScriptedStep("rollout:api", looks=[leak]))
    outcome = house.ship()
    assert "hunter22" not in "".join(outcome.evidence)
    assert "hunter22" not in repr(house.store.journal)
    assert "@db/shop" in "".join(outcome.evidence)


def test_a_service_that_is_refused_to_us_is_somebody_elses() -> None:
    web = ScriptedStep("rollout:web", errors=[Superseded("somebody else deployed")])
    api = ScriptedStep("rollout:api")
    house = House(stations=(station(Phase.SHIFT, api), station(Phase.SHIFT, web, name="later")))
    assert house.ship().verdict is Verdict.SUPERSEDED
    assert web.effects == []
    assert len(api.effects) == 2


def test_nothing_is_called_released_that_has_gone_since() -> None:
    gone = Progress.failed("taken back by hand")
    api = ScriptedStep("rollout:api", looks=[Progress.finished("ok"), gone])
    house = a_house(api)
    outcome = house.ship()
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert "taken back by hand" in outcome.cause


def test_a_gate_that_fails_on_a_way_back_never_brings_the_bad_version_again() -> None:
    smoke = ScriptedStep("smoke:all", looks=[FAILED], undoable=False)
    api = ScriptedStep("rollout:api")
    house = a_house(api, smoke=smoke)
    plan = house.plan()
    back = replace(plan, release=replace(plan.release, kind=Kind.ROLLBACK))
    outcome = house.open().run(back, "config")
    assert outcome.verdict is Verdict.PAUSED
    assert len(api.effects) == 1
    smoke.looks = [Progress.finished("ok")]
    assert house.open().resume().verdict is Verdict.RELEASED


def test_a_running_migration_is_waited_for_before_a_release_is_over() -> None:
    migrate = ScriptedStep("migrate:db", looks=[RUNNING], undoable=False)
    house = a_house(ScriptedStep("rollout:api"), migrate=migrate)
    house.stop.until = 10
    assert house.ship().verdict is Verdict.LATE
    house.stop.until = None
    migrate.looks = [RUNNING, RUNNING, Progress.finished("head")]
    asked = len(migrate.looked)
    assert house.open().abort("enough").verdict is Verdict.FAILED_CLEAN
    assert len(migrate.looked) == asked + 3
    assert len(migrate.effects) == 1


def test_an_abort_of_what_is_going_back_goes_on_with_it() -> None:
    api = ScriptedStep("rollout:api", looks=[FAILED], back_looks=[Blind("expired")])
    house = a_house(api)
    assert house.ship().verdict is Verdict.UNKNOWN
    api.back_looks = [Progress.finished("old again")]
    assert house.open().abort("again").verdict is Verdict.ROLLED_BACK
    turns = [r for r in house.store.journal if r.told is Told.TURNED]
    assert [r.body["cause"] for r in turns] == ["rollout:api: crashed"]


def test_a_migration_that_never_began_is_not_begun_by_an_abort() -> None:
    migrate = ScriptedStep("migrate:db", errors=[Blind("gone")], undoable=False)
    house = a_house(ScriptedStep("rollout:api"), migrate=migrate)
    assert house.ship().verdict is Verdict.UNKNOWN
    assert house.open().abort("enough").verdict is Verdict.FAILED_CLEAN
    assert migrate.effects == []


def test_a_failed_migration_does_not_leave_its_sibling_running() -> None:
    slow = ScriptedStep("migrate:b", looks=[RUNNING, RUNNING, RUNNING, Progress.finished("ok")])
    bad = ScriptedStep("migrate:a", looks=[FAILED], undoable=False)
    house = House(stations=(station(Phase.EXPAND, bad, slow),))
    slow.undoable = False
    assert house.ship().verdict is Verdict.FAILED_CLEAN
    assert len(slow.looked) == 4


def test_a_known_failure_of_a_migration_stands_after_a_crash() -> None:
    migrate = ScriptedStep("migrate:db", looks=[FAILED], undoable=False)
    house = a_house(ScriptedStep("rollout:api"), migrate=migrate)
    house.store.die_before = 9
    with pytest.raises(Killed):
        house.ship()
    house.die()
    house.store.die_before = 0
    migrate.looks = [Blind("ECS forgot it")]
    assert house.open().resume().verdict is Verdict.FAILED_CLEAN


def test_a_look_that_fails_says_nothing_about_the_change() -> None:
    for fault in (Refused("AccessDenied", hint="grant it"), ZeroDivisionError("oops")):
        api = ScriptedStep("rollout:api", looks=[fault])
        house = a_house(api)
        outcome = house.ship()
        assert outcome.verdict is Verdict.UNKNOWN
        assert "rollout:api cannot be seen" in outcome.cause
        api.looks = [Progress.finished("ok")]
        assert house.open().resume().verdict is Verdict.RELEASED
