"""Carries a release to its verdict: forward wave by wave, and back when one fails."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from deployctl.engine.back import Back, watched
from deployctl.engine.carry import Carrier, Way
from deployctl.engine.halt import Halted
from deployctl.engine.journal import Journal
from deployctl.engine.stop import Stop
from deployctl.model.change import Change, Progress, State
from deployctl.model.errors import DeployError, JournalBroken, LeaseLost, UsageWrong
from deployctl.model.event import Ended, RollingBack
from deployctl.model.history import Standing, Turn
from deployctl.model.plan import Phase, Plan
from deployctl.model.policy import Assume, Policy
from deployctl.model.release import Kind
from deployctl.model.verdict import Outcome, Verdict
from deployctl.ports.screen import Tell

_ASKED = {Verdict.INTERRUPTED, Verdict.TERMINATED}
_GATES = {Phase.VERIFY, Phase.PUBLISH, Phase.SETTLE}


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
        return self._drive(plan.release.id, lambda: None)

    def resume(self, word: Assume | None = None) -> Outcome:
        """Go on with the open release from its journal alone.

        `word` is a person's on the change the release waits for. Raises UsageWrong when it waits
        for none.
        """
        standing = self._standing()
        if word is not None:
            if not standing.question:
                raise UsageWrong(
                    "no effect of this release is in question",
                    hint="Go on without --assume: deployctl resume",
                )
            self.carrier.hear(standing.question, word)
        return self._drive(standing.id, lambda: self.journal.takes_over(standing.id))

    def abort(self, cause: str) -> Outcome:
        """Turn the open release back."""
        standing = self._standing()

        def opening() -> None:
            self.journal.takes_over(standing.id)
            if standing.turn is None:
                self.journal.turns(standing.id, Turn(cause=cause))

        return self._drive(standing.id, opening)

    def _drive(self, release: str, opening: Callable[[], None]) -> Outcome:
        try:
            opening()
            outcome = self._to_the_end(release)
        except Halted as halt:
            outcome = self._halted(release, halt)
        except (LeaseLost, JournalBroken) as lost:
            outcome = self._cut_off(release, str(lost), lost.hint)
        except DeployError as error:
            outcome = self._cut_off(release, f"the journal cannot be written: {error}", error.hint)
        self.tell(Ended(outcome=outcome))
        return outcome

    def _to_the_end(self, release: str) -> Outcome:
        standing = self._standing()
        if standing.turn is None:
            turn = self._forward(standing) or self._proven()
            if turn is None:
                return self._end(Verdict.RELEASED, "")
            self._pause_or(turn)
            self.journal.turns(release, turn)
        return self._back()

    def _forward(self, standing: Standing) -> Turn | None:
        """All waves in order; None when all went well, else why we turn."""
        for wave in standing.plan.waves:
            try:
                ends = self.carrier.carry(standing.id, wave, standing.traces)
            except Halted as halt:
                return self._obeyed(halt)
            for change in wave.changes:
                end = ends.get(change.key)
                if end and end.state is State.FAILED:
                    return _turn(change, end)
        return None

    def _proven(self) -> Turn | None:
        """Before anything is called released, every rolled service is looked at once more.

        Much may happen between the end of a roll and the end of its release, above all when a
        person resumes the next day.
        """
        standing = self._standing()
        for wave in standing.plan.waves:
            if wave.phase is not Phase.SHIFT:
                continue
            ends = self.carrier.carry(standing.id, wave, standing.traces, Way.AGAIN)
            for change in wave.changes:
                end = ends.get(change.key)
                if end and end.state is State.FAILED:
                    return _turn(change, end)
        return None

    def _pause_or(self, turn: Turn) -> None:
        """Raises Halted where a person decides on the way back, not we."""
        plan = self._standing().plan
        gates = {c.step for wave in plan.waves if wave.phase in _GATES for c in wave.changes}
        is_gate = turn.step in gates
        again = "Mend and ask again: deployctl resume; or take" if is_gate else "Take"
        hint = f"{again} it back: deployctl abort"
        if not self.policy.auto_rollback and self._touched():
            cause = f"{turn.cause} (rollback.auto is off: a person decides)"
            raise Halted(Verdict.PAUSED, cause, step=turn.step, hint=hint)
        if plan.release.kind is Kind.ROLLBACK and is_gate:
            # Going back from a way back would bring the bad version again.
            cause = f"{turn.cause}; what was returned to serves, a person decides"
            raise Halted(Verdict.PAUSED, cause, step=turn.step, hint=hint)

    def _obeyed(self, halt: Halted) -> Turn:
        """A request to stop becomes a way back when the policy says so and something began."""
        if halt.verdict not in _ASKED or self.policy.on_interrupt != "rollback":
            raise halt
        if not self._touched():
            raise halt
        self.stop.reset()
        return Turn(cause=halt.cause)

    def _back(self) -> Outcome:
        standing = self._standing()
        turn = standing.turn or Turn(cause="")
        self.tell(RollingBack(cause=turn.cause, evidence=turn.evidence, hint=turn.hint))
        for wave in watched(standing):
            self.carrier.carry(standing.id, wave, standing.traces, Way.FINISH)
        back = Back(carrier=self.carrier, tell=self.tell)
        stuck = back.taken(self._standing())
        return self._returned(turn, stuck)

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
        try:
            if not self._standing().traces:
                return self._never_began(release, halt)
            self.journal.halts(release, halt.verdict, halt.cause, halt.question)
        except DeployError as error:
            return self._cut_off(release, f"{halt.cause}; then the journal: {error}", error.hint)
        return Outcome(
            verdict=halt.verdict,
            release=release,
            cause=halt.cause,
            failed_step=halt.step,
            hint=halt.hint,
            next_command=self._resume_command(),
        )

    def _never_began(self, release: str, halt: Halted) -> Outcome:
        cause = f"{halt.cause}; nothing began"
        self.journal.ends(release, Verdict.FAILED_CLEAN, cause)
        verdict = halt.verdict if halt.verdict in _ASKED else Verdict.FAILED_CLEAN
        return Outcome(verdict=verdict, release=release, cause=cause)

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
