"""The way back: the inverse of every change with an intent, carried out by the same loop."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from deployctl.engine.carry import Carrier, Way
from deployctl.model.change import Change, State
from deployctl.model.errors import JournalBroken
from deployctl.model.event import Kept
from deployctl.model.history import Standing, Turn
from deployctl.model.plan import Phase, Wave, way_back
from deployctl.ports.screen import Tell


def watched(standing: Standing) -> Iterator[Wave]:
    """The migrations that may still run: they are never stopped, so they are waited for."""
    for wave in standing.plan.waves:
        begun = tuple(
            change
            for change in wave.changes
            if (trace := standing.traces.get(change.key)) is not None and trace.settled is None
        )
        if wave.phase is Phase.EXPAND and begun:
            yield replace(wave, changes=begun)


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Takes a release back, newest change first."""

    carrier: Carrier
    tell: Tell

    def taken(self, standing: Standing) -> Turn | None:
        """Carry out all inverses; None when all went well, else the first that did not.

        What somebody else has changed since is theirs: it is neither undone nor overwritten.
        """
        inverses, stuck = self._inverses(standing)
        for wave in way_back(standing.plan.waves, inverses):
            ends = self.carrier.carry(standing.id, wave, standing.traces, Way.BACK)
            for change in wave.changes:
                end = ends[change.key]
                if end.state is State.FAILED and "superseded_by" not in end.facts:
                    cause = f"{change.step}: {end.note}"
                    stuck = stuck or Turn(cause=cause, evidence=end.evidence, hint=end.hint)
        return stuck

    def _inverses(self, standing: Standing) -> tuple[dict[str, Change], Turn | None]:
        """By key, for every change with an intent, not only for the finished ones."""
        inverses: dict[str, Change] = {}
        stuck: Turn | None = None
        for change in standing.plan.changes:
            trace = standing.traces.get(change.key)
            if trace is None:
                continue
            try:
                inverse = self.carrier.step_of(change).undo(change)
            except JournalBroken as lost:
                stuck = stuck or Turn(cause=str(lost), hint=lost.hint)
                continue
            if inverse is None or trace.is_superseded:
                self.tell(Kept(change=change))
            else:
                inverses[change.key] = inverse
        return inverses, stuck
