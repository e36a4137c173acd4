"""A whole shop on a virtual clock: the real engine and steps over a simulated AWS."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta

from deployctl.engine.carry import Carrier
from deployctl.engine.draw import Station, draw
from deployctl.engine.engine import Engine
from deployctl.engine.journal import Journal
from deployctl.engine.keeper import Keeper
from deployctl.engine.stop import Stop
from deployctl.model.check import Answer, Check, Expect, Matcher, Op, Reply, Rule, When
from deployctl.model.event import Event
from deployctl.model.history import History, fold
from deployctl.model.lease import Holder
from deployctl.model.plan import Phase, Plan
from deployctl.model.policy import Policy
from deployctl.model.release import Commit, Image, Kind, Release, release_id
from deployctl.model.verdict import Outcome
from deployctl.ports.cdn import Distribution
from deployctl.ports.web import Request
from deployctl.steps.invalidate import Invalidate
from deployctl.steps.migrate import MigrateSettings, MigrateStep
from deployctl.steps.register import RegisterSettings, RegisterStep
from deployctl.steps.rollout import RolloutStep
from deployctl.steps.rollout_plan import RolloutSettings
from deployctl.steps.smoke import Smoke
from deployctl.steps.target import EcsTarget
from tests.fakes.cdn import FakeCdn
from tests.fakes.clock import FakeClock
from tests.fakes.ecs import FakeEcs
from tests.fakes.ecs_parts import Behaviour
from tests.fakes.store import MemoryStore
from tests.fakes.web import FakeWeb, ok

REPOSITORY = "registry.example/shop"
_NUMBERS = itertools.count(1)


def image(name: str) -> Image:
    return Image(
        repository=REPOSITORY, digest=f"sha256:{name.encode().hex():0<64}", built_from=name
    )


@dataclass
class SimulatedShop:
    """`api` in the first wave, `web` in the second; each `process()` is a new one."""

    shape: str = "aws"
    policy: Policy = field(default_factory=Policy)
    clock: FakeClock = field(default_factory=FakeClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    stop: Stop = field(default_factory=Stop)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ecs = FakeEcs(self.clock, shape=self.shape)
        for name in ("shop-api", "shop-web"):
            self.ecs.service(name, image=image("old").ref, desired=2, container="app")
        distribution = Distribution(id="E1", enabled=True, is_deployed=True, domain="d.example")
        self.cdn = FakeCdn(distributions={"E1": distribution}, looks=2)
        self.web = FakeWeb(site=self.site)
        self.wrong_page = False

    def site(self, request: Request) -> Reply:
        """What visitors get: the version that the api's tasks run."""
        serving = self.ecs.serving("shop-api")
        name = "mixed"
        if len(serving) == 1:
            digest = next(iter(serving)).partition("sha256:")[2].rstrip("0")
            name = bytes.fromhex(digest + "0" * (len(digest) % 2)).decode()
        answer: Answer = ok('{"commit": "%s"}' % ("?" if self.wrong_page else name))
        return answer

    def behave(self, name: str, behaviour: Behaviour) -> None:
        self.ecs.image(image(name).digest, behaviour)

    def stations(self, history: History) -> tuple[Station, ...]:
        platform = self.ecs.platform()
        api, web = (EcsTarget(service=name, ecs=f"shop-{name}") for name in ("api", "web"))
        pause = timedelta(seconds=2)
        check = Check(
            name="version",
            url="https://shop.example/version",
            expect=Expect(
                json=(Rule(at="$.commit", matcher=Matcher(op=Op.EQUALS, value="$git_sha")),)
            ),
        )
        migrate = MigrateStep(
            settings=MigrateSettings(name="db", target=api, command=("migrate",), pause=pause),
            platform=platform,
            clock=self.clock,
            tell=self.tell,
            migrated=history.migrated.get("db", ()),
        )
        rolls = [
            RolloutStep(
                settings=RolloutSettings(target=target, pause=pause),
                platform=platform,
                clock=self.clock,
            )
            for target in (api, web)
        ]
        registers = tuple(
            RegisterStep(settings=RegisterSettings(target=target), platform=platform)
            for target in (api, web)
        )
        cdn = Invalidate(distribution="E1", paths=("/",), cdn=self.cdn)
        smoke = Smoke(when=When.SHIFTED, checks=(check,), web=self.web, clock=self.clock)
        return (
            Station(name="prepare", phase=Phase.PREPARE, steps=registers),
            Station(name="migrate", phase=Phase.EXPAND, steps=(migrate,)),
            Station(name="api", phase=Phase.SHIFT, steps=(rolls[0],)),
            Station(name="web", phase=Phase.SHIFT, steps=(rolls[1],)),
            Station(name="publish", phase=Phase.PUBLISH, steps=(cdn,)),
            Station(name="settle", phase=Phase.SETTLE, steps=(smoke,)),
        )

    def process(self) -> Engine:
        keeper = Keeper(self.store, self.clock, lambda: f"version-{next(_NUMBERS)}")
        keeper.acquire(Holder(owner=f"process-{next(_NUMBERS)}"))
        self.keeper = keeper
        self.journal = Journal(self.store, keeper, self.clock)
        steps = {
            step.name: step
            for station in self.stations(self.journal.history)
            for step in station.steps
        }
        carrier = Carrier(
            steps=steps,
            journal=self.journal,
            keeper=keeper,
            clock=self.clock,
            tell=self.tell,
            stop=self.stop,
        )
        return Engine(
            carrier=carrier,
            journal=self.journal,
            tell=self.tell,
            stop=self.stop,
            policy=self.policy,
        )

    def plan(self, name: str, *, back_to: str = "") -> Plan:
        history = fold(self.store.journal)
        at = self.clock.now()
        target = history.find(back_to)[0] if back_to else None
        pins = {s: f["revision"] for s, f in target.live.items()} if target else {}
        release = Release(
            id=release_id(at, name * 7),
            project="shop",
            environment="test",
            commit=Commit(sha=name * 7),
            images={"api": image(name), "web": image(name)},
            at=at,
            kind=Kind.ROLLBACK if target else Kind.RELEASE,
            pins=pins,
        )
        return draw(release, self.stations(history))

    def ship(self, name: str, *, back_to: str = "") -> Outcome:
        engine = self.process()
        outcome = engine.run(self.plan(name, back_to=back_to), "config")
        self.keeper.release()
        return outcome

    def die(self) -> None:
        assert self.store.item is not None
        self.store.dead.add(self.store.item.holder.owner)

    def tell(self, event: Event) -> None:
        self.events.append(event)
