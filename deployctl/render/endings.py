"""How a run ended, in words: the verdict, and the block of lines that closes every screen."""

from dataclasses import dataclass

from deployctl.model.release import Kind, Release
from deployctl.model.verdict import Outcome, Verdict
from deployctl.render.short import duration
from deployctl.render.tone import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A verdict for people: the word, what it means, how it should feel."""

    word: str
    sentence: str
    tone: Tone


_MEANS = {
    Verdict.RELEASED: ("the new version serves, verified", Tone.GOOD),
    Verdict.NOTHING: ("what was asked for is live already", Tone.GOOD),
    Verdict.FAILED_CLEAN: ("nothing that serves users was changed", Tone.BAD),
    Verdict.ROLLED_BACK: ("the version from before serves again, verified", Tone.BAD),
    Verdict.STUCK: ("the way back could not be proven, a person is needed now", Tone.BAD),
    Verdict.SUPERSEDED: ("a newer release is live", Tone.WARN),
    Verdict.PAUSED: ("waiting for a person", Tone.WARN),
    Verdict.UNKNOWN: ("nobody knows whether the last effect happened, decide it", Tone.BAD),
    Verdict.LATE: ("the deadline passed and it is still moving", Tone.BAD),
    Verdict.INTERRUPTED: ("stopped on request, the journal is saved", Tone.WARN),
    Verdict.TERMINATED: ("told to terminate, the journal is saved", Tone.WARN),
}


def ending(outcome: Outcome, release: Release | None = None) -> Ending:
    """The verdict in words. A rollback that was asked for and worked is told as such."""
    sentence, tone = _MEANS[outcome.verdict]
    back = release is not None and release.kind is Kind.ROLLBACK
    if back and release is not None and outcome.verdict is Verdict.RELEASED:
        sentence = f"{release.returns_to or 'the version from before'} serves again, verified"
    return Ending(word=outcome.verdict.value, sentence=sentence, tone=tone)


def final_block(
    outcome: Outcome, *, release: Release | None = None, seconds: float | None = None
) -> tuple[tuple[str, Tone], ...]:
    """The closing lines: verdict, release, cause, evidence, hint, warnings, next command.

    Each value stands on lines of its own, so that a command can be copied whole.
    """
    end = ending(outcome, release)
    title = f"{end.word}: {end.sentence} (exit code {outcome.verdict.exit:d})"
    facts = (
        ("release", (_release_line(outcome, release),), Tone.PLAIN),
        ("took", () if seconds is None else (duration(seconds),), Tone.PLAIN),
        ("failed", (outcome.failed_step,), Tone.PLAIN),
        ("cause", (outcome.cause,), end.tone),
        ("evidence", outcome.evidence, Tone.PLAIN),
        ("hint", (outcome.hint,), Tone.WARN),
        ("warning", outcome.warnings, Tone.WARN),
        ("next", (outcome.next_command,), Tone.HEAD),
    )
    lines = [line for label, values, tone in facts for line in _labelled(label, values, tone)]
    return ((title, end.tone), *lines)


def _release_line(outcome: Outcome, release: Release | None) -> str:
    if release is None or not outcome.release:
        return outcome.release
    return f"{outcome.release} to {release.environment}, commit {release.commit.short}"


def _labelled(label: str, values: tuple[str, ...], tone: Tone) -> list[tuple[str, Tone]]:
    texts = [line for value in values if value for line in value.split("\n")]
    labels = [label, *[""] * len(texts)]
    return [(f"  {name:<8}  {text}", tone) for name, text in zip(labels, texts, strict=False)]
