"""The engine: forward wave by wave, and back when one fails."""

from datetime import timedelta

from deployctl.model.change import Progress
from deployctl.model.errors import Refused
from deployctl.model.event import ChangeBegan, Kept
from deployctl.model.policy import Policy
from deployctl.model.verdict import Verdict
from tests.fakes.house import FAILED, RUNNING, a_house
from tests.fakes.step import ScriptedStep


def test_a_good_release_runs_every_change_once_and_in_order() -> None:
    api = ScriptedStep("rollout:api", looks=[RUNNING, RUNNING, Progress.finished("2 of 2")])
    house = a_house(api)
    outcome = house.ship()
    assert outcome.verdict is Verdict.RELEASED
    begun = [e.change.step for e in house.events if isinstance(e, ChangeBegan)]
    assert begun == [
        "register:api",
        "migrate:db",
        "rollout:api",
        "smoke:all",
        "invalidate:E1",
        "smoke:public",
    ]
    assert len(api.effects) == 1


def test_services_of_a_wave_roll_at_once() -> None:
    api = ScriptedStep("rollout:api", looks=[RUNNING] * 10 + [Progress.finished("ok")])
    web = ScriptedStep("rollout:web", looks=[RUNNING] * 10 + [Progress.finished("ok")])
    house = a_house(api, web)
    house.ship()
    assert house.clock.elapsed() < 15


def test_a_failed_rollout_is_rolled_back_and_says_why() -> None:
    api = ScriptedStep("rollout:api", looks=[RUNNING, FAILED])
    web = ScriptedStep("rollout:web", looks=[RUNNING])
    house = a_house(api, web)
    outcome = house.ship()
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert outcome.cause == "rollout:api: crashed"
    assert outcome.evidence == ("exit code 3",)
    assert outcome.hint == "mend it"
    assert [key.endswith("-rb") for key in api.effects] == [False, True]
    assert [key.endswith("-rb") for key in web.effects] == [False, True]
    assert any(isinstance(e, Kept) and e.change.step == "migrate:db" for e in house.events)


def test_a_failed_migration_touches_no_service() -> None:
    api = ScriptedStep("rollout:api")
    house = a_house(api, migrate=ScriptedStep("migrate:db", looks=[FAILED], undoable=False))
    assert house.ship().verdict is Verdict.FAILED_CLEAN
    assert api.effects == []


def test_the_cache_is_emptied_again_only_after_the_old_code_serves() -> None:
    api, cdn = ScriptedStep("rollout:api"), ScriptedStep("invalidate:E1")
    house = a_house(
        api, cdn=cdn, settle=ScriptedStep("smoke:public", looks=[FAILED], undoable=False)
    )
    assert house.ship().verdict is Verdict.ROLLED_BACK
    back = [
        e.change.step
        for e in house.events
        if isinstance(e, ChangeBegan) and e.change.key.endswith("-rb")
    ]
    assert back == ["rollout:api", "invalidate:E1"]


def test_a_way_back_that_fails_is_stuck_and_still_tries_the_rest() -> None:
    api = ScriptedStep("rollout:api", back_looks=[Progress.failed("old image gone")])
    cdn = ScriptedStep("invalidate:E1")
    house = a_house(
        api, cdn=cdn, settle=ScriptedStep("smoke:public", looks=[FAILED], undoable=False)
    )
    outcome = house.ship()
    assert outcome.verdict is Verdict.STUCK
    assert "old image gone" in outcome.cause
    assert len(cdn.effects) == 2


def test_a_refusal_fails_the_release_with_its_reason() -> None:
    house = a_house(ScriptedStep("rollout:api", errors=[Refused("no such service", hint="x")]))
    outcome = house.ship()
    assert (outcome.verdict, outcome.hint) == (Verdict.ROLLED_BACK, "x")
    assert "no such service" in outcome.cause


def test_a_bug_in_a_step_does_not_strand_production() -> None:
    broken = ScriptedStep("rollout:api", errors=[ZeroDivisionError("oops")])
    outcome = a_house(broken).ship()
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert "bug in rollout:api" in outcome.cause


def test_a_rollout_past_its_patience_is_taken_back() -> None:
    slow = ScriptedStep("rollout:api", looks=[RUNNING], patience=timedelta(seconds=30))
    outcome = a_house(slow).ship()
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert "not finished after" in outcome.cause


def test_a_late_migration_is_never_given_up() -> None:
    migrate = ScriptedStep("migrate:db", looks=[RUNNING], undoable=False)
    house = a_house(ScriptedStep("rollout:api"), migrate=migrate)
    assert house.ship().verdict is Verdict.LATE
    migrate.looks = [Progress.finished("head")]
    assert house.open().resume().verdict is Verdict.RELEASED
    assert len(migrate.effects) == 1


def test_without_automatic_rollback_a_person_decides() -> None:
    smoke = ScriptedStep("smoke:all", looks=[FAILED], undoable=False)
    api = ScriptedStep("rollout:api")
    house = a_house(api, smoke=smoke)
    house.policy = Policy(auto_rollback=False)
    assert house.ship().verdict is Verdict.PAUSED
    assert house.open().abort("not worth it").verdict is Verdict.ROLLED_BACK
    assert len(api.effects) == 2


def test_a_person_may_mend_and_resume_a_paused_release() -> None:
    smoke = ScriptedStep("smoke:all", looks=[FAILED], undoable=False)
    house = a_house(ScriptedStep("rollout:api"), smoke=smoke)
    house.policy = Policy(auto_rollback=False)
    house.ship()
    smoke.looks = [Progress.finished("ok")]
    house.keeper.release()
    assert house.open().resume().verdict is Verdict.RELEASED
