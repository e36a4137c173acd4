"""What a rollout step remembers between two looks at the same change."""

from dataclasses import dataclass, field
from datetime import datetime

from deployctl.model.look import Aim, ours
from deployctl.model.rollout import Fleet, StoppedTask

Motion = tuple[str, str, int, int, int, int]
_UNWATCHED = 60.0  # seconds without a look after which silence is no longer known to be one


@dataclass(slots=True)
class Watch:
    """Mutable memory; a fresh process starts with an empty one and still judges rightly."""

    began: float
    container: str = ""
    looks: int = 0
    seen: bool = False
    born: datetime | None = None
    moved: float = 0.0
    motion: Motion = ("", "", 0, 0, 0, 0)
    looked: float = 0.0
    failed: int = 0
    stopped: dict[str, StoppedTask] = field(default_factory=dict)

    def take(self, aim: Aim, fleet: Fleet, elapsed: float) -> bool:
        """Note a look; True when the stopped tasks should be read now.

        They are read when something failed, when ours is not what ECS works towards, and at every
        third look: ECS forgets them after an hour.
        """
        self.looks += 1
        mine = ours(aim, fleet)
        self.seen = self.seen or mine is not None or not aim.deployment
        if mine and self.born is None:
            self.born = mine.created
        motion = (
            (mine.id, mine.rollout, mine.running, mine.pending, mine.failed_tasks, fleet.desired)
            if mine
            else ("", "", fleet.running, fleet.pending, 0, fleet.desired)
        )
        absent = elapsed - self.looked > _UNWATCHED
        if motion != self.motion or self.looks == 1 or absent:
            self.motion, self.moved = motion, elapsed
        self.looked = elapsed
        failed = mine.failed_tasks if mine else 0
        grew, self.failed = failed > self.failed, failed
        calm = mine is not None and mine.status == "PRIMARY" and mine.rollout != "FAILED"
        return grew or not calm or self.looks % 3 == 1
