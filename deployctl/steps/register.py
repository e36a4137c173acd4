"""Registers the task definition that a release runs, once, and only if no equal one is there."""

from dataclasses import dataclass
from datetime import timedelta

from deployctl.model.change import Absent, Change, Progress, Receipt, Unknown
from deployctl.model.errors import Refused
from deployctl.model.release import Release
from deployctl.model.taskdef import HASH_TAG, RELEASE_TAG, body_hash
from deployctl.model.token import release_of
from deployctl.ports.platform import Platform
from deployctl.steps.target import (
    EcsTarget,
    image_for,
    live,
    pinned,
    registered,
    short,
    wanted,
    wanted_hash,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSettings:
    """Which service, and how patient to be with the API."""

    target: EcsTarget
    patience: timedelta = timedelta(minutes=5)
    pause: timedelta = timedelta(seconds=2)


class RegisterStep:
    """`register:<service>`. Facts: `body` (hash) and `image`; the receipt has the `revision`."""

    def __init__(self, *, settings: RegisterSettings, platform: Platform) -> None:
        self._settings = settings
        self._target = settings.target
        self._platform = platform

    @property
    def name(self) -> str:
        """`register:api`."""
        return f"register:{self._target.service}"

    @property
    def patience(self) -> timedelta:
        """How long the API may take to answer."""
        return self._settings.patience

    @property
    def pause(self) -> timedelta:
        """Between two looks; one is enough."""
        return self._settings.pause

    def plan(self, release: Release) -> Change:
        """A no-op when the live body is the wanted one, or an equal revision is registered."""
        now = live(self._platform, self._target)
        image = image_for(release, self._target)
        before = {"body": now.definition.hash, "image": now.image}
        if self._target.service in release.pins:
            pin = pinned(self._platform, self._target, release)
            same = {"body": pin.hash, "revision": pin.arn}
            return self._change(release, same, same, f"use revision {short(pin.arn)}")
        if not image:
            return self._change(release, before, before, "left alone")
        body = wanted_hash(now, self._target, image)
        if body == now.definition.hash:
            return self._change(release, before, before, "unchanged")
        there = registered(self._platform, now.definition.family, body)
        if there:
            same = {"body": body, "revision": there.arn}
            return self._change(release, same, same, f"use revision {short(there.arn)}")
        after = {"body": body, "image": image}
        return self._change(release, before, after, f"new revision of {now.definition.family}")

    def _change(
        self, release: Release, before: dict[str, str], after: dict[str, str], summary: str
    ) -> Change:
        key = f"{release.id}/{self.name}"
        return Change(
            step=self.name, key=key, before=before, after=after, summary=summary, seconds=1
        )

    def apply(self, change: Change) -> Receipt:
        """Register the planned body. Raises Refused when the live one has changed since."""
        now = live(self._platform, self._target)
        body = wanted(now, self._target, change.after["image"])
        if body_hash(body) != change.after["body"]:
            raise Refused(
                f"the task definition of {self._target.ecs} changed after the plan was made"
                f" (it is at {short(now.definition.arn)} now)",
                hint="Release again: deployctl release",
            )
        there = registered(self._platform, now.definition.family, change.after["body"])
        if there:
            return Receipt(handles={"revision": there.arn})
        kept = {
            name: value
            for name, value in now.definition.tags.items()
            if not name.startswith(("aws:", "deployctl:"))  # AWS refuses to be given its own tags
        }
        ours = {HASH_TAG: change.after["body"], RELEASE_TAG: release_of(change.key)}
        made = self._platform.definitions.register(body, {**kept, **ours})
        return Receipt(handles={"revision": made.arn})

    def find(self, change: Change) -> Receipt | Absent | Unknown:
        """Among the newest ACTIVE revisions, by what they contain."""
        family = live(self._platform, self._target).definition.family
        there = registered(self._platform, family, change.after["body"])
        return Receipt(handles={"revision": there.arn}) if there else Absent()

    def observe(self, change: Change, receipt: Receipt) -> Progress:
        """Done at once: a registered revision never changes."""
        revision = receipt.handles["revision"]
        return Progress.finished(f"revision {short(revision)}", facts={"revision": revision})

    def undo(self, change: Change) -> Change | None:
        """Nothing: an unused revision does no harm, a missing one does."""
        return None
