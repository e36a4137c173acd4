"""Runs a release's migration once, as a task with the new image, before any new code serves."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from deployctl.model.change import Absent, Change, Progress, Receipt, State, Unknown
from deployctl.model.cure import Scene, hint
from deployctl.model.errand import judge_errand, launch_of
from deployctl.model.errors import Refused
from deployctl.model.event import LogLine
from deployctl.model.release import Kind, Release
from deployctl.model.rollout import OneOff
from deployctl.model.taskdef import RELEASE_TAG, Body, LogPlace, essential_containers, log_place
from deployctl.model.token import release_of, since, token
from deployctl.ports.clock import Clock
from deployctl.ports.platform import Errand, Platform
from deployctl.ports.screen import Tell
from deployctl.steps.diagnosis import LAST_LINES, evidence
from deployctl.steps.target import (
    EcsTarget,
    Live,
    image_for,
    live,
    registered,
    short,
    wanted_hash,
)

_REMEMBERED = timedelta(hours=1)  # how long ECS describes a stopped task, at the least
_UNLISTED = 60.0  # seconds for which ECS may not yet know a task it has just started
_LOG_LAG = 5.0  # seconds until CloudWatch Logs shows the last lines of a task that ended


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateSettings:
    """`command` runs in the target's container; `environment` is added to that container."""

    name: str
    target: EcsTarget
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: timedelta = timedelta(hours=1)
    pause: timedelta = timedelta(seconds=2)


@dataclass(slots=True)
class _Trail:
    """What was read of one task so far."""

    began: float
    body: Body = field(default_factory=dict)
    cursor: str = ""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    ended: float | None = None


class MigrateStep:
    """`migrate:<name>`. Facts: `image` (and `body`, hash of the task definition, in after).

    `migrated` are the images whose migration of this database went well, oldest first: with one
    of them there is nothing to do. Receipt: `task`, `revision`, `container`.
    """

    def __init__(
        self,
        *,
        settings: MigrateSettings,
        platform: Platform,
        clock: Clock,
        tell: Tell,
        migrated: tuple[str, ...] = (),
    ) -> None:
        self._settings = settings
        self._target = settings.target
        self._platform = platform
        self._clock = clock
        self._tell = tell
        self._migrated = migrated
        self._trails: dict[str, _Trail] = {}

    @property
    def name(self) -> str:
        """`migrate:shop`."""
        return f"migrate:{self._settings.name}"

    @property
    def patience(self) -> timedelta:
        """How long the migration may take."""
        return self._settings.patience

    @property
    def pause(self) -> timedelta:
        """Between two looks."""
        return self._settings.pause

    def plan(self, release: Release) -> Change:
        """A no-op for a way back, for a service left alone, and for an image that has migrated."""
        key = f"{release.id}/{self.name}"
        image = image_for(release, self._target)
        last = {"image": self._migrated[-1] if self._migrated else ""}
        returning = release.kind is Kind.ROLLBACK or release.pins
        if returning or not image or image in self._migrated:
            return Change(step=self.name, key=key, before=last, after=last, summary="no migration")
        now = live(self._platform, self._target)
        after = {"image": image, "body": wanted_hash(now, self._target, image)}
        summary = f"{' '.join(self._settings.command)} in {now.container}"
        return Change(
            step=self.name, key=key, before=last, after=after, summary=summary, seconds=60
        )

    def apply(self, change: Change) -> Receipt:
        """ONE RunTask. A task that this change has already started is taken up instead."""
        now = live(self._platform, self._target)
        there = self._platform.tasks.started_by(token(change.key))
        if there:
            return self._receipt(there[0], now.container)
        errand = self._errand(change, now)
        return self._receipt(self._platform.tasks.run(errand), now.container)

    def _errand(self, change: Change, now: Live) -> Errand:
        revision = registered(self._platform, now.definition.family, change.after["body"])
        if revision is None:
            raise Refused(
                f"no ACTIVE revision of {now.definition.family} is what the plan wants",
                hint="It was deregistered meanwhile. Release again: deployctl release",
            )
        return Errand(
            revision=revision.arn,
            container=now.container,
            command=self._settings.command,
            environment=self._settings.environment,
            launch=launch_of(now.fleet.launch),
            token=token(change.key),
            once=self._once(change),
            tags={RELEASE_TAG: release_of(change.key)},
        )

    def _once(self, change: Change) -> str:
        """ECS knows a client token longer than the task: one it has forgotten would be no new one.

        So the token tells the hour of the release; within it no task is forgotten.
        """
        began = since(change.key)
        hour = (self._clock.now() - began) // _REMEMBERED if began else 0
        return token(f"{change.key}@{hour}") if hour > 0 else token(change.key)

    def _receipt(self, task: OneOff, container: str) -> Receipt:
        return Receipt(
            handles={"task": task.arn, "revision": task.revision, "container": container}
        )

    def find(self, change: Change) -> Receipt | Absent | Unknown:
        """The task of this change's token, running or stopped.

        ECS forgets a stopped task after an hour, and a change does not carry the time of its
        intent. So none found is Absent only while the release itself is younger than that (a
        second RunTask is then deduplicated by its client token); later a person decides.
        """
        found = self._platform.tasks.started_by(token(change.key))
        if found:
            return self._receipt(found[0], live(self._platform, self._target).container)
        began = since(change.key)
        if began is not None and self._clock.now() - began < _REMEMBERED:
            return Absent()
        return Unknown(
            f"ECS remembers no task of {self.name}, but the release is older than an hour:"
            " it may have run and been forgotten"
        )

    def observe(self, change: Change, receipt: Receipt) -> Progress | Unknown:
        """One look; new log lines are told. Unknown when ECS has forgotten the task."""
        now = self._clock.elapsed()
        trail = self._trails.setdefault(receipt.handles["task"], _Trail(began=now))
        task = self._platform.tasks.get(receipt.handles["task"])
        if task is None:
            return self._missing(receipt, now - trail.began)
        container = receipt.handles["container"]
        place = self._place(trail, receipt)
        self._read(place, trail)
        progress = judge_errand(task, container, essential_containers(trail.body))
        if progress.state is State.RUNNING:
            return progress
        trail.ended = trail.ended if trail.ended is not None else now
        if place and not trail.lines and now - trail.ended < _LOG_LAG:
            return Progress.running("ended; waiting for its log")
        if progress.state is State.DONE:
            return progress
        scene = Scene(
            service=self._settings.name,
            container=container,
            image=change.after["image"],
            log_group=place.group if place else "",
            stopped=(task.ended,) if task.ended else (),
            log=tuple(trail.lines),
            is_job=True,
        )
        return replace(progress, evidence=evidence(scene), hint=progress.hint or hint(scene))

    def _missing(self, receipt: Receipt, waited: float) -> Progress | Unknown:
        if waited < _UNLISTED:
            return Progress.running("ECS does not list the task yet")
        return Unknown(
            f"ECS no longer describes the task {short(receipt.handles['task'])}: whether it"
            " succeeded only its log or the database can tell"
        )

    def _place(self, trail: _Trail, receipt: Receipt) -> LogPlace | None:
        if not trail.body:
            trail.body = self._platform.definitions.get(receipt.handles["revision"]).body
        task = receipt.handles["task"].rpartition("/")[2]
        return log_place(trail.body, receipt.handles["container"], task)

    def _read(self, place: LogPlace | None, trail: _Trail) -> None:
        if place is None:
            return
        page = self._platform.logs.tail(place, trail.cursor)
        trail.cursor = page.cursor
        trail.lines.extend(page.lines)
        for line in page.lines:
            self._tell(LogLine(source=self.name, text=line))

    def undo(self, change: Change) -> Change | None:
        """Nothing: an expand migration stays, the old code works with it."""
        return None
