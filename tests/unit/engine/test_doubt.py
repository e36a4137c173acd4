"""The engine in doubt: lost replies, silence, gone credentials, a lost lease, a full disk."""

import pytest

from deployctl.model.change import Absent, Change, Progress, Unknown
from deployctl.model.errors import Blind, LeaseLost, Refused, Unanswered, UsageWrong
from deployctl.model.event import ChangeBegan, RollingBack
from deployctl.model.plan import Phase
from deployctl.model.policy import Assume
from deployctl.model.verdict import Verdict
from tests.fakes.house import RUNNING, House, a_house, station
from tests.fakes.step import ScriptedStep


def test_no_answer_does_not_end_a_wait() -> None:
    looks = [Unanswered("throttled")] * 20 + [Progress.finished("ok")]
    assert a_house(ScriptedStep("rollout:api", looks=looks)).ship().verdict is Verdict.RELEASED


def test_a_lost_reply_is_looked_for_and_not_done_twice() -> None:
    api = ScriptedStep("rollout:api", lose_reply=True)
    house = a_house(api)
    assert house.ship().verdict is Verdict.RELEASED
    assert len(api.effects) == 1
    adopted = [e for e in house.events if isinstance(e, ChangeBegan) and e.adopted]
    assert [e.change.step for e in adopted] == ["rollout:api"]


def test_an_effect_that_never_happened_is_tried_until_patience_ends() -> None:
    api = ScriptedStep("rollout:api", errors=[Unanswered("timeout")] * 20)
    assert a_house(api).ship().verdict is Verdict.RELEASED
    deaf = ScriptedStep("rollout:api", errors=[Unanswered("timeout")] * 999)
    outcome = a_house(deaf).ship()
    assert outcome.verdict is Verdict.STUCK
    assert "it could not be started" in outcome.cause


def test_a_search_that_is_refused_asks_a_person() -> None:
    def refused(change: Change) -> Absent:
        raise Refused("AccessDenied")

    api = ScriptedStep("rollout:api", errors=[Unanswered("timeout")], found=refused)
    outcome = a_house(api).ship()
    assert outcome.verdict is Verdict.UNKNOWN
    assert "AccessDenied" in outcome.cause


def test_a_silent_search_ends_as_unknown_when_patience_ends() -> None:
    def silent(change: Change) -> Absent:
        raise Unanswered("still silent")

    api = ScriptedStep("rollout:api", errors=[Unanswered("timeout")], found=silent)
    outcome = a_house(api).ship()
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.next_command == "deployctl resume --env test"


def test_what_never_answered_a_look_is_not_called_failed() -> None:
    silent = ScriptedStep("rollout:api", looks=[Unanswered("throttled")])
    outcome = a_house(silent).ship()
    assert outcome.verdict is Verdict.UNKNOWN
    assert "no answer about it" in outcome.cause


def test_gone_credentials_leave_the_release_open() -> None:
    house = a_house(ScriptedStep("rollout:api", looks=[Blind("expired", hint="log in")]))
    outcome = house.ship()
    assert (outcome.verdict, outcome.hint) == (Verdict.UNKNOWN, "log in")
    assert house.journal.history.open is not None


def test_an_unprovable_effect_asks_a_person_and_takes_their_word() -> None:
    for done, effects in ((True, 0), (False, 1)):
        migrate = ScriptedStep(
            "migrate:db",
            errors=[Unanswered("timeout")],
            found=lambda change: Unknown("the task is gone"),
            undoable=False,
        )
        house = a_house(ScriptedStep("rollout:api"), migrate=migrate)
        outcome = house.ship()
        assert outcome.verdict is Verdict.UNKNOWN
        assert "the task is gone" in outcome.cause
        engine = house.open()
        assert engine.resume(Assume(done=done, reason="looked")).verdict is Verdict.RELEASED
        assert len(migrate.effects) == effects


def test_a_full_disk_starts_nothing_and_says_so() -> None:
    api = ScriptedStep("rollout:api")
    house = a_house(api)
    engine = house.open()
    plan = house.plan()
    house.journal.began(plan, "config")
    house.store.broken = True
    outcome = engine.resume()
    assert outcome.verdict is Verdict.UNKNOWN
    assert "the journal cannot be written" in outcome.cause
    assert api.effects == []


def test_losing_the_lease_starts_nothing_more() -> None:
    api, web = ScriptedStep("rollout:api", looks=[RUNNING]), ScriptedStep("rollout:web")
    house = House(stations=(station(Phase.SHIFT, api), station(Phase.SHIFT, web, name="later")))
    engine = house.open()

    def taken_over(seconds: float) -> None:
        if seconds > 20 and not house.store.dead:
            house.die()
            house.open()
            api.looks = [Progress.finished("ok")]

    house.clock.at_each_sleep.append(taken_over)
    outcome = engine.run(house.plan(), "config")
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.cause == "taken by another"
    assert web.effects == []
    assert not any(isinstance(e, RollingBack) for e in house.events)


def test_a_step_the_config_lost_is_named() -> None:
    house = a_house(ScriptedStep("rollout:api", looks=[Blind("expired")]))
    house.ship()
    house.stations = house.stations[:2]
    outcome = house.open().resume()
    assert outcome.verdict is Verdict.UNKNOWN
    assert "rollout:api" in outcome.cause
    assert "check out its commit" in outcome.hint


def test_a_search_with_a_bug_asks_a_person() -> None:
    def broken(change: Change) -> Absent:
        raise ZeroDivisionError("oops")

    api = ScriptedStep("rollout:api", errors=[Unanswered("timeout")], found=broken)
    outcome = a_house(api).ship()
    assert outcome.verdict is Verdict.UNKNOWN
    assert "oops" in outcome.cause


def test_a_word_is_heard_although_the_change_had_a_receipt() -> None:
    for done, effects in ((True, 1), (False, 2)):
        migrate = ScriptedStep("migrate:db", looks=[Unknown("ECS forgot it")], undoable=False)
        house = a_house(ScriptedStep("rollout:api"), migrate=migrate)
        assert house.ship().verdict is Verdict.UNKNOWN
        migrate.looks = [Unknown("ECS forgot it"), Progress.finished("head")]
        word = Assume(done=done, reason="looked")
        assert house.open().resume(word).verdict is Verdict.RELEASED
        assert migrate.applied == effects


def test_a_word_is_good_for_one_change_alone() -> None:
    unknown = Unknown("gone")
    first = ScriptedStep("migrate:a", looks=[unknown], undoable=False)
    second = ScriptedStep("migrate:b", looks=[unknown], undoable=False)
    house = House(
        stations=(station(Phase.EXPAND, first), station(Phase.EXPAND, second, name="more"))
    )
    assert house.ship().verdict is Verdict.UNKNOWN
    outcome = house.open().resume(Assume(done=True, reason="looked"))
    assert outcome.verdict is Verdict.UNKNOWN
    assert "migrate:b" in outcome.cause


def test_a_word_that_nobody_asked_for_is_refused() -> None:
    house = a_house(ScriptedStep("rollout:api", looks=[Blind("expired")]))
    house.ship()
    with pytest.raises(UsageWrong, match="in question"):
        house.open().resume(Assume(done=True, reason="looked"))


def test_on_the_way_back_a_word_of_not_done_begins_nothing() -> None:
    migrate = ScriptedStep("migrate:db", looks=[Unknown("gone")], undoable=False)
    house = a_house(ScriptedStep("rollout:api"), migrate=migrate)
    house.ship()
    assert house.open().abort("enough").verdict is Verdict.UNKNOWN
    outcome = house.open().resume(Assume(done=False, reason="looked"))
    assert outcome.verdict is Verdict.FAILED_CLEAN
    assert migrate.applied == 1


def test_what_the_config_lost_does_not_keep_the_rest_from_going_back() -> None:
    api, web = ScriptedStep("rollout:api"), ScriptedStep("rollout:web", looks=[Blind("expired")])
    house = House(stations=(station(Phase.SHIFT, api), station(Phase.SHIFT, web, name="later")))
    house.ship()
    house.stations = house.stations[:1]
    outcome = house.open().abort("enough")
    assert outcome.verdict is Verdict.STUCK
    assert "rollout:web" in outcome.cause
    assert len(api.effects) == 2


def test_after_the_heartbeat_lost_the_lease_no_effect_begins() -> None:
    house = House(stations=())
    house.open()
    keeper = house.keeper
    house.die()
    house.open()
    with pytest.raises(LeaseLost):
        keeper.beat()
    with pytest.raises(LeaseLost):
        keeper.check()
