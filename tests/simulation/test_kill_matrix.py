"""kill -9 at every journal record, then resume: nothing happens twice, every release ends."""

import pytest

from deployctl.model.change import Progress
from deployctl.model.plan import Phase
from deployctl.model.record import verified
from deployctl.model.verdict import Verdict
from tests.fakes.house import House, station
from tests.fakes.step import ScriptedStep
from tests.fakes.store import Killed

RECORDS = 40


class Shop:
    """Three services, a migration and a CDN; `how` says what goes wrong."""

    def __init__(self, how: str) -> None:
        bad = [Progress.running("1 of 2"), Progress.failed("crashed")]
        good = [Progress.running("1 of 2"), Progress.finished("2 of 2")]
        self.migrate = ScriptedStep("migrate:db", looks=[Progress.finished("ok")], undoable=False)
        self.api = ScriptedStep("rollout:api", looks=bad if how == "bad image" else good)
        self.web = ScriptedStep("rollout:web", looks=good)
        failing = [Progress.failed("wrong page")]
        passing = [Progress.finished("3 checks")]
        smoke = failing if how == "failing smoke" else passing
        self.cdn = ScriptedStep("invalidate:E1")
        self.house = House(
            stations=(
                station(Phase.PREPARE, ScriptedStep("register:api", undoable=False)),
                station(Phase.EXPAND, self.migrate),
                station(Phase.SHIFT, self.api, name="wave 1"),
                station(Phase.SHIFT, self.web, name="wave 2"),
                station(Phase.VERIFY, ScriptedStep("smoke:shifted", looks=passing, undoable=False)),
                station(Phase.PUBLISH, self.cdn),
                station(Phase.SETTLE, ScriptedStep("smoke:public", looks=smoke, undoable=False)),
            )
        )

    @property
    def steps(self) -> list[ScriptedStep]:
        return [self.migrate, self.api, self.web, self.cdn]


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        ("good", Verdict.RELEASED),
        ("bad image", Verdict.ROLLED_BACK),
        ("failing smoke", Verdict.ROLLED_BACK),
    ],
)
@pytest.mark.parametrize("reply_lost", [False, True])
@pytest.mark.parametrize("again", [0, 3])
def test_a_release_killed_anywhere_ends_truly_and_does_nothing_twice(
    how: str, verdict: Verdict, *, reply_lost: bool, again: int
) -> None:
    for point in range(2, RECORDS):
        shop = Shop(how)
        shop.api.lose_reply = reply_lost
        house = shop.house
        house.store.die_before = point
        try:
            outcome = house.ship().verdict
        except Killed:
            house.die()
            house.store.die_before = point + again if again else 0
            outcome = _resumed(house)
        assert outcome is verdict
        assert all(len(step.effects) == len(set(step.effects)) for step in shop.steps), point
        assert shop.migrate.effects == [shop.migrate.effects[0]]
        verified(house.store.journal)
        assert house.store.item is not None
        assert house.journal.history.open is None


def _resumed(house: House) -> Verdict:
    for _ in range(RECORDS):
        engine = house.open()
        try:
            outcome = engine.resume()
        except Killed:
            house.die()
            house.store.die_before = 0
            continue
        house.keeper.release()
        return outcome.verdict
    raise AssertionError("never ended")


def test_the_matrix_reaches_every_record_of_a_release() -> None:
    shop = Shop("failing smoke")
    shop.house.ship()
    assert len(shop.house.store.journal) < RECORDS
