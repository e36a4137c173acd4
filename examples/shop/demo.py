"""The main job on this machine: three releases, one of them broken, and a way back, under load."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from examples.shop.history import make_history  # noqa: E402 - the path comes first
from examples.shop.witness import Report, Witness  # noqa: E402 - the path comes first

DEPLOYCTL = [sys.executable, "-m", "deployctl"]
LEAST = 2_000
# A third of what the sandbox's load balancer carries on two cores: what fails then is the release.
RATE = 120


class Wrong(Exception):
    """The demo did not show what it promises."""


class Demo:
    """A throw-away repository, a sandbox of its own, and what was seen of each phase."""

    def __init__(self, folder: Path, backend: str) -> None:
        self.folder = folder
        self.repository = folder / "shop"
        self.backend = backend
        self.environment = ""
        self.seen: list[tuple[str, int, Report | None]] = []
        self.variables = {
            **os.environ,
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONPATH": str(HERE.parent.parent),
        }

    def deployctl(self, *arguments: str, expect: int = 0) -> int:
        """Run the real command line, showing it and what it says."""
        print(f"\n$ deployctl {' '.join(arguments)}", flush=True)
        done = subprocess.run(
            [*DEPLOYCTL, *arguments], cwd=self.repository, env=self.variables, check=False
        )
        if done.returncode != expect:
            raise Wrong(f"deployctl {arguments[0]} ended with {done.returncode}, not {expect}")
        return done.returncode

    def sandbox(self) -> dict[str, object]:
        """The facts of the running sandbox."""
        answer = subprocess.run(
            [*DEPLOYCTL, "sandbox", "status", "--json"],
            cwd=self.repository,
            env=self.variables,
            stdout=subprocess.PIPE,
            check=True,
        )
        facts: dict[str, object] = json.loads(answer.stdout)
        return facts

    def under_load(self, phase: str, *arguments: str, expect: int = 0) -> None:
        """One command while a client asks the shop `RATE` times a second."""
        witness = Witness(f"{self.sandbox()['endpoint']}/_alb/shop", rate=RATE).start()
        began = monotonic()
        try:
            code = self.deployctl(*arguments, expect=expect)
            while witness.asked() < LEAST and monotonic() - began < 60:
                sleep(0.1)
        finally:
            report = witness.stop()
        self.seen.append((phase, code, report))

    def at(self, sha: str) -> None:
        """Check out a commit of the shop."""
        command = ["git", "checkout", "--quiet", sha]
        subprocess.run(command, cwd=self.repository, check=True)

    def run(self) -> None:
        """All phases in order."""
        first, second, broken = make_history(self.repository)
        self.deployctl(
            *("sandbox", "up", "--backend", self.backend),
            *("--stack", "shop", "--template", str(HERE / "infrastructure.yml")),
            *("--parameter", "ApiUrl={endpoint}/_alb/shop"),
        )
        containers = self.sandbox()["backend"] == "containers"
        self.environment = "containers" if containers else "sandbox"
        env = ("--env", self.environment)
        self.at(first)
        self.deployctl("plan", *env)
        self.seen.append(("release v1", self.deployctl("release", *env), None))
        self.at(second)
        self.under_load("release v2, with a migration", "release", *env)
        self.at(broken)
        self.under_load("release v3, which is broken", "release", *env, expect=21)
        self.under_load("rollback to v1", "rollback", *env, "--reason", "the demo")
        self.deployctl("history", *env)
        self.deployctl("status", *env)

    def verdict(self) -> None:
        """Say what was seen, and raise Wrong when a request failed."""
        print(f"\n{'phase':32} {'exit':>4} {'requests':>9} {'failed':>7} {'p99 ms':>7}")
        for phase, code, report in self.seen:
            figures = (
                f"{report.requests:>9} {report.failed:>7} {report.p99:>7.0f}" if report else ""
            )
            print(f"{phase:32} {code:>4} {figures}".rstrip())
        for phase, _, report in self.seen:
            if report and (report.failed or report.requests < LEAST):
                kinds = ", ".join(f"{count} {kind}" for kind, count in report.errors.items())
                raise Wrong(
                    f"{phase}: {report.failed} of {report.requests} requests failed ({kinds})"
                )
        print("\nNo request failed: not in a good release, not in a bad one, not on the way back.")


@contextmanager
def demo(backend: str) -> Iterator[Demo]:
    """A demo in a folder of its own, with nothing left running afterwards."""
    with tempfile.TemporaryDirectory(prefix="deployctl-demo-") as folder:
        one = Demo(Path(folder), backend)
        try:
            yield one
        finally:
            subprocess.run(
                [*DEPLOYCTL, "sandbox", "down"], cwd=HERE, env=one.variables, check=False
            )


def main() -> int:
    """Run it; 0 when all went as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="auto", choices=["auto", "processes", "containers"])
    given = parser.parse_args()
    began = monotonic()
    try:
        with demo(given.backend) as one:
            one.run()
            one.verdict()
    except Wrong as wrong:
        print(f"\nThe demo went wrong: {wrong}", file=sys.stderr)
        return 1
    print(f"All of it took {monotonic() - began:.0f} s; nothing is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
