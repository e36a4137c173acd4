"""Ctrl-C and a CI's SIGTERM: an orderly end, whatever the release was doing."""

from deployctl.model.change import Progress
from deployctl.model.plan import Phase
from deployctl.model.policy import Policy
from deployctl.model.verdict import Verdict
from tests.fakes.house import House, station
from tests.fakes.step import ScriptedStep

RUNNING = Progress.running("1 of 2")


def a_house(api: ScriptedStep, policy: Policy | None = None, *, after: float = 5.0) -> House:
    house = House(stations=(station(Phase.SHIFT, api),), policy=policy or Policy())

    def interrupt(seconds: float) -> None:
        if seconds >= after and not house.stop.count:
            house.stop.ask("SIGINT")

    house.clock.at_each_sleep.append(interrupt)
    return house


def test_a_first_interrupt_leaves_the_release_open_for_resume() -> None:
    api = ScriptedStep("rollout:api", looks=[RUNNING])
    house = a_house(api)
    outcome = house.ship()
    assert outcome.verdict is Verdict.INTERRUPTED
    assert outcome.next_command == "deployctl resume --env test"
    api.looks = [Progress.finished("ok")]
    house.stop.reset()
    assert house.open().resume().verdict is Verdict.RELEASED
    assert len(api.effects) == 1


def test_the_policy_may_ask_for_a_way_back_at_once() -> None:
    api = ScriptedStep("rollout:api", looks=[RUNNING])
    outcome = a_house(api, Policy(on_interrupt="rollback")).ship()
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert "stopped on request (SIGINT)" in outcome.cause


def test_a_second_interrupt_stops_the_way_back_too() -> None:
    api = ScriptedStep("rollout:api", looks=[RUNNING], back_looks=[RUNNING])
    house = a_house(api, Policy(on_interrupt="rollback"))

    def again(seconds: float) -> None:
        if seconds >= 20 and house.stop.count == 1:
            house.stop.ask("SIGTERM")

    house.clock.at_each_sleep.append(again)
    assert house.ship().verdict is Verdict.TERMINATED
    api.back_looks = [Progress.finished("old again")]
    house.stop.reset()
    assert house.open().resume().verdict is Verdict.ROLLED_BACK
    assert len(api.effects) == 2


def test_the_policy_goes_nowhere_back_to_where_nothing_serves_differently() -> None:
    migrate = ScriptedStep("migrate:db", looks=[RUNNING], undoable=False)
    house = House(
        stations=(station(Phase.EXPAND, migrate),), policy=Policy(on_interrupt="rollback")
    )
    house.clock.at_each_sleep.append(
        lambda seconds: house.stop.ask("SIGINT") if seconds > 5 else None
    )
    assert house.ship().verdict is Verdict.INTERRUPTED


def test_an_interrupt_before_anything_began_closes_the_release() -> None:
    api = ScriptedStep("rollout:api")
    house = a_house(api)
    house.stop.ask("SIGINT")
    outcome = house.ship()
    assert outcome.verdict is Verdict.INTERRUPTED
    assert "nothing began" in outcome.cause
    assert house.journal.history.open is None
    assert api.effects == []


def test_an_interrupt_with_a_broken_journal_says_both() -> None:
    house = a_house(ScriptedStep("rollout:api", looks=[RUNNING]), after=5)

    def break_disk(seconds: float) -> None:
        house.store.broken = seconds >= 4

    house.clock.at_each_sleep.append(break_disk)
    outcome = house.ship()
    assert outcome.verdict is Verdict.UNKNOWN
    assert "stopped on request" in outcome.cause
    assert "disk is full" in outcome.cause


def test_a_timeout_ends_the_watching_but_not_the_release() -> None:
    api = ScriptedStep("rollout:api", looks=[RUNNING])
    house = a_house(api, after=1e9)
    house.stop.until = 30.0
    outcome = house.ship()
    assert outcome.verdict is Verdict.LATE
    assert house.clock.elapsed() < 35
    assert house.journal.history.open is not None
