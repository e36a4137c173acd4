"""Asks the smoke checks of the live release, outside of any release."""

from typing import NoReturn

import typer

from deployctl.cli.layout import stations
from deployctl.cli.world import World, page
from deployctl.model.change import Progress, State, Unknown
from deployctl.model.errors import UsageWrong
from deployctl.model.event import ChangeBegan, Progressed, Settled
from deployctl.model.exits import Exit
from deployctl.model.release import Release
from deployctl.ports.step import Step
from deployctl.render.facts import Json


def ask_live(world: World, *, as_json: bool) -> NoReturn:
    """Run the checks and leave with 0 or 26. Nothing is recorded: nothing changes."""
    history = world.history()
    if history.live is None:
        raise UsageWrong("no release has ended well here", hint="deployctl release")
    steps = [
        step
        for station in stations(world, history, history.live.plan.release.commit)
        for step in station.steps
        if step.name.startswith("smoke:")
    ]
    ends = {step.name: _asked(world, step, history.live.plan.release) for step in steps}
    world.tell.close()
    if as_json:
        answers: dict[str, Json] = {
            name: {"state": end.state.value, "note": end.note, "evidence": list(end.evidence)}
            for name, end in ends.items()
        }
        page().json(answers)
    failed = any(end.state is State.FAILED for end in ends.values())
    raise typer.Exit(Exit.GATE_FAILED if failed else Exit.OK)


def _asked(world: World, step: Step, release: Release) -> Progress:
    change = step.plan(release)
    receipt = step.apply(change)
    world.tell(ChangeBegan(change=change))
    until = world.clock.elapsed() + step.patience.total_seconds()
    while True:
        seen = step.observe(change, receipt)
        progress = Progress.failed(seen.why) if isinstance(seen, Unknown) else seen
        if progress.state is not State.RUNNING:
            break
        if world.clock.elapsed() > until:
            progress = Progress.failed(f"not answered within {step.patience}")
            break
        world.tell(Progressed(change=change, progress=progress))
        world.clock.sleep(step.pause.total_seconds())
    world.tell(Settled(change=change, progress=progress))
    return progress
