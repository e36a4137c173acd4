"""Draws the plan of a release: asks every step what it would do; what does nothing is kept out."""

from collections.abc import Sequence
from dataclasses import dataclass

from deployctl.model.change import Change
from deployctl.model.plan import Phase, Plan, Wave
from deployctl.model.release import Release
from deployctl.ports.step import Step

_FOLLOWS = {Phase.VERIFY, Phase.PUBLISH, Phase.SETTLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """The steps of one wave, in the order of the release."""

    name: str
    phase: Phase
    steps: tuple[Step, ...]


def draw(release: Release, stations: Sequence[Station]) -> Plan:
    """The plan. Where no service and no database changes, there is nothing to verify or publish."""
    waves: list[Wave] = []
    kept: list[Change] = []
    for station in stations:
        if station.phase in _FOLLOWS and not waves:
            continue
        changes = [step.plan(release) for step in station.steps]
        kept.extend(change for change in changes if change.is_noop)
        real = tuple(change for change in changes if not change.is_noop)
        if real:
            waves.append(Wave(name=station.name, phase=station.phase, changes=real))
    return Plan(release=release, waves=tuple(waves), kept=tuple(kept))
