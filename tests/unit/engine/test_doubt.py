"""The engine in doubt: lost replies, silence, gone credentials, a lost lease, a full disk."""

from deployctl.model.change import Absent, Change, Progress, Unknown
from deployctl.model.errors import Blind, Refused, Unanswered
from deployctl.model.event import ChangeBegan, RollingBack
from deployctl.model.plan import Phase
from deployctl.model.policy import Assume
from deployctl.model.verdict import Verdict
from tests.fakes.house import House, station
from tests.fakes.step import ScriptedStep

FAILED = Progress.failed("crashed", evidence=("exit code 3",), hint="mend it")
RUNNING = Progress.running("1 of 2", done=1, total=2)


def a_house(*rollouts: ScriptedStep, **others: ScriptedStep) -> House:
    return House(
        stations=(
            station(Phase.PREPARE, ScriptedStep("register:api", undoable=False)),
            station(
                Phase.EXPAND, others.get("migrate", ScriptedStep("migrate:db", undoable=False))
            ),
            station(Phase.SHIFT, *rollouts),
            station(Phase.VERIFY, others.get("smoke", ScriptedStep("smoke:all", undoable=False))),
            station(Phase.PUBLISH, others.get("cdn", ScriptedStep("invalidate:E1"))),
            station(
                Phase.SETTLE, others.get("settle", ScriptedStep("smoke:public", undoable=False))
            ),
        )
    )


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
