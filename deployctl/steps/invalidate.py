"""Invalidate: make the CDN forget old pages, and wait until it has."""

from dataclasses import dataclass, replace
from datetime import timedelta

from deployctl.model.cdn_paths import complaints
from deployctl.model.change import Absent, Change, Progress, Receipt, back_key
from deployctl.model.errors import ConfigWrong, Refused
from deployctl.model.release import Release
from deployctl.ports.cdn import Cdn, Invalidation


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalidate:
    """One order to one distribution, known to the CDN under the key of its change."""

    distribution: str
    paths: tuple[str, ...]
    cdn: Cdn
    patience: timedelta = timedelta(minutes=15)
    pause: timedelta = timedelta(seconds=5)

    @property
    def name(self) -> str:
        """`invalidate:<distribution>`."""
        return f"invalidate:{self.distribution}"

    def plan(self, release: Release) -> Change:
        """Never a no-op: what the edges hold cannot be seen. Raises ConfigWrong for bad paths."""
        if found := complaints(self.paths):
            raise ConfigWrong(
                f"cdn.paths cannot be invalidated: {'; '.join(found)}",
                hint="Correct cdn.paths in deployctl.yaml.",
            )
        number = len(self.paths)
        return Change(
            step=self.name,
            key=f"{release.id}/{self.name}",
            before={},
            after={"paths": " ".join(self.paths)},
            summary=f"{number} {'path' if number == 1 else 'paths'} of {self.distribution}",
            seconds=60,
        )

    def apply(self, change: Change) -> Receipt:
        """Order it. Repeating the call under the same key returns the same order."""
        paths = tuple(change.after["paths"].split(" "))
        id_ = self.cdn.invalidate(self.distribution, paths, change.key)
        return Receipt(handles={"invalidation": id_})

    def find(self, change: Change) -> Receipt | Absent:
        """Look for the order under the change's key.

        Where we may not look, "absent" is safe: a repeated order is the same order.
        """
        try:
            id_ = self.cdn.find(self.distribution, change.key)
        except Refused:
            return Absent()
        return Absent() if id_ is None else Receipt(handles={"invalidation": id_})

    def observe(self, change: Change, receipt: Receipt) -> Progress:
        """One look at the order."""
        return judge(self.cdn.invalidation(self.distribution, receipt.handles["invalidation"]))

    def undo(self, change: Change) -> Change:
        """The same paths again: the old pages are served once more, the new ones are cached."""
        return replace(change, key=back_key(change.key), summary=f"{change.summary} once more")


def invalidate_step(*, distribution: str, paths: tuple[str, ...], cdn: Cdn) -> Invalidate | None:
    """The step, or None when there is nothing to invalidate."""
    if not distribution or not paths:
        return None
    return Invalidate(distribution=distribution, paths=paths, cdn=cdn)


def judge(order: Invalidation) -> Progress:
    """A CDN finishes every order it took; the only question is whether it has."""
    number = len(order.paths)
    if order.is_done:
        return Progress.finished(f"{order.id} reached every edge", total=number)
    return Progress.running(f"{order.id}: {order.status}", done=0, total=number)
