"""A request to stop, as a value that the loop looks at."""

from deployctl.model.verdict import Verdict


class Stop:
    """Set by a signal handler, read by the engine once a turn of its loop."""

    def __init__(self, *, until: float | None = None) -> None:
        """`until` ends the run at that reading of Clock.elapsed."""
        self.signal = ""
        self.count = 0
        self.until = until

    @property
    def is_asked(self) -> bool:
        """Whether somebody wants the run to end."""
        return bool(self.signal)

    @property
    def verdict(self) -> Verdict:
        """How a run that obeys ends."""
        return Verdict.INTERRUPTED if self.signal == "SIGINT" else Verdict.TERMINATED

    def ask(self, signal: str) -> None:
        """Ask the run to stop, naming what asked."""
        self.signal = signal
        self.count += 1

    def reset(self) -> None:
        """The request was heard: what follows may be stopped by a new one."""
        self.signal = ""
