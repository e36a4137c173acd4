"""The one loop: starts what may start, looks at what is due, and sleeps until the next look."""

from collections.abc import Mapping
from enum import Enum, auto

from deployctl.engine.halt import Halted
from deployctl.engine.journal import Journal
from deployctl.engine.keeper import Keeper
from deployctl.engine.run import Run, ends_of, remembered, washed
from deployctl.engine.stop import Stop
from deployctl.model.change import Change, Progress, Receipt, State, Unknown
from deployctl.model.errors import Blind, DeployError, JournalBroken, Superseded, Unanswered
from deployctl.model.event import ChangeBegan, Progressed, Settled, Ticked, WaveBegan
from deployctl.model.history import Trace
from deployctl.model.plan import Phase, Wave
from deployctl.model.policy import Assume
from deployctl.model.verdict import Verdict
from deployctl.ports.clock import Clock
from deployctl.ports.screen import Tell
from deployctl.ports.step import Step

_LONGEST_NAP = 0.25


class Way(Enum):
    """FORWARD: the first failure ends the wave. BACK: every change is tried.

    FINISH: what began is watched to its end, and nothing new begins. AGAIN: what is done is
    proven once more.
    """

    FORWARD = auto()
    BACK = auto()
    FINISH = auto()
    AGAIN = auto()


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
        self._way = Way.FORWARD
        self._words: dict[str, Assume] = {}

    def hear(self, question: str, word: Assume) -> None:
        """A person's word on one change, good for one answer."""
        self._words[question] = word

    def carry(
        self, release: str, wave: Wave, traces: Mapping[str, Trace], way: Way = Way.FORWARD
    ) -> dict[str, Progress]:
        """Bring the changes of the wave to their ends; the ends by change key.

        Going forward the rest may be missing from the answer after a failure. Raises Halted when
        the run must end before.
        """
        self._release, self._way = release, way
        if way in {Way.FORWARD, Way.BACK}:
            self._tell(WaveBegan(wave=wave, back=way is Way.BACK))
        now = self._clock.elapsed()
        runs = [
            remembered(change, self.step_of(change), traces.get(change.key), wave.phase, now)
            for change in wave.changes
        ]
        if way is Way.AGAIN:
            for run in runs:
                run.end = None
        return self._carry(runs, wave.phase)

    def step_of(self, change: Change) -> Step:
        """The step that carries out a change. Raises JournalBroken when the config lost it."""
        try:
            return self._steps[change.step]
        except KeyError:
            raise JournalBroken(
                f"the journal holds a change of {change.step}, which deployctl.yaml does not have",
                hint="Use the deployctl.yaml of that release: check out its commit.",
            ) from None

    def _carry(self, runs: list[Run], phase: Phase) -> dict[str, Progress]:
        # Migrations of one wave are not left running when one of them fails.
        fails_fast = self._way in {Way.FORWARD, Way.AGAIN} and phase is not Phase.EXPAND
        while any(run.end is None for run in runs):
            if fails_fast and any(run.has_failed for run in runs):
                break
            self._heed()
            for run in runs:
                if run.end is None and self._clock.elapsed() >= run.due:
                    self._turn(run, phase)
                if fails_fast and run.has_failed:
                    break
            self._nap(runs)
        return ends_of(runs)

    def _heed(self) -> None:
        self._keeper.tick()
        self._tell(Ticked())
        if self._stop.is_asked:
            raise Halted(self._stop.verdict, f"stopped on request ({self._stop.signal})")
        if self._stop.until is not None and self._clock.elapsed() >= self._stop.until:
            raise Halted(Verdict.LATE, "the time given with --timeout is over; AWS goes on")

    def _nap(self, runs: list[Run]) -> None:
        now = self._clock.elapsed()
        waits = [run.due - now for run in runs if run.end is None]
        if waits and min(waits) > 0:
            self._clock.sleep(min(*waits, _LONGEST_NAP))

    def _turn(self, run: Run, phase: Phase) -> None:
        if run.receipt is not None:
            self._look(run, run.receipt)
        elif run.intended:
            self._seek(run)
        else:
            self._journal.intends(self._release, run.change)
            run.intended = True
            self._begin(run)
        if run.end is None and run.is_late(self._clock.elapsed()):
            self._run_out(run, phase)

    def _begin(self, run: Run) -> None:
        self._keeper.check()
        try:
            receipt = run.step.apply(run.change)
        except Unanswered as error:
            self._doubt(run, error)
        except Superseded as error:
            theirs = {"superseded_by": "another deployment"}
            failed = Progress(state=State.FAILED, note=str(error), hint=error.hint, facts=theirs)
            self._settle(run, failed)
        except DeployError as error:
            self._settle(run, Progress.failed(str(error), hint=error.hint))
        except Exception as bug:  # noqa: BLE001 - a bug must not strand production half-way
            note = f"bug in {run.change.step}: {bug!r}"
            self._settle(run, Progress.failed(note, hint="Please report this."))
        else:
            self._receive(run, receipt, adopted=False)

    def _seek(self, run: Run) -> None:
        """An intent without a receipt: did it happen? Then adopt it; if not, do it."""
        run.absent = False
        try:
            found = run.step.find(run.change)
        except Unanswered as error:
            self._doubt(run, error)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, we do not know
            found = Unknown(str(error) or repr(error))
        if isinstance(found, Receipt):
            self._receive(run, found, adopted=True)
        elif isinstance(found, Unknown):
            self._decide(run, found)
        elif self._way is Way.FINISH:
            self._settle(run, Progress.failed("never began"))
        else:
            run.absent = True
            self._begin(run)

    def _decide(self, run: Run, found: Unknown) -> None:
        key = run.change.key
        word = self._words.pop(key, None)
        if word is None:
            raise Halted(
                Verdict.UNKNOWN,
                f"{run.change.step}: nobody can tell whether it happened ({found.why})",
                step=run.change.step,
                hint="Look, then say: deployctl resume --assume done|not-done --reason …",
                question=key,
            )
        self._journal.decides(self._release, key, done=word.done, reason=word.reason)
        if word.done:
            self._settle(run, Progress.finished(f"assumed done: {word.reason}"))
        elif self._way is Way.FINISH:
            self._settle(run, Progress.failed(f"assumed not done: {word.reason}"))
        else:
            run.receipt = None
            self._begin(run)

    def _look(self, run: Run, receipt: Receipt) -> None:
        """One look. A look that fails says nothing about the change: the release stays open."""
        run.due = self._clock.elapsed() + run.step.pause.total_seconds()
        try:
            progress = run.step.observe(run.change, receipt)
        except Unanswered as error:
            self._doubt(run, error)
            return
        except DeployError as error:
            raise self._halted(run, str(error), error.hint) from error
        except Exception as bug:
            raise self._halted(run, f"bug: {bug!r}", "Please report this.") from bug
        run.seen = True
        if isinstance(progress, Unknown):
            self._decide(run, progress)
        elif progress.state is State.RUNNING:
            self._tell(Progressed(change=run.change, progress=progress))
        else:
            self._settle(run, progress)

    def _doubt(self, run: Run, error: Unanswered) -> None:
        """No answer ends no wait; but without credentials there is no use in asking again."""
        if isinstance(error, Blind):
            raise self._halted(run, str(error), error.hint) from error
        run.due = self._clock.elapsed() + run.step.pause.total_seconds()
        self._tell(Progressed(change=run.change, progress=Progress.running(f"{error}")))

    def _halted(self, run: Run, cause: str, hint: str = "") -> Halted:
        step = run.change.step
        return Halted(Verdict.UNKNOWN, f"{step} cannot be seen: {cause}", step=step, hint=hint)

    def _run_out(self, run: Run, phase: Phase) -> None:
        late = f"{run.change.step} is not finished after {run.step.patience}"
        if run.absent:
            self._settle(run, Progress.failed(f"{late}: it could not be started"))
        elif run.receipt is None or not run.seen:
            raise self._halted(run, f"no answer about it after {run.step.patience}")
        elif phase is Phase.EXPAND:
            # A running migration is never given up: stopping DDL half-way is worse than waiting.
            raise Halted(Verdict.LATE, f"{late}; it still runs", step=run.change.step)
        else:
            self._settle(run, Progress.failed(late))

    def _receive(self, run: Run, receipt: Receipt, *, adopted: bool) -> None:
        self._journal.receives(self._release, run.change, receipt, adopted=adopted)
        run.receipt = receipt
        self._tell(ChangeBegan(change=run.change, adopted=adopted))

    def _settle(self, run: Run, progress: Progress) -> None:
        end = washed(progress)
        self._journal.settles(self._release, run.change, end)
        run.end = end
        self._tell(Settled(change=run.change, progress=end))
