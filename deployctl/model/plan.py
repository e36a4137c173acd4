"""A plan: ordered waves of changes, with nothing left open; and its way back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from deployctl.model.change import Change
from deployctl.model.release import Release


class Phase(StrEnum):
    """What part of a release a wave belongs to, in order of the release state machine."""

    PREPARE = "prepare"
    EXPAND = "expand"
    SHIFT = "shift"
    VERIFY = "verify"
    PUBLISH = "publish"
    SETTLE = "settle"

    @property
    def serves(self) -> bool:
        """Whether a change of this phase alters what users are served."""
        return self in {Phase.SHIFT, Phase.PUBLISH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Changes that may run at once. The next wave starts when all of them are done."""

    name: str
    phase: Phase
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a release will do. `kept` are the changes that turned out to be none."""

    release: Release
    waves: tuple[Wave, ...]
    kept: tuple[Change, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes in order."""
        return tuple(change for wave in self.waves for change in wave.changes)

    @property
    def is_empty(self) -> bool:
        """Nothing to do."""
        return not self.changes

    @property
    def seconds(self) -> int:
        """Estimated duration: waves follow each other, changes of a wave run at once."""
        return sum(
            max((change.seconds for change in wave.changes), default=0) for wave in self.waves
        )


def way_back(waves: Sequence[Wave], inverses: dict[str, Change]) -> tuple[Wave, ...]:
    """The waves that undo `waves`: newest first, but what publishes goes last.

    `inverses` maps a change's key to its inverse; a change without one is kept as it is.
    Caches may be emptied only when the old content is served again, so PUBLISH and SETTLE come
    after everything else.
    """
    back = [
        replace(
            wave,
            name=f"undo {wave.name}",
            changes=tuple(inverses[c.key] for c in wave.changes if c.key in inverses),
        )
        for wave in reversed(waves)
    ]
    serving = [wave for wave in back if wave.phase not in {Phase.PUBLISH, Phase.SETTLE}]
    publishing = [wave for wave in back if wave.phase in {Phase.PUBLISH, Phase.SETTLE}]
    return tuple(wave for wave in (*serving, *publishing) if wave.changes)
