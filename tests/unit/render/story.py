"""A shop's releases as recorded entries, for every screen to tell."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from deployctl.model.change import Change, Progress
from deployctl.model.event import (
    Building,
    ChangeBegan,
    Ended,
    Entry,
    Event,
    Kept,
    LogLine,
    Notice,
    Planned,
    Progressed,
    RollingBack,
    Settled,
    Ticked,
    WaveBegan,
)
from deployctl.model.plan import Phase, Plan, Wave
from deployctl.model.release import Commit, Image, Release
from deployctl.model.verdict import Outcome, Verdict

START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
SHA = "3f9c1ab27d4e5f60718293a4b5c6d7e8f9012345"
OLD = "sha256:" + "0a" * 32
NEW = "sha256:" + "b7" * 32
ID = "20260314-090000-3f9c1ab"
ARN = "arn:aws:ecs:eu-west-1:333333333333:task-definition/shop"
HOST = "333333333333.dkr.ecr.eu-west-1.amazonaws.com/shop"
CLUSTER = ("api", "web", "worker")


def release(services: Iterable[str] = CLUSTER, *, subject: str = "Take the cart to v2") -> Release:
    return Release(
        id=ID,
        project="shop",
        environment="production",
        commit=Commit(sha=SHA, branch="main", author="Ann", subject=subject),
        images={
            name: Image(repository=f"{HOST}/{name}", digest=NEW, built_from=SHA)
            for name in services
        },
        at=START,
    )


def rollout(name: str, *, before: int = 12) -> Change:
    return Change(
        step=f"rollout:{name}",
        key=f"{ID}/rollout:{name}",
        before={"image": f"{HOST}/{name}@{OLD}", "revision": f"{ARN}-{name}:{before}", "body": "1"},
        after={"image": f"{HOST}/{name}@{NEW}", "body": "2"},
        summary="rolling out",
        seconds=90,
    )


def change(step: str, *, before: str = "", after: str, seconds: int = 10) -> Change:
    sides = ({"at": before} if before else {}, {"at": after})
    key = f"{ID}/{step}"
    return Change(step=step, key=key, before=sides[0], after=sides[1], seconds=seconds)


MIGRATE = change("migrate:shop", before="0007", after="0008", seconds=20)
SMOKE = change("smoke:shifted", after=SHA)
CDN = change("invalidate:E123", before=OLD, after=NEW, seconds=60)


def shop_plan(services: Iterable[str] = CLUSTER, *, kept: tuple[Change, ...] = ()) -> Plan:
    first, *others = services
    return Plan(
        release=release(services),
        waves=(
            Wave(name="expand", phase=Phase.EXPAND, changes=(MIGRATE,)),
            Wave(name="shift 1", phase=Phase.SHIFT, changes=(rollout(first),)),
            Wave(name="shift 2", phase=Phase.SHIFT, changes=tuple(rollout(n) for n in others)),
            Wave(name="verify", phase=Phase.VERIFY, changes=(SMOKE,)),
            Wave(name="publish", phase=Phase.PUBLISH, changes=(CDN,)),
        ),
        kept=kept,
    )


def tasks(done: int, *, of: int = 4) -> Progress:
    return Progress.running(f"{done} of {of} tasks on the new version", done=done, total=of)


def timed(events: Iterable[Event], *, every: float = 1.0) -> list[Entry]:
    """One event after the other, `every` seconds apart."""
    return [
        Entry(at=START + timedelta(seconds=at * every), event=event)
        for at, event in enumerate(events)
    ]


NOTES = {"migrate": "0007 → 0008", "smoke": "3 of 3 checks", "invalidate": "emptied"}


def carried_out(wave: Wave, *, back: bool = False) -> Iterator[Event]:
    """A wave that goes well: rollouts take five looks, everything else one."""
    yield WaveBegan(wave=wave, back=back)
    for item in wave.changes:
        yield ChangeBegan(change=item)
    for done in range(5):
        for item in wave.changes:
            if item.kind == "rollout":
                yield Progressed(change=item, progress=tasks(done))
    for item in wave.changes:
        note = NOTES.get(item.kind, "only the new version runs")
        total = 4 if item.kind == "rollout" else 0
        yield Settled(change=item, progress=Progress.finished(note, total=total))


def good(services: Iterable[str] = CLUSTER) -> list[Entry]:
    """A release that goes well."""
    plan = shop_plan(services)
    events: list[Event] = [
        Building(service="api", state="building"),
        Building(service="api", state="pushed", note="sha256:b7b7b7b7b7b7"),
        Building(service="web", state="reused"),
        Planned(plan=plan),
    ]
    for wave in plan.waves:
        events.extend(carried_out(wave))
    events += [Ticked(), Ended(outcome=Outcome(verdict=Verdict.RELEASED, release=ID))]
    return timed(events)


PROOF = ("task 0f3a stopped: Essential container in task exited", "api exited with 1", "KeyError")
HINT = "Set DATABASE_URL in the task definition of api."


def bad() -> list[Entry]:
    """The second wave fails, the first is taken back, the migration stays."""
    plan = shop_plan()
    expand, first, second = plan.waves[:3]
    api, web = first.changes[0], second.changes[0]
    lost = Progress.failed("2 tasks stopped", evidence=PROOF, hint=HINT)
    cause = "web: 2 tasks stopped"
    undo = Wave(name="undo shift 1", phase=Phase.SHIFT, changes=(api.inverted(),))
    return timed([
        Planned(plan=plan),
        *carried_out(expand),
        *carried_out(first),
        WaveBegan(wave=second),
        ChangeBegan(change=web),
        Progressed(change=web, progress=tasks(0)),
        LogLine(source="web/1", text="Traceback (most recent call last):"),
        Notice(text="web: a task stopped", warning=True),
        Settled(change=web, progress=lost),
        RollingBack(cause=cause, evidence=PROOF, hint=HINT),
        Kept(change=MIGRATE),
        *carried_out(undo, back=True),
        Ended(outcome=rolled_back(cause)),
    ])  # fmt: skip


def rolled_back(cause: str) -> Outcome:
    return Outcome(
        verdict=Verdict.ROLLED_BACK,
        release=ID,
        cause=cause,
        failed_step="rollout:web",
        evidence=PROOF,
        hint=HINT,
        next_command=f"deployctl show {ID} --env production",
        warnings=("migration shop stays",),
    )
