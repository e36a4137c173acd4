"""Rolls one ECS service to the release's revision with one call, and proves what came of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from deployctl.model.change import Absent, Change, Progress, Receipt, State, Unknown
from deployctl.model.errors import Refused
from deployctl.model.look import Aim, Look, crashes, is_displaced, is_settled, ours
from deployctl.model.release import Release
from deployctl.model.rolling import judge
from deployctl.model.rollout import (
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    Fleet,
    ServiceDeployment,
    StoppedTask,
)
from deployctl.model.taskdef import chosen_container
from deployctl.model.token import since
from deployctl.ports.clock import Clock
from deployctl.ports.platform import Platform
from deployctl.steps.diagnosis import diagnosed
from deployctl.steps.foreign import refuse_foreign
from deployctl.steps.rollout_plan import RolloutSettings, planned
from deployctl.steps.target import registered
from deployctl.steps.watch import Watch

_FLOOR = timedelta(minutes=10)
_UNKNOWN_PACE = timedelta(minutes=30)
_SKEW = timedelta(seconds=90)  # a release begins with clocks up to 60 s apart


class RolloutStep:
    """`rollout:<service>`. Facts: `image`, `revision`, `body` (hash of the task definition); see
    `planned` for the others.

    Receipt: `deployment` (id from the UpdateService answer), `revision`, `container`, and
    `service_deployment` where AWS gives one.
    """

    def __init__(self, *, settings: RolloutSettings, platform: Platform, clock: Clock) -> None:
        self._settings = settings
        self._target = settings.target
        self._platform = platform
        self._clock = clock
        self._watches: dict[str, Watch] = {}
        self._seconds = 0

    @property
    def name(self) -> str:
        """`rollout:api`."""
        return f"rollout:{self._target.service}"

    @property
    def patience(self) -> timedelta:
        """Configured, or twice the estimate of the change this step was last given."""
        if self._settings.patience is not None:
            return self._settings.patience
        if not self._seconds:
            return _UNKNOWN_PACE
        return max(_FLOOR, timedelta(seconds=2 * self._seconds))

    @property
    def pause(self) -> timedelta:
        """Between two looks."""
        return self._settings.pause

    def plan(self, release: Release) -> Change:
        """See `planned`."""
        change = planned(self._platform, self._settings, release)
        self._seconds = change.seconds
        return change

    def apply(self, change: Change) -> Receipt:
        """ONE UpdateService; none when ECS already works towards the revision (it rolled back).

        A deployment of the revision that ECS gave up is made anew. Raises Superseded when ECS works
        towards neither what the plan found nor the wanted after.
        """
        self._seconds = change.seconds
        fleet = self._platform.fleets.look(self._target.ecs, fresh=True)
        revision = self._revision(fleet, change)
        if not revision:
            raise Refused(
                f"no ACTIVE task definition revision is what the plan wants for {self.name}",
                hint="It was deregistered meanwhile. Release again: deployctl release",
            )
        primary, desired = fleet.primary, _desired(change)
        there = primary is not None and primary.revision == revision
        given_up = there and primary is not None and primary.rollout == FAILED
        if there and not given_up and desired in {None, fleet.desired}:
            return self._adopted(fleet, revision)
        if not there:
            refuse_foreign(self._platform, fleet, change)
        shown = self._platform.fleets.shift(
            self._target.ecs, revision, desired=desired, anew=given_up
        )
        if shown.service_deployment == fleet.service_deployment:
            # the answer still names the deployment before ours: the id of ours has to do
            shown = replace(shown, service_deployment="")
        return self._receipt(shown, revision)

    def _revision(self, fleet: Fleet, change: Change) -> str:
        known = change.after.get("revision", "")
        if known or not fleet.revision:
            return known
        family = self._platform.definitions.get(fleet.revision).family
        found = registered(self._platform, family, change.after["body"])
        return found.arn if found else ""

    def _receipt(self, fleet: Fleet, revision: str) -> Receipt:
        primary = fleet.primary
        handles = {"deployment": primary.id if primary else "", "revision": revision}
        if fleet.service_deployment:
            handles["service_deployment"] = fleet.service_deployment
        return Receipt(handles=handles)

    def _adopted(self, fleet: Fleet, revision: str) -> Receipt:
        """Without ECS's record: after a rollback by ECS it is still that of what failed."""
        return self._receipt(replace(fleet, service_deployment=""), revision)

    def find(self, change: Change) -> Receipt | Absent | Unknown:
        """The deployment of our revision that began with this release, or that serves now.

        One that ECS has already rolled back is found by ECS's own record. Absent is safe to act
        upon: UpdateService only declares what shall run. A deployment that ECS gave up before this
        release began is not this one's.
        """
        self._seconds = change.seconds
        fleet = self._platform.fleets.look(self._target.ecs, fresh=True)
        revision = self._revision(fleet, change)
        if not revision:
            return Absent()
        primary = fleet.primary
        if primary and primary.revision == revision and primary.rollout != FAILED:
            if _desired(change) in {None, fleet.desired}:
                return self._adopted(fleet, revision)
            return Absent()
        began = since(change.key)
        for each in fleet.deployments:
            late = began is None or each.created is None or each.created >= began - _SKEW
            # what is complete but not primary is the old side, which still drains
            if each.revision == revision and late and each.rollout != COMPLETED:
                return Receipt(handles={"deployment": each.id, "revision": revision})
        record = self._recorded(revision, began) if began else None
        if not record:
            return Absent()
        return Receipt(
            handles={"deployment": "", "revision": revision, "service_deployment": record.arn}
        )

    def _recorded(self, revision: str, began: datetime) -> ServiceDeployment | None:
        """What went well and is gone again must be younger than the release by any clock.

        Otherwise the release before this one, of the same revision, would be taken for it.
        """
        of = partial(self._platform.fleets.service_deployment_of, self._target.ecs, revision)
        record = of(began - _SKEW)
        return of(began) if record and record.status == "SUCCESSFUL" else record

    def observe(self, change: Change, receipt: Receipt) -> Progress:
        """One look, judged by our own deployment id; evidence is gathered when it failed."""
        self._seconds = change.seconds
        aim, look = self._look(change, receipt)
        progress = judge(aim, look)
        if progress.state is not State.FAILED or "superseded_by" in progress.facts:
            return progress
        if not look.stopped:
            look = replace(look, stopped=self._ended())
        return diagnosed(progress, aim, look, self._platform)

    def _ended(self) -> tuple[StoppedTask, ...]:
        try:
            return self._platform.fleets.stopped(self._target.ecs)
        except Refused:  # a verdict without evidence is better than none
            return ()

    def _look(self, change: Change, receipt: Receipt) -> tuple[Aim, Look]:
        fleet = self._platform.fleets.look(self._target.ecs)
        now = self._clock.elapsed()
        watch = self._watches.setdefault(change.key, Watch(began=now))
        aim = self._aim(change, receipt, watch)
        if watch.take(aim, fleet, now):
            ended = self._platform.fleets.stopped(self._target.ecs)
            watch.stopped.update({task.arn: task for task in ended})
        look = Look(
            fleet=fleet,
            at=self._clock.now(),
            waited=now - watch.began,
            quiet=now - watch.moved,
            seen=watch.seen,
            born=watch.born,
            record=self._record(aim, fleet, receipt),
            stopped=tuple(watch.stopped.values()),
        )
        if is_settled(aim, fleet) or crashes(aim, look):
            look = replace(look, running=self._platform.fleets.running(self._target.ecs))
        return aim, look

    def _aim(self, change: Change, receipt: Receipt, watch: Watch) -> Aim:
        revision = receipt.handles["revision"]
        if not watch.container:
            definition = self._platform.definitions.get(revision)
            watch.container = chosen_container(definition.body, self._target.container)
        return Aim(
            deployment=receipt.handles["deployment"],
            revision=revision,
            container=watch.container,
            image=change.after.get("image", ""),
            back_to=change.before.get("revision", ""),
            crashes=self._settings.crashes,
            verify_digest=self._settings.verify_digest,
            tasks=int(change.after.get("desired", change.after.get("tasks", "0"))),
            desired=_desired(change),
        )

    def _record(self, aim: Aim, fleet: Fleet, receipt: Receipt) -> ServiceDeployment | None:
        """ECS's own record of our deployment, asked only when the list does not tell by itself."""
        arn = receipt.handles.get("service_deployment", "")
        mine = ours(aim, fleet)
        told = (
            mine is not None
            and not is_displaced(aim, fleet)
            and (mine.rollout == IN_PROGRESS or mine.id != aim.deployment)
        )
        return self._platform.fleets.service_deployment(arn) if arn and not told else None

    def undo(self, change: Change) -> Change | None:
        """Back to the exact revision that served before."""
        return change.inverted()


def _desired(change: Change) -> int | None:
    """The number of tasks that the change sets, None if it leaves that to others."""
    desired = change.after.get("desired")
    return None if desired is None else int(desired)
