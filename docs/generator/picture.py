"""Records two real releases on the sandbox, a good one and a broken one, as pictures.

Use, from the root of the repository: python -m docs.generator.picture [processes|containers]
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from deployctl.cli.options import Screens
from deployctl.cli.shipping import Order, check, commit_of, images_of, ship
from deployctl.cli.world import open_world, screens
from deployctl.model.event import Entry
from deployctl.model.text import Redactor
from deployctl.model.verdict import Verdict
from deployctl.render.fan import Fan
from deployctl.render.svg import export_svg
from examples.shop.demo import HERE, Demo, demo
from examples.shop.history import make_history

DOCS = Path(__file__).resolve().parents[1]


class Recorder:
    """A screen that only remembers what it is told."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def show(self, entry: Entry) -> None:
        """Remember it."""
        self.entries.append(entry)

    def close(self) -> None:
        """Nothing to put back."""


def recorded(environment: str) -> tuple[Verdict, list[Entry]]:
    """What `deployctl release` does, with a recorder beside its own screen."""
    recorder = Recorder()
    with open_world(Path("deployctl.yaml"), environment) as opened:
        beside = (*screens(Screens.PLAIN, environment), recorder)
        world = replace(opened, tell=Fan(beside, opened.clock, Redactor()))
        try:
            commit = commit_of(world)
            check(world)
            order = Order(commit=commit, images=images_of(world, commit, world.history()))
            return ship(world, order, wait=0).verdict, recorder.entries
        finally:
            world.close()


def take(one: Demo, sha: str, name: str, wanted: Verdict) -> None:
    """Release a commit and write its picture, if it ended as it should."""
    one.at(sha)
    verdict, entries = recorded(one.environment)
    if verdict is not wanted:
        sys.exit(f"{name}: ended {verdict}, not {wanted}; no picture is written")
    title = f"deployctl release --env {one.environment}"
    (DOCS / f"{name}.svg").write_text(export_svg(entries, title=title, width=106) + "\n")


def main(backend: str) -> None:
    """Release v1 for a start, then v2 and the broken v3 in front of the camera."""
    with demo(backend) as one:
        first, second, broken = make_history(one.repository)
        one.deployctl(
            *("sandbox", "up", "--backend", backend),
            *("--stack", "shop", "--template", str(HERE / "infrastructure.yml")),
            *("--parameter", "ApiUrl={endpoint}/_alb/shop"),
        )
        one.environment = "containers" if one.sandbox()["backend"] == "containers" else "sandbox"
        one.at(first)
        one.deployctl("release", "--env", one.environment)
        # From here on the release runs in this process, which must find the demo's own sandbox.
        os.environ["XDG_STATE_HOME"] = one.variables["XDG_STATE_HOME"]  # noqa: TID251 - see above
        os.chdir(one.repository)
        take(one, second, "release", Verdict.RELEASED)
        take(one, broken, "rolled-back", Verdict.ROLLED_BACK)
        os.chdir(DOCS)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "auto")
