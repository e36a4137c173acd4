"""The real command line as a user starts it: its own process, its own state folder."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Any

from tests.e2e.waiting import until

ROOT = Path(__file__).parents[2]
DEPLOYCTL = (sys.executable, "-m", "deployctl")
LONGEST = 240.0  # seconds after which a command is taken for hanging
_FOREIGN = ("AWS_", "DEPLOYCTL_", "BITBUCKET_", "CODEBUILD_", "GITHUB_", "GIT_", "PYTHON", "CI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that is over."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    @property
    def text(self) -> str:
        """Everything it said."""
        return f"{self.out}\n{self.err}"

    @property
    def tail(self) -> str:
        """The end of it, for the message of a test that fails."""
        return "\n".join(line[:400] for line in self.text.splitlines()[-40:])

    def json(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)

    def events(self, kind: str = "") -> list[Any]:
        """The lines of `--output jsonl`, or those of one type."""
        told = [json.loads(line) for line in self.out.splitlines()]
        return [event for event in told if not kind or event["type"] == kind]


@dataclass(slots=True)
class Running:
    """A command on its way, with what it has said so far. `out` is empty without a pipe."""

    words: tuple[str, ...]
    process: "subprocess.Popen[str]"
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    _readers: list[tuple[threading.Thread, IO[str]]] = field(default_factory=list)
    _began: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            if stream is not None:
                reader = threading.Thread(target=lines.extend, args=[stream], daemon=True)
                reader.start()
                self._readers.append((reader, stream))

    def await_event(self, kind: str, step: str = "") -> Any:
        """The first jsonl event of that type (and step); fails when the command ends before."""

        def found() -> Any:
            over = self.process.poll() is not None
            for line in tuple(self.out):
                event = json.loads(line)
                if event["type"] == kind and step in {"", event["step"]}:
                    return event
            last = [line[:400] for line in [*self.out, *self.err][-10:]]
            assert not over, f"ended before {kind} {step}: {''.join(last)}"
            return None

        return until(found, f"{kind} {step} of {self.words}", seconds=120)

    def signal(self, *numbers: signal.Signals) -> None:
        """Send signals; several arrive together, as if pressed at the same instant."""
        if len(numbers) > 1:
            self.process.send_signal(signal.SIGSTOP)
        for number in numbers:
            self.process.send_signal(number)
        if len(numbers) > 1:
            self.process.send_signal(signal.SIGCONT)

    def end(self, *, expect: int) -> Ended:
        """Wait for the end, which must have this exit code (-9 after SIGKILL)."""
        self.process.wait(LONGEST)
        self.hang_up()
        ended = Ended(
            words=self.words,
            code=self.process.returncode,
            out="".join(self.out),
            err="".join(self.err),
            seconds=monotonic() - self._began,
        )
        assert ended.code == expect, f"{self.words}: {ended.code}, not {expect}\n{ended.tail}"
        assert "\nTraceback (most recent" not in ended.text, ended.tail  # a container's is indented
        return ended

    def hang_up(self) -> None:
        """Read to the end and close the pipes; the process is over."""
        for reader, stream in self._readers:
            reader.join(10)
            stream.close()


@dataclass(slots=True)
class CommandLine:
    """Starts commands in `folder`. `state` is their XDG_STATE_HOME."""

    folder: Path
    state: Path
    begun: list[Running] = field(default_factory=list)

    def run(
        self,
        *words: str,
        expect: int = 0,
        variables: Mapping[str, str] | None = None,
        prefix: Sequence[str] = DEPLOYCTL,
    ) -> Ended:
        """Run to the end, which must have the expected exit code."""
        return self.start(*words, variables=variables, prefix=prefix).end(expect=expect)

    def start(
        self,
        *words: str,
        variables: Mapping[str, str] | None = None,
        prefix: Sequence[str] = DEPLOYCTL,
        prepare: Callable[[], None] | None = None,
    ) -> Running:
        """Start it and come back at once; `prepare` runs in the child before the program."""
        running = Running(
            words,
            subprocess.Popen(
                [*prefix, *words],
                cwd=self.folder,
                env={**self.variables(), **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                preexec_fn=prepare,  # noqa: PLW1509 - sets a limit of the child, nothing else
            ),
        )
        self.begun.append(running)
        return running

    def variables(self) -> dict[str, str]:
        """The environment of every command: the user's, without accounts, CI and Python's own."""
        user = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}  # noqa: TID251 - the tests start processes
        return {
            **user,
            "XDG_STATE_HOME": str(self.state),
            "PYTHONPATH": str(ROOT),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def close(self) -> None:
        """End what still runs, each by its own process."""
        for running in self.begun:
            if running.process.poll() is None:
                running.process.kill()
                running.process.wait()
            running.hang_up()
