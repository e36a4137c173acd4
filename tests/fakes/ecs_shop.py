"""A shop on the simulated ECS, and a small loop that carries one change to its end."""

from datetime import timedelta

from deployctl.model.change import Change, Progress, Receipt, State
from deployctl.model.release import Commit, Image, Kind, Release
from deployctl.ports.step import Step
from deployctl.steps.migrate import MigrateSettings, MigrateStep
from deployctl.steps.register import RegisterSettings, RegisterStep
from deployctl.steps.rollout import RolloutStep
from deployctl.steps.rollout_plan import RolloutSettings
from deployctl.steps.target import EcsTarget
from tests.fakes.clock import FakeClock
from tests.fakes.ecs import FakeEcs
from tests.fakes.ecs_parts import Behaviour

NEW = "sha256:" + "1" * 64
BAD = "sha256:" + "b" * 64
API = EcsTarget(service="api", ecs="shop-api")
CRASH = Behaviour(crash_after=0.5, exit_code=3, logs=("starting", "no DATABASE_URL"))


def image(digest: str) -> Image:
    return Image(repository="registry/shop", digest=digest, built_from="c0ffee")


class EcsShop:
    """One service `api` (ECS: shop-api) that has run the old image for a while."""

    def __init__(self, *, shape: str = "aws", settings: RolloutSettings | None = None, **how: int):
        self.clock = FakeClock()
        self.ecs = FakeEcs(self.clock, shape=shape, behind=how.pop("behind", 0))
        self.old = self.ecs.service("shop-api", desired=how.pop("desired", 2), **how)  # type: ignore[arg-type] # only numbers are passed here
        self.settings = settings or RolloutSettings(target=API)
        self.reset()

    def reset(self) -> None:
        """A new process: nothing is remembered."""
        platform = self.ecs.platform()
        self.register = RegisterStep(settings=RegisterSettings(target=API), platform=platform)
        self.rollout = RolloutStep(settings=self.settings, platform=platform, clock=self.clock)
        self.migrate = MigrateStep(
            settings=MigrateSettings(name="shop", target=API, command=("migrate", "up")),
            platform=platform,
            clock=self.clock,
            tell=self.ecs.tell,
        )

    def release(self, digest: str = NEW, *, pin: str = "", kind: Kind = Kind.RELEASE) -> Release:
        at = self.clock.now()
        return Release(
            id=f"{at:%Y%m%d-%H%M%S}-c0ffee0",
            project="shop",
            environment="test",
            commit=Commit(sha="c0ffee"),
            images={"api": image(digest)},
            at=at,
            kind=kind,
            pins={"api": pin} if pin else {},
        )

    def registered(self, digest: str = NEW) -> Release:
        """A release whose revision is registered."""
        release = self.release(digest)
        change = self.register.plan(release)
        if not change.is_noop:
            self.register.apply(change)
        return release

    def watch(
        self, step: Step, change: Change, receipt: Receipt, *, most: timedelta | None = None
    ) -> Progress:
        """Look until it is over, or for `most` at the longest."""
        end = self.clock.elapsed() + (most or step.patience).total_seconds()
        while True:
            seen = step.observe(change, receipt)
            assert isinstance(seen, Progress)
            if seen.state is not State.RUNNING or self.clock.elapsed() >= end:
                return seen
            self.clock.sleep(step.pause.total_seconds())

    def carry(self, step: Step, change: Change) -> Progress:
        return self.watch(step, change, step.apply(change))

    def roll(self, digest: str = NEW) -> tuple[Change, Progress]:
        """Register and roll."""
        change = self.rollout.plan(self.registered(digest))
        return change, self.carry(self.rollout, change)
