"""What the journal says, folded: what is live, where a way back leads, what was migrated."""

from dataclasses import dataclass

from deployctl.engine.draw import Station
from deployctl.model.change import Change, Progress
from deployctl.model.history import History, fold
from deployctl.model.plan import Phase
from deployctl.model.record import Told, chained
from deployctl.model.release import Release
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
    assert history.find("x") is None
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
    assert history.migrated == {"db": ""}


def test_a_release_marked_bad_is_no_way_back() -> None:
    house, _ = a_house()
    house.ship("a" * 40)
    house.clock.sleep(60)
    house.ship("b" * 40)
    house.open()
    history = a_history(house)
    house.journal.marks(history.releases[0].id, by=history.releases[1].id, reason="slow")
    history = a_history(house)
    assert history.releases[0].bad == "slow"
    assert history.way_back() is None


def test_a_release_is_found_by_the_beginning_of_its_id_or_commit() -> None:
    house, _ = a_house()
    first = house.ship("a" * 40)
    history = a_history(house)
    for word in (first.release[:10], "aaaa", first.release):
        found = history.find(word)
        assert found is not None
        assert found.id == first.release


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
