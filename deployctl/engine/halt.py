"""The run ends here although the release does not."""

from deployctl.model.verdict import Verdict


class Halted(Exception):
    """Carries the verdict of a run that stops with the release still open."""

    def __init__(
        self, verdict: Verdict, cause: str, *, step: str = "", hint: str = "", question: str = ""
    ) -> None:
        """`question` is the key of the change on which a person's word is wanted."""
        super().__init__(cause)
        self.verdict = verdict
        self.cause = cause
        self.step = step
        self.hint = hint
        self.question = question
