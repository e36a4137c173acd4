"""The tables of `status` and `lock status`: what serves now, and who is at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deployctl.render.facts import Json
from deployctl.render.history_view import release_row_json
from deployctl.render.page import Part
from deployctl.render.rows import LeaseRow, ReleaseRow, ServiceRow
from deployctl.render.sheet import Cell, Sheet
from deployctl.render.short import duration, fact, moment
from deployctl.render.tone import Tone
from deployctl.render.words import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """An environment at one look. `open` is a release that has not ended."""

    environment: str
    live: ReleaseRow | None
    open: ReleaseRow | None
    services: Sequence[ServiceRow]
    lease: LeaseRow | None = None
    warnings: tuple[str, ...] = ()
    next_command: str = ""


def status_parts(status: Status, *, now: datetime) -> tuple[Part, ...]:
    """What serves, what is half-done, every service, the lock, and what to type next."""
    lease = status.lease
    below = (
        *(lock_parts(lease, now=now) if lease and lease.state != "free" else ()),
        *(Said(text=f"warning: {text}", tone=Tone.WARN) for text in status.warnings),
        *_next(status.next_command),
    )
    services = ("", _services(status.services)) if status.services else ()
    gap = ("",) if services and below else ()
    return (_live(status), *_open(status), *services, *gap, *below)


def status_json(status: Status) -> dict[str, Json]:
    """`{env, live, open, services, lease, warnings, next_command}`; null where there is none."""
    return {
        "env": status.environment,
        "live": release_row_json(status.live) if status.live else None,
        "open": release_row_json(status.open) if status.open else None,
        "services": [_service_json(row) for row in status.services],
        "lease": lock_json(status.lease) if status.lease else None,
        "warnings": list(status.warnings),
        "next_command": status.next_command,
    }


def lock_parts(row: LeaseRow, *, now: datetime) -> tuple[Part, ...]:
    """Who holds the environment, since when, and how to get it back."""
    if row.state == "free":
        return (Said(text=f"{row.environment}: free (lease {row.fence})", tone=Tone.GOOD),)
    facts = (
        ("for", row.purpose),
        ("since", _ago(row.since, now)),
        ("seen", _ago(row.seen, now)),
        ("run", row.url),
        ("to break it", row.command),
    )
    holder = row.holder or "somebody unknown"
    return (
        Said(text=f"{row.environment}: {_STATES.get(row.state, row.state)} {holder}, "
             f"lease {row.fence}", tone=Tone.WARN),
        *(Said(text=f"{name:<11} {text}", depth=1) for name, text in facts if text),
    )  # fmt: skip


_STATES = {"held": "held by", "lost": "left behind by", "hold": "on hold by"}


def lock_json(row: LeaseRow) -> dict[str, Json]:
    """Every field of the row; times are ISO 8601."""
    return {
        "env": row.environment,
        "state": row.state,
        "fence": row.fence,
        "holder": row.holder,
        "since": row.since.isoformat() if row.since else None,
        "seen": row.seen.isoformat() if row.seen else None,
        "url": row.url,
        "purpose": row.purpose,
        "command": row.command,
    }


def _live(status: Status) -> Said:
    live = status.live
    if live is None:
        return Said(text=f"{status.environment}: nothing was released yet", tone=Tone.WARN)
    by = f" by {live.actor}" if live.actor else ""
    told = f"{live.id} is live, commit {fact(live.commit)}, since {moment(live.at)} UTC{by}"
    return Said(text=f"{status.environment}: {told}", tone=Tone.GOOD)


def _open(status: Status) -> tuple[Said, ...]:
    if status.open is None:
        return ()
    told = f"{status.open.kind} {status.open.id} has not ended"
    word = f" ({status.open.reason})" if status.open.reason else ""
    return (Said(text=f"{status.environment}: {told}{word}", tone=Tone.WARN),)


def _next(command: str) -> tuple[Said, ...]:
    return (Said(text=f"next: {command}", tone=Tone.HEAD),) if command else ()


def _services(services: Sequence[ServiceRow]) -> Sheet:
    rows = tuple(
        (
            Cell(text=row.name, tone=Tone.HEAD),
            Cell(
                text=f"{row.ready}/{row.wanted}",
                tone=Tone.GOOD if row.ready >= row.wanted else Tone.BAD,
            ),
            fact(row.revision),
            fact(row.image),
            Cell(text=_remark(row), tone=Tone.WARN if row.drifted else Tone.DIM),
        )
        for row in services
    )
    return Sheet(columns=("service", "tasks", "revision", "image", ""), rows=rows)


def _remark(row: ServiceRow) -> str:
    remarks = ("not what was released" if row.drifted else "", row.note)
    return ", ".join(remark for remark in remarks if remark)


def _service_json(row: ServiceRow) -> Json:
    return {
        "name": row.name,
        "revision": row.revision,
        "image": row.image,
        "ready": row.ready,
        "wanted": row.wanted,
        "note": row.note,
        "drifted": row.drifted,
    }


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{moment(at)} UTC, {duration((now - at).total_seconds())} ago" if at else ""
