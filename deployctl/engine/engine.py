"""Carries a release to its verdict: forward wave by wave, and back when one fails."""

from dataclasses import dataclass, replace

from deployctl.engine.carry import Carrier
from deployctl.engine.halt import Halted
from deployctl.engine.journal import Journal
from deployctl.engine.stop import Stop
from deployctl.model.change import Change, Progress, State
from deployctl.model.errors import DeployError, LeaseLost
from deployctl.model.event import Ended, Kept, RollingBack
from deployctl.model.history import Standing, Turn
from deployctl.model.plan import Plan, way_back
from deployctl.model.policy import Assume, Policy
from deployctl.model.verdict import Outcome, Verdict
from deployctl.ports.screen import Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Knows no AWS and no screen: steps, journal and clock come in through their plugs."""

    carrier: Carrier
    journal: Journal
    tell: Tell
    stop: Stop
    policy: Policy

    def run(self, plan: Plan, config: str) -> Outcome:
        """Carry out a new release. `config` is the digest of the settings it runs under."""
        self.journal.began(plan, config)
        return self._drive(plan.release.id)

    def resume(self, assume: Assume | None = None) -> Outcome:
        """Go on with the open release from its journal alone."""
        return self._drive(self._standing().id, assume)

    def abort(self, cause: str) -> Outcome:
        """Turn the open release back."""
        standing = self._standing()
        if standing.turn is None:
            self.journal.turns(standing.id, Turn(cause=cause))
        return self._drive(standing.id)

    def _drive(self, release: str, assume: Assume | None = None) -> Outcome:
        try:
            outcome = self._to_the_end(release, assume)
        except Halted as halt:
            outcome = self._halted(release, halt)
        except LeaseLost as lost:
            outcome = self._cut_off(release, str(lost), lost.hint)
        except DeployError as error:
            outcome = self._cut_off(release, f"the journal cannot be written: {error}", error.hint)
        self.tell(Ended(outcome=outcome))
        return outcome

    def _to_the_end(self, release: str, assume: Assume | None) -> Outcome:
        standing = self._standing()
        if standing.turn is None:
            turn = self._forward(standing, assume)
            if turn is None:
                return self._end(Verdict.RELEASED, "")
            if not self.policy.auto_rollback and self._touched():
                raise Halted(
                    Verdict.PAUSED,
                    f"{turn.cause} (rollback.auto is off: a person decides)",
                    step=turn.step,
                    hint="Take it back: deployctl abort; or mend and: deployctl resume",
                )
            self.journal.turns(release, turn)
        return self._back(assume)

    def _forward(self, standing: Standing, assume: Assume | None) -> Turn | None:
        """All waves in order; None when all went well, else why we turn."""
        for wave in standing.plan.waves:
            try:
                ends = self.carrier.carry(standing.id, wave, standing.traces, assume=assume)
            except Halted as halt:
                return self._obeyed(halt)
            for change in wave.changes:
                end = ends.get(change.key)
                if end and end.state is State.FAILED:
                    return _turn(change, end)
        return None

    def _obeyed(self, halt: Halted) -> Turn:
        """A request to stop becomes a way back when the policy says so and something began."""
        asked = halt.verdict in {Verdict.INTERRUPTED, Verdict.TERMINATED}
        if not asked or self.policy.on_interrupt != "rollback" or not self._touched():
            raise halt
        self.stop.reset()
        return Turn(cause=halt.cause)

    def _back(self, assume: Assume | None) -> Outcome:
        standing = self._standing()
        turn = standing.turn or Turn(cause="")
        self.tell(RollingBack(cause=turn.cause, evidence=turn.evidence, hint=turn.hint))
        stuck: Turn | None = None
        for wave in way_back(standing.plan.waves, self._inverses(standing)):
            ends = self.carrier.carry(standing.id, wave, standing.traces, back=True, assume=assume)
            for change in wave.changes:
                end = ends[change.key]
                if end.state is State.FAILED and "superseded_by" not in end.facts:
                    stuck = stuck or _turn(change, end)
        return self._returned(turn, stuck)

    def _inverses(self, standing: Standing) -> dict[str, Change]:
        """The inverse of every change with an intent, not only of the finished ones.

        What somebody else has changed since is theirs: it is neither undone nor overwritten.
        """
        inverses: dict[str, Change] = {}
        for change in standing.plan.changes:
            trace = standing.traces.get(change.key)
            if trace is None:
                continue
            inverse = self.carrier.step_of(change).undo(change)
            if inverse is None or trace.is_superseded:
                self.tell(Kept(change=change))
            else:
                inverses[change.key] = inverse
        return inverses

    def _returned(self, turn: Turn, stuck: Turn | None) -> Outcome:
        if stuck is not None:
            outcome = self._end(Verdict.STUCK, f"{turn.cause}; then the way back: {stuck.cause}")
            return replace(
                outcome,
                failed_step=turn.step,
                evidence=(*turn.evidence, *stuck.evidence),
                hint=stuck.hint or "A person is needed. What is live where: deployctl status",
            )
        outcome = self._end(self._turned_verdict(), turn.cause)
        return replace(outcome, failed_step=turn.step, evidence=turn.evidence, hint=turn.hint)

    def _turned_verdict(self) -> Verdict:
        if any(trace.is_superseded for trace in self._standing().traces.values()):
            return Verdict.SUPERSEDED
        return Verdict.ROLLED_BACK if self._touched() else Verdict.FAILED_CLEAN

    def _touched(self) -> bool:
        """Whether a change with an intent altered what users are served."""
        standing = self._standing()
        return any(
            change.key in standing.traces
            for wave in standing.plan.waves
            if wave.phase.serves
            for change in wave.changes
        )

    def _end(self, verdict: Verdict, cause: str) -> Outcome:
        release = self._standing().id
        self.journal.ends(release, verdict, cause)
        return Outcome(verdict=verdict, release=release, cause=cause)

    def _halted(self, release: str, halt: Halted) -> Outcome:
        untouched = not self._standing().traces
        try:
            if untouched:
                self.journal.ends(release, Verdict.FAILED_CLEAN, f"{halt.cause}; nothing began")
            else:
                self.journal.halts(release, halt.verdict, halt.cause)
        except DeployError as error:
            return self._cut_off(release, f"{halt.cause}; then the journal: {error}", error.hint)
        return Outcome(
            verdict=halt.verdict,
            release=release,
            cause=f"{halt.cause}; nothing began" if untouched else halt.cause,
            failed_step=halt.step,
            hint=halt.hint,
            next_command="" if untouched else self._resume_command(),
        )

    def _cut_off(self, release: str, cause: str, hint: str) -> Outcome:
        """Nothing more can be written down, so nothing more is done."""
        return Outcome(
            verdict=Verdict.UNKNOWN,
            release=release,
            cause=cause,
            hint=hint,
            next_command=self._resume_command(),
        )

    def _resume_command(self) -> str:
        environment = self._standing().plan.release.environment
        return f"deployctl resume --env {environment}"

    def _standing(self) -> Standing:
        return self.journal.history.releases[-1]


def _turn(change: Change, end: Progress) -> Turn:
    return Turn(
        cause=f"{change.step}: {end.note}", step=change.step, evidence=end.evidence, hint=end.hint
    )
