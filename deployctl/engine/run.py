"""One change on its way, as this process knows it."""

from dataclasses import dataclass

from deployctl.model.change import Change, Progress, Receipt, State
from deployctl.model.history import Trace
from deployctl.model.plan import Phase
from deployctl.model.text import Redactor, clean
from deployctl.ports.step import Step


@dataclass(slots=True, kw_only=True)
class Run:
    """`began` and `due` are readings of Clock.elapsed; `absent`: sought, and not there;
    `seen`: a look was answered.
    """

    change: Change
    step: Step
    began: float
    intended: bool = False
    absent: bool = False
    seen: bool = False
    receipt: Receipt | None = None
    end: Progress | None = None
    due: float = 0.0

    @property
    def has_failed(self) -> bool:
        """Over, and not well."""
        return self.end is not None and self.end.state is State.FAILED

    def is_late(self, now: float) -> bool:
        """Past the step's patience, which a step may learn only while it is at work."""
        return now >= self.began + self.step.patience.total_seconds()


def remembered(change: Change, step: Step, trace: Trace | None, phase: Phase, now: float) -> Run:
    """Where an earlier run left it.

    A failure that was not yet turned back on is looked at once more, for a gate may be mended;
    but a migration's failure stands, because ECS forgets the task after an hour.
    """
    settled = trace.settled if trace else None
    stands = settled is not None and (settled.state is State.DONE or phase is Phase.EXPAND)
    return Run(
        change=change,
        step=step,
        began=now,
        intended=trace is not None,
        receipt=trace.receipt if trace else None,
        end=settled if stands else None,
    )


def ends_of(runs: list[Run]) -> dict[str, Progress]:
    """The ends there are, by change key."""
    return {run.change.key: run.end for run in runs if run.end is not None}


def washed(progress: Progress) -> Progress:
    """What a container said may hold a secret: it is hidden before anybody keeps it."""
    return progress.washed(lambda text: Redactor().hide(clean(text)))
