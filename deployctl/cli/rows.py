"""Fills the tables of `status`, `history` and `show` from the journal and from the cluster."""

from deployctl.cli.world import World
from deployctl.model.errors import DeployError
from deployctl.model.history import History, Standing
from deployctl.model.lease import Hold
from deployctl.model.taskdef import containers
from deployctl.render.rows import LeaseRow, ReleaseRow, ServiceRow, StepRow


def release_rows(history: History) -> list[ReleaseRow]:
    """All releases, newest first."""
    return [release_row(standing, history) for standing in reversed(history.releases)]


def release_row(standing: Standing, history: History) -> ReleaseRow:
    """One release."""
    release = standing.plan.release
    ended = standing.ended_at
    return ReleaseRow(
        id=standing.id,
        at=standing.began_at,
        commit=release.commit.tag,
        kind=release.kind.value,
        verdict=standing.verdict.value if standing.verdict else "",
        actor=release.actor,
        reason=_reason(standing),
        seconds=(ended - standing.began_at).total_seconds() if ended else None,
        bad=bool(standing.bad),
        live=standing is history.live,
    )


def _reason(standing: Standing) -> str:
    if standing.halted and standing.verdict is None:
        return f"{standing.halted}: {standing.cause}"
    return standing.bad or standing.plan.release.reason or standing.cause


def step_rows(standing: Standing) -> list[StepRow]:
    """Every change of a release, planned or taken back."""
    keys = [change.key for change in standing.plan.changes]
    back = [key for key in standing.traces if key not in keys]
    rows = []
    for key in (*keys, *back):
        trace = standing.traces.get(key)
        settled = trace.settled if trace else None
        name = key.partition("/")[2]
        rows.append(
            StepRow(
                step=f"undo {name.removesuffix('-rb')}" if key in back else name,
                state=settled.state if settled else None,
                note=settled.note if settled else ("began" if trace else ""),
                evidence=settled.evidence if settled else (),
                hint=settled.hint if settled else "",
            )
        )
    return rows


def service_rows(world: World, history: History) -> list[ServiceRow]:
    """What every service runs now, held against what the journal says."""
    live = history.live.live if history.live else {}
    return [
        _service_row(world, name, service.ecs, live.get(name, {}).get("revision", ""))
        for name, service in world.settings.services.items()
    ]


def _service_row(world: World, name: str, ecs: str, expected: str) -> ServiceRow:
    try:
        fleet = world.platform.fleets.look(ecs)
        definition = world.platform.definitions.get(fleet.revision)
    except DeployError as error:
        return ServiceRow(name=name, revision="", image="", ready=0, wanted=0, note=str(error))
    drifted = bool(expected) and fleet.revision != expected
    return ServiceRow(
        name=name,
        revision=fleet.revision,
        image=", ".join(str(one.get("image", "")) for one in containers(definition.body)),
        ready=fleet.running,
        wanted=fleet.desired,
        note=f"expected {expected.rpartition('/')[2]}" if drifted else "",
        drifted=drifted,
    )


def lease_row(world: World) -> LeaseRow:
    """Who holds the environment."""
    environment = world.settings.environment
    lease = world.store.lease()
    if lease is None or lease.is_free:
        return LeaseRow(environment=environment, state="free", fence=lease.fence if lease else 0)
    lost = world.store.is_dead(lease)
    manual = lease.state is Hold.MANUAL
    state = "hold" if manual else "lost" if lost else "held"
    verb = "release" if manual else "break"
    holder = lease.holder
    return LeaseRow(
        environment=environment,
        state=state,
        fence=lease.fence,
        holder=f"{holder.actor}@{holder.host} (pid {holder.pid})",
        since=lease.taken_at,
        seen=lease.beat_at,
        url=holder.run_url,
        purpose=lease.reason or holder.work,
        command=f"deployctl lock {verb} --env {environment} --fence {lease.fence}",
    )
