"""From a commit to a verdict: build, look, plan, take the lease, carry out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from deployctl.checks.account import account_is, clock_is_right
from deployctl.checks.distribution import distribution_serves
from deployctl.checks.finding import Level, Rule
from deployctl.checks.fleet import (
    fleet_can_roll,
    service_is_quiet,
    service_is_there,
    way_back_is_open,
)
from deployctl.checks.preflight import run as preflight
from deployctl.checks.smoke import url_can_be_asked
from deployctl.cli.layout import build_specs, stations
from deployctl.cli.session import at_work
from deployctl.cli.world import World
from deployctl.engine.build import build_images
from deployctl.engine.draw import Station, draw
from deployctl.model.errors import CheckFailed, Superseded
from deployctl.model.event import Ended, Notice, Planned
from deployctl.model.history import History
from deployctl.model.plan import Plan
from deployctl.model.release import Commit, Image, Kind, Release, release_id
from deployctl.model.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person or a pipeline wants. `pins` and `returns_to` are set when going back."""

    commit: Commit
    images: Mapping[str, Image]
    kind: Kind = Kind.RELEASE
    reason: str = ""
    only: frozenset[str] = frozenset()
    pins: Mapping[str, str] | None = None
    returns_to: str = ""
    downgrade: bool = False
    migrate: bool = True


def commit_of(world: World, sha: str = "") -> Commit:
    """The commit to release. Raises CheckFailed for a dirty tree in CI."""
    commit = world.git(sha).head()
    if commit.dirty and world.here.is_ci:
        raise CheckFailed(
            "the working tree has uncommitted changes: what would be released is in no commit",
            hint="In CI release a clean checkout; `git status` in the step shows what changed.",
        )
    if commit.dirty:
        world.tell(
            Notice(text=f"the working tree is dirty: images are tagged {commit.tag}", warning=True)
        )
    return commit


def check(world: World, *, returning: bool = False) -> None:
    """Everything that can refuse, refuses here. Raises CheckFailed with all failures at once.

    A way back (`returning`) is not refused because what one wants to leave cannot come again.
    """
    caller = world.identity.who()
    rules: list[Rule] = [
        lambda: account_is(caller, world.place.account),
        lambda: clock_is_right(caller),
    ]
    if world.place.distribution:
        wanted = world.place.distribution
        rules.append(lambda: distribution_serves(wanted, world.cdn.look(wanted)))
    rules.extend(_fleet_rules(world, returning=returning))
    for one in world.settings.smoke:
        url, connect_to = world.door(one.when)
        rules.append(partial(url_can_be_asked, one.placed(url, connect_to)))
    for finding in preflight(rules):
        if finding.level is Level.WARN:
            world.tell(Notice(text=f"{finding.what}. {finding.cure}", warning=True))


def _fleet_rules(world: World, *, returning: bool) -> Iterator[Rule]:
    """Each service is there, can roll, is quiet, and leaves a way back."""
    for service in world.settings.services.values():
        fleet = world.platform.fleets.look(service.ecs)
        yield partial(service_is_there, fleet, world.platform.fleets.names())
        if fleet.status == "ACTIVE":
            desired = service.desired if isinstance(service.desired, int) else None
            yield partial(fleet_can_roll, fleet, desired)
            yield partial(service_is_quiet, fleet)
            if not returning:
                live = world.platform.definitions.get(fleet.revision)
                yield partial(way_back_is_open, fleet, live)


def images_of(
    world: World, commit: Commit, history: History, only: frozenset[str] = frozenset()
) -> dict[str, Image]:
    """The images by service: built and pushed where needed; untouched services keep theirs."""
    built = build_images(build_specs(world, only), commit, world.desk)
    settings = world.settings
    mine = {
        name: built[settings.build_of(name)]
        for name in settings.services
        if settings.build_of(name) in built
    }
    live = history.live
    kept = live.plan.release.images if only and live else {}
    return {**kept, **{name: image for name, image in mine.items() if not only or name in only}}


def planned(world: World, order: Order, history: History) -> Plan:
    """The plan of an order as the world is now."""
    return drawn(world, order, history, _steps(world, order, history))


def _steps(world: World, order: Order, history: History) -> tuple[Station, ...]:
    return stations(world, history, order.commit, order.only, migrate=order.migrate)


def drawn(world: World, order: Order, history: History, work: Sequence[Station]) -> Plan:
    """The plan of an order, by the steps that will carry it out."""
    at = world.clock.now()
    while history.find(release_id(at, order.commit.sha)):
        at += timedelta(seconds=1)
    release = Release(
        id=release_id(at, order.commit.sha),
        project=world.settings.project,
        environment=world.settings.environment,
        commit=order.commit,
        images=order.images,
        at=at,
        kind=order.kind,
        reason=order.reason,
        actor=world.here.actor,
        returns_to=order.returns_to,
        pins=order.pins or {},
    )
    return draw(release, work)


def ship(
    world: World,
    order_of: Callable[[History], Order],
    *,
    work: str,
    wait: float,
    agreed: Plan | None = None,
) -> Outcome:
    """Carry out an order under the lease; it is made of the history that no one else changes now.

    `agreed` is the plan that a person said yes to; `work` is one word for the lease.
    """
    with at_work(world, work, wait=wait) as session:
        session.refuse_unfinished()
        history = session.journal.history
        order = order_of(history)
        _refuse_downgrade(world, order, history)
        steps = _steps(world, order, history)
        plan = drawn(world, order, history, steps)
        if agreed is not None and agreed.waves != _under(plan, agreed).waves:
            raise CheckFailed(
                "the world moved since you agreed: the plan is another one now",
                hint="Look again: deployctl plan",
            )
        if plan.is_empty:
            return _nothing(world, order, plan)
        return session.carry_out(plan, steps)


def _under(plan: Plan, other: Plan) -> Plan:
    """The plan with the other's release id in its keys: two drawings seconds apart compare."""
    mine, theirs = plan.release.id, other.release.id
    return replace(
        plan,
        waves=tuple(
            replace(
                wave,
                changes=tuple(
                    replace(change, key=change.key.replace(mine, theirs)) for change in wave.changes
                ),
            )
            for wave in plan.waves
        ),
    )


def _nothing(world: World, order: Order, plan: Plan) -> Outcome:
    outcome = Outcome(
        verdict=Verdict.NOTHING,
        release="",
        cause=f"everything of {order.commit.short} is live already",
        warnings=tuple(_lame(world)),
    )
    world.tell(Planned(plan=plan))
    world.tell(Ended(outcome=outcome))
    return outcome


def _lame(world: World) -> Iterator[str]:
    for name, service in world.settings.services.items():
        fleet = world.platform.fleets.look(service.ecs)
        if fleet.running < fleet.desired:
            yield f"{name}: only {fleet.running} of {fleet.desired} tasks run: deployctl status"


def _refuse_downgrade(world: World, order: Order, history: History) -> None:
    """The new commit must contain the live one: a late runner must not undo a newer release."""
    live = history.live
    if order.kind is Kind.ROLLBACK or order.downgrade or live is None:
        return
    was = live.plan.release.commit.sha
    if was == order.commit.sha:
        return
    contains = world.git(order.commit.sha).is_ancestor(was, order.commit.sha)
    if contains is False:
        raise Superseded(
            f"{order.commit.short} does not contain {was[:7]}, which is live since release "
            f"{live.id}",
            hint="Release a newer commit; to go back: deployctl rollback; "
            "if you mean it: --allow-downgrade",
        )
    if contains is None:
        text = f"cannot tell whether {order.commit.short} contains the live {was[:7]}"
        world.tell(Notice(text=f"{text}: git history is missing (shallow clone)", warning=True))
