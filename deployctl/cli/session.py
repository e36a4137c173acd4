"""A run that holds the environment: lease, journal, and the engine over both."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from deployctl.cli.signals import listen
from deployctl.cli.world import World, page
from deployctl.engine.carry import Carrier
from deployctl.engine.draw import Station
from deployctl.engine.engine import Engine
from deployctl.engine.journal import Journal
from deployctl.engine.keeper import Keeper
from deployctl.model.errors import DeployError, UsageWrong
from deployctl.model.event import Planned
from deployctl.model.exits import Exit
from deployctl.model.history import Standing
from deployctl.model.plan import Plan
from deployctl.model.policy import Policy
from deployctl.model.verdict import Outcome, Verdict


class Unfinished(DeployError):
    """An earlier release of this environment was never ended."""

    exit = Exit.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The environment is ours as long as this lives."""

    world: World
    keeper: Keeper
    journal: Journal

    def engine(self, stations: Sequence[Station]) -> Engine:
        """The engine over these steps."""
        world = self.world
        carrier = Carrier(
            steps={step.name: step for station in stations for step in station.steps},
            journal=self.journal,
            keeper=self.keeper,
            clock=world.clock,
            tell=world.tell,
            stop=world.stop,
        )
        rollback = world.settings.rollback
        return Engine(
            carrier=carrier,
            journal=self.journal,
            tell=world.tell,
            stop=world.stop,
            policy=Policy(auto_rollback=rollback.auto, on_interrupt=rollback.on_interrupt),
        )

    def carry_out(self, plan: Plan, stations: Sequence[Station]) -> Outcome:
        """Begin a release and bring it to its verdict."""
        self.world.tell(Planned(plan=plan))
        return self.engine(stations).run(plan, self.world.settings.digest)

    def open_release(self) -> Standing:
        """The release that waits to be finished. Raises UsageWrong when there is none."""
        standing = self.journal.history.open
        if standing is None:
            raise UsageWrong(
                f"no release is open in {self.world.settings.environment}",
                hint="See: deployctl history",
            )
        return standing

    def refuse_unfinished(self) -> None:
        """A new release may only begin when the last one has a verdict."""
        standing = self.journal.history.open
        if standing is None:
            return
        if not standing.traces:
            self.journal.ends(standing.id, Verdict.FAILED_CLEAN, "ended before anything began")
            return
        environment = self.world.settings.environment
        raise Unfinished(
            f"release {standing.id} is not finished"
            + (f" ({standing.halted}: {standing.cause})" if standing.halted else ""),
            hint=f"Finish it: deployctl resume --env {environment}. "
            f"Or take it back: deployctl abort --env {environment}",
        )


@contextmanager
def at_work(world: World, work: str, *, wait: float = 0.0) -> Iterator[Session]:
    """Hold the environment. Raises LeaseHeld, naming the holder."""
    environment = world.settings.environment
    keeper = Keeper(world.store, world.clock, lambda: uuid.uuid4().hex, environment=environment)
    keeper.acquire(world.holder(work), wait=wait)
    try:
        listen(world.stop, world.clock)
        keeper.start_beating()
        journal = Journal(world.store, keeper, world.clock)
        yield Session(world=world, keeper=keeper, journal=journal)
    finally:
        keeper.release()


def finish(world: World, outcome: Outcome, *, as_json: bool, plan: Plan | None = None) -> NoReturn:
    """Close the screens, print the result if asked, and leave with the verdict's exit code."""
    import typer

    from deployctl.render.facts import result_json

    world.tell.close()
    if as_json:
        page().json(result_json(outcome, plan=plan))
    raise typer.Exit(outcome.verdict.exit)
