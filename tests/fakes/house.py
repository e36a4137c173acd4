"""A whole engine over fakes: the door through which the tests of the engine come in."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime

from deployctl.engine.carry import Carrier
from deployctl.engine.draw import Station, draw
from deployctl.engine.engine import Engine
from deployctl.engine.journal import Journal
from deployctl.engine.keeper import Keeper
from deployctl.engine.stop import Stop
from deployctl.model.change import Progress
from deployctl.model.event import Event
from deployctl.model.lease import Holder
from deployctl.model.plan import Phase, Plan
from deployctl.model.policy import Policy
from deployctl.model.release import Commit, Release, release_id
from deployctl.model.verdict import Outcome
from deployctl.ports.step import Step
from tests.fakes.clock import FakeClock
from tests.fakes.step import ScriptedStep
from tests.fakes.store import MemoryStore

_NUMBERS = itertools.count(1)
FAILED = Progress.failed("crashed", evidence=("exit code 3",), hint="mend it")
RUNNING = Progress.running("1 of 2", done=1, total=2)


@dataclass
class House:
    """`stations` are the waves. Each `open()` is a new process on the same store."""

    stations: tuple[Station, ...]
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeClock = field(default_factory=FakeClock)
    policy: Policy = field(default_factory=Policy)
    stop: Stop = field(default_factory=Stop)
    events: list[Event] = field(default_factory=list)

    def open(self) -> Engine:
        self.die()
        owner = f"process-{next(_NUMBERS)}"
        keeper = Keeper(self.store, self.clock, lambda: f"version-{next(_NUMBERS)}")
        keeper.acquire(Holder(owner=owner))
        self.keeper = keeper
        journal = Journal(self.store, keeper, self.clock)
        self.journal = journal
        carrier = Carrier(
            steps={step.name: step for station in self.stations for step in station.steps},
            journal=journal,
            keeper=keeper,
            clock=self.clock,
            tell=self.tell,
            stop=self.stop,
        )
        return Engine(
            carrier=carrier, journal=journal, tell=self.tell, stop=self.stop, policy=self.policy
        )

    def tell(self, event: Event) -> None:
        self.events.append(event)

    def plan(self, sha: str = "a" * 40) -> Plan:
        return draw(a_release(self.clock.now(), sha), self.stations)

    def ship(self, sha: str = "a" * 40) -> Outcome:
        engine = self.open()
        outcome = engine.run(self.plan(sha), "config")
        self.keeper.release()
        return outcome

    def die(self) -> None:
        """The process of the newest engine is gone, without a word."""
        if self.store.item:
            self.store.dead.add(self.store.item.holder.owner)


def a_release(at: datetime, sha: str = "a" * 40) -> Release:
    return Release(
        id=release_id(at, sha),
        project="shop",
        environment="test",
        commit=Commit(sha=sha),
        images={},
        at=at,
    )


def station(phase: Phase, *steps: Step, name: str = "") -> Station:
    return Station(name=name or phase.value, phase=phase, steps=steps)


def a_house(*rollouts: ScriptedStep, **others: ScriptedStep) -> House:
    """A release of every phase; `migrate`, `smoke`, `cdn`, `settle` replace the good steps."""
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
