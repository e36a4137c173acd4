"""What the journal says, folded: what is live, where a way back leads, what was migrated."""

from dataclasses import dataclass, replace

from deployctl.engine.draw import Station
from deployctl.model.change import Change, Progress
from deployctl.model.history import History, fold
from deployctl.model.plan import Phase
from deployctl.model.record import Told, chained
from deployctl.model.release import Kind, Release
from deployctl.model.verdict import Verdict
from tests.fakes.house import House, station
from tests.fakes.step import ScriptedStep


@dataclass
class Roll(ScriptedStep):
    """A rollout of `api` to a revision that is named after the commit."""

    def plan(self, release: Release) -> Change:
        letter = release.commit.sha[:1]
        return Change(
            step=self.name,
            key=f"{release.id}/{self.name}",
            before={"image": "shop@old", "revision": "r0"},
            after={"image": f"shop@{letter}", "revision": f"r-{letter}"},
        )


def a_house() -> tuple[House, ScriptedStep]:
    smoke = ScriptedStep("smoke:all", undoable=False)
    stations: tuple[Station, ...] = (
        station(Phase.PREPARE, ScriptedStep("register:web", noop=True)),
        station(Phase.EXPAND, ScriptedStep("migrate:db", undoable=False)),
        station(Phase.SHIFT, Roll("rollout:api"), ScriptedStep("rollout:web", noop=True)),
        station(Phase.VERIFY, smoke),
    )
    return House(stations=stations), smoke


def a_history(house: House) -> History:
    return fold(house.store.journal)


def test_an_empty_journal_has_nothing_live_and_no_way_back() -> None:
    history = fold([])
    assert (history.live, history.open, history.way_back()) == (None, None, None)
    assert history.find("x") == ()
    assert history.migrated_by == {}
    assert history.migrated == {}


def test_the_newest_good_release_is_live_and_the_one_before_is_the_way_back() -> None:
    house, _ = a_house()
    first = house.ship("a" * 40)
    assert a_history(house).way_back() is None
    house.clock.sleep(60)
    second = house.ship("b" * 40)
    history = a_history(house)
    assert history.live is not None
    assert history.live.id == second.release
    assert history.live.live["api"] == {"image": "shop@b", "revision": "r-b"}
    back = history.way_back()
    assert back is not None
    assert back.id == first.release


def test_a_release_that_came_back_changes_nothing_of_what_is_live() -> None:
    house, smoke = a_house()
    house.ship("a" * 40)
    house.clock.sleep(60)
    smoke.looks = [Progress.failed("wrong page")]
    house.ship("b" * 40)
    history = a_history(house)
    assert history.releases[-1].verdict is Verdict.ROLLED_BACK
    assert history.live is not None
    assert history.live.live["api"]["image"] == "shop@a"
    assert history.migrated == {"db": ("", "")}


def back_to(house: House, target: str) -> str:
    """A rollback to what `target` ran; its id."""
    history = a_history(house)
    standing = history.find(target)[0]
    house.clock.sleep(60)
    plan = house.plan(standing.plan.release.commit.sha)
    release = replace(plan.release, kind=Kind.ROLLBACK, returns_to=target, reason="slow")
    outcome = house.open().run(replace(plan, release=release), "config")
    house.keeper.release()
    return outcome.release


def test_a_good_rollback_makes_what_served_before_it_bad() -> None:
    house, _ = a_house()
    first = house.ship("a" * 40).release
    house.clock.sleep(60)
    second = house.ship("b" * 40).release
    back_to(house, first)
    history = a_history(house)
    assert [r.bad for r in history.releases] == ["", "slow", ""]
    assert [standing.id for standing in history.find(second)] == [second]
    assert history.way_back() is None


def test_a_third_way_back_does_not_return_to_what_was_left_before() -> None:
    house, _ = a_house()
    ids = []
    for letter in "abc":
        ids.append(house.ship(letter * 40).release)
        house.clock.sleep(60)
    back_to(house, ids[1])
    target = a_history(house).way_back()
    assert target is not None
    assert target.id == ids[0]
    back_to(house, ids[0])
    assert a_history(house).way_back() is None


def test_after_a_release_got_stuck_the_way_back_is_the_live_one_and_it_stays_good() -> None:
    house, smoke = a_house()
    first = house.ship("a" * 40).release
    house.clock.sleep(60)
    smoke.looks = [Progress.failed("wrong page")]
    rolling = house.stations[2].steps[0]
    assert isinstance(rolling, ScriptedStep)
    rolling.back_looks = [Progress.failed("will not start")]
    assert house.ship("b" * 40).verdict is Verdict.STUCK
    target = a_history(house).way_back()
    assert target is not None
    assert target.id == first
    smoke.looks = [Progress.finished("ok")]
    back_to(house, first)
    assert all(not r.bad for r in a_history(house).releases)


def test_a_release_is_found_by_the_beginning_of_its_id_or_commit() -> None:
    house, _ = a_house()
    first = house.ship("a" * 40)
    history = a_history(house)
    for word in (first.release[:10], "aaaa", first.release):
        assert [standing.id for standing in history.find(word)] == [first.release]
    assert history.migrated_by == {"db": "a" * 40}


def test_a_record_of_an_unknown_release_is_passed_over() -> None:
    house, _ = a_house()
    house.ship("a" * 40)
    house.open()
    last = house.store.journal[-1]
    lease = house.keeper.lease
    stray = chained(
        last, lease, at=house.clock.now(), release="other", told=Told.TOOK_OVER, body={}
    )
    assert len(fold([*house.store.journal, stray]).releases) == 1
