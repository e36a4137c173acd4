"""A smoke step in a small world, driven as the engine drives it."""

from dataclasses import replace

from deployctl.model.change import Progress, State
from deployctl.model.check import Check, Expect, Matcher, Op, Rule, When
from deployctl.model.release import Commit, Image, Release
from deployctl.steps.smoke import Smoke
from tests.fakes.clock import START, FakeClock
from tests.fakes.web import FakeWeb, ok

NEW, OLD = "b" * 40, "a" * 40
VERSION = Expect(json=(Rule(at="$.commit", matcher=Matcher(op=Op.EQUALS, value="$git_sha")),))
GOOD = ok(f'{{"commit": "{NEW}"}}')
STALE = ok(f'{{"commit": "{OLD}"}}')
RELEASE = Release(
    id="20260314-090000-bbbbbbb",
    project="shop",
    environment="staging",
    commit=Commit(sha=NEW),
    images={
        "api": Image(repository="h/api", digest="sha256:1", built_from=NEW),
        "web": Image(repository="h/web", digest="sha256:2", built_from=OLD),
    },
    at=START,
)


def version(**more: object) -> Check:
    check = Check(name="version", url="http://shop.example/version", service="api", expect=VERSION)
    return replace(check, **more)  # type: ignore[arg-type]  # each test names them


class Suite:
    """A smoke step in its small world: every request takes `takes` seconds."""

    def __init__(
        self, *checks: Check, site: object, takes: float = 0.0, seconds: float = 180
    ) -> None:
        self.clock = FakeClock()
        self.web = FakeWeb(site=site)  # type: ignore[arg-type]  # Replies or a function
        self.web.at_each_ask.append(lambda: self.clock.sleep(takes))
        self.step = Smoke(
            when=When.SHIFTED, checks=checks, web=self.web, clock=self.clock, seconds=seconds
        )
        self.change = self.step.plan(RELEASE)
        self.looks: list[Progress] = []

    def run(self) -> Progress:
        """Apply, then look and pause until it is over."""
        receipt = self.step.apply(self.change)
        while True:
            self.looks.append(self.step.observe(self.change, receipt))
            if self.looks[-1].state is not State.RUNNING:
                return self.looks[-1]
            self.clock.sleep(self.step.pause.total_seconds())
            assert self.clock.elapsed() < self.step.patience.total_seconds(), "outlives itself"
