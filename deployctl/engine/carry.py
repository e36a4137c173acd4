"""The one loop: starts what may start, looks at what is due, and sleeps until the next look."""

from collections.abc import Mapping
from dataclasses import dataclass

from deployctl.engine.halt import Halted
from deployctl.engine.journal import Journal
from deployctl.engine.keeper import Keeper
from deployctl.engine.stop import Stop
from deployctl.model.change import Change, Progress, Receipt, State, Unknown
from deployctl.model.errors import Blind, DeployError, JournalBroken, Unanswered
from deployctl.model.event import ChangeBegan, Progressed, Settled, Ticked, WaveBegan
from deployctl.model.history import Trace
from deployctl.model.plan import Phase, Wave
from deployctl.model.policy import Assume
from deployctl.model.text import Redactor, clean
from deployctl.model.verdict import Verdict
from deployctl.ports.clock import Clock
from deployctl.ports.screen import Tell
from deployctl.ports.step import Step

_LONGEST_NAP = 0.25


@dataclass(slots=True, kw_only=True)
class _Run:
    """One change on its way, as this process knows it."""

    change: Change
    step: Step
    deadline: float
    intended: bool = False
    absent: bool = False
    receipt: Receipt | None = None
    end: Progress | None = None
    due: float = 0.0


class Carrier:
    """Carries out the changes of one wave at once, in a single thread."""

    def __init__(
        self,
        *,
        steps: Mapping[str, Step],
        journal: Journal,
        keeper: Keeper,
        clock: Clock,
        tell: Tell,
        stop: Stop,
    ) -> None:
        self._steps = steps
        self._journal = journal
        self._keeper = keeper
        self._clock = clock
        self._tell = tell
        self._stop = stop
        self._release = ""
        self._assume: Assume | None = None

    def carry(
        self,
        release: str,
        wave: Wave,
        traces: Mapping[str, Trace],
        *,
        back: bool = False,
        assume: Assume | None = None,
    ) -> dict[str, Progress]:
        """Bring every change of the wave to its end; the ends by change key.

        Going forward the first failure ends the wave (the rest is missing from the answer); on
        the way `back` every change is tried. Raises Halted when the run must end before.
        """
        self._release, self._assume = release, assume
        self._tell(WaveBegan(wave=wave, back=back))
        runs = [self._remembered(change, traces.get(change.key)) for change in wave.changes]
        while any(run.end is None for run in runs):
            self._heed()
            for run in runs:
                if run.end is None and self._clock.elapsed() >= run.due:
                    self._turn(run, wave.phase, back=back)
                if run.end and run.end.state is State.FAILED and not back:
                    return _ends(runs)
            self._nap(runs)
        return _ends(runs)

    def step_of(self, change: Change) -> Step:
        """The step that carries out a change. Raises JournalBroken when the config lost it."""
        try:
            return self._steps[change.step]
        except KeyError:
            raise JournalBroken(
                f"the journal holds a change of {change.step}, which deployctl.yaml does not have",
                hint="Use the deployctl.yaml of that release: check out its commit.",
            ) from None

    def _remembered(self, change: Change, trace: Trace | None) -> _Run:
        """Where an earlier run left it. What failed before we turned is looked at once more."""
        step = self.step_of(change)
        settled = trace.settled if trace else None
        # On resume a step may not know yet how long its target takes; the plan did.
        patience = max(step.patience.total_seconds(), 2.0 * change.seconds)
        return _Run(
            change=change,
            step=step,
            deadline=self._clock.elapsed() + patience,
            intended=trace is not None,
            receipt=trace.receipt if trace else None,
            end=settled if settled and settled.state is State.DONE else None,
        )

    def _heed(self) -> None:
        self._keeper.tick()
        self._tell(Ticked())
        if self._stop.is_asked:
            raise Halted(self._stop.verdict, f"stopped on request ({self._stop.signal})")
        if self._stop.until is not None and self._clock.elapsed() >= self._stop.until:
            raise Halted(Verdict.LATE, "the time given with --timeout is over; AWS goes on")

    def _nap(self, runs: list[_Run]) -> None:
        now = self._clock.elapsed()
        waits = [run.due - now for run in runs if run.end is None]
        if waits and min(waits) > 0:
            self._clock.sleep(min(*waits, _LONGEST_NAP))

    def _turn(self, run: _Run, phase: Phase, *, back: bool) -> None:
        if run.receipt is not None:
            self._look(run, run.receipt)
        elif run.intended:
            self._seek(run)
        else:
            self._journal.intends(self._release, run.change)
            run.intended = True
            self._begin(run)
        if run.end is None and self._clock.elapsed() >= run.deadline:
            self._run_out(run, phase, back=back)

    def _begin(self, run: _Run) -> None:
        self._keeper.check()
        try:
            receipt = run.step.apply(run.change)
        except Unanswered as error:
            self._doubt(run, error)
        except DeployError as error:
            self._settle(run, Progress.failed(str(error), hint=error.hint))
        except Exception as bug:  # noqa: BLE001 - a bug must not strand production half-way
            self._settle(run, _bug(run, bug))
        else:
            self._receive(run, receipt, adopted=False)

    def _seek(self, run: _Run) -> None:
        """An intent without a receipt: did it happen? Then adopt it; if not, do it."""
        run.absent = False
        try:
            found = run.step.find(run.change)
        except Unanswered as error:
            self._doubt(run, error)
            return
        except DeployError as error:
            found = Unknown(str(error))
        if isinstance(found, Receipt):
            self._receive(run, found, adopted=True)
        elif isinstance(found, Unknown):
            self._decide(run, found)
        else:
            run.absent = True
            self._begin(run)

    def _decide(self, run: _Run, found: Unknown) -> None:
        if self._assume is None:
            raise Halted(
                Verdict.UNKNOWN,
                f"{run.change.step}: nobody can tell whether it happened ({found.why})",
                step=run.change.step,
                hint="Look, then say: deployctl resume --assume done|not-done --reason …",
            )
        assume, self._assume = self._assume, None
        key = run.change.key
        self._journal.decides(self._release, key, done=assume.done, reason=assume.reason)
        if assume.done:
            self._settle(run, Progress.finished(f"assumed done: {assume.reason}"))
        else:
            self._begin(run)

    def _look(self, run: _Run, receipt: Receipt) -> None:
        run.due = self._clock.elapsed() + run.step.pause.total_seconds()
        try:
            progress = run.step.observe(run.change, receipt)
        except Unanswered as error:
            self._doubt(run, error)
        except DeployError as error:
            self._settle(run, Progress.failed(str(error), hint=error.hint))
        except Exception as bug:  # noqa: BLE001 - a bug must not strand production half-way
            self._settle(run, _bug(run, bug))
        else:
            if progress.state is State.RUNNING:
                self._tell(Progressed(change=run.change, progress=progress))
            else:
                self._settle(run, progress)

    def _doubt(self, run: _Run, error: Unanswered) -> None:
        """No answer ends no wait; but without credentials there is no use in asking again."""
        if isinstance(error, Blind):
            raise Halted(
                Verdict.UNKNOWN, str(error), step=run.change.step, hint=error.hint
            ) from error
        run.due = self._clock.elapsed() + run.step.pause.total_seconds()
        self._tell(Progressed(change=run.change, progress=Progress.running(f"{error}")))

    def _run_out(self, run: _Run, phase: Phase, *, back: bool) -> None:
        late = f"{run.change.step} is not finished after {run.step.patience}"
        if run.absent:
            self._settle(run, Progress.failed(f"{late}: it could not be started"))
        elif run.receipt is None:
            raise Halted(Verdict.UNKNOWN, f"{late}: no answer about it", step=run.change.step)
        elif phase is Phase.EXPAND and not back:
            # A running migration is never given up: stopping DDL half-way is worse than waiting.
            raise Halted(Verdict.LATE, f"{late}; it still runs", step=run.change.step)
        else:
            self._settle(run, Progress.failed(late))

    def _receive(self, run: _Run, receipt: Receipt, *, adopted: bool) -> None:
        self._journal.receives(self._release, run.change, receipt, adopted=adopted)
        run.receipt = receipt
        self._tell(ChangeBegan(change=run.change, adopted=adopted))

    def _settle(self, run: _Run, progress: Progress) -> None:
        """What a container said may hold a secret: it is hidden before anybody keeps it."""
        progress = progress.washed(_wash)
        self._journal.settles(self._release, run.change, progress)
        run.end = progress
        self._tell(Settled(change=run.change, progress=progress))


def _wash(text: str) -> str:
    return Redactor().hide(clean(text))


def _ends(runs: list[_Run]) -> dict[str, Progress]:
    return {run.change.key: run.end for run in runs if run.end is not None}


def _bug(run: _Run, bug: Exception) -> Progress:
    return Progress.failed(f"bug in {run.change.step}: {bug!r}", hint="Please report this.")
