"""A plan as people read it before they say yes."""

from io import StringIO
from typing import Final

from deployctl.model.change import Change, Facts
from deployctl.model.plan import Plan
from deployctl.render.page import Page, Part
from deployctl.render.sheet import Cell, Sheet
from deployctl.render.short import count, duration, estimate, fact
from deployctl.render.tone import Tone
from deployctl.render.words import Said, thing

_DIGEST: Final = 8  # characters, so that a table of a usual shop fits a usual terminal
_INNER: Final = frozenset({"body"})
"""Facts that only tell whether anything differs; shown when nothing else does."""


def plan_parts(plan: Plan, *, back_to: str = "") -> tuple[Part, ...]:
    """Title, one table of all changes by wave, what stays, the time and the way back.

    `back_to` names the release that `deployctl rollback` would return to; "" when there is none.
    """
    if plan.is_empty:
        return (*_title(plan), *_unchanged(plan), Said(text="nothing to do", tone=Tone.GOOD))
    size = f"{count(len(plan.changes), 'change')} in {count(len(plan.waves), 'wave')}"
    target = back_to or "nothing to return to: no release went well here before"
    return (
        *_title(plan),
        "",
        _sheet(plan),
        "",
        *_unchanged(plan),
        Said(text=f"{size}, {estimate(plan.seconds)}"),
        Said(text=f"rollback: {target}", tone=Tone.PLAIN if back_to else Tone.WARN),
    )


def plan_text(plan: Plan, *, back_to: str = "") -> str:
    """The same as plain text."""
    text = StringIO()
    Page(stream=text).put(*plan_parts(plan, back_to=back_to))
    return text.getvalue()


def _title(plan: Plan) -> tuple[Said, ...]:
    release = plan.release
    commit = release.commit
    where = f"{release.kind.value} {release.project} to {release.environment}"
    facts = (commit.short, commit.branch, commit.subject)
    told = Said(text="commit: " + "  ".join(text for text in facts if text))
    reason = (Said(text=f"reason: {release.reason}"),) if release.reason else ()
    return (Said(text=f"{where}: {release.id}", tone=Tone.HEAD), told, *reason)


def _unchanged(plan: Plan) -> tuple[Said, ...]:
    names = ", ".join(thing(change) for change in plan.kept)
    return (Said(text=f"unchanged: {names}", tone=Tone.DIM),) if names else ()


def _sheet(plan: Plan) -> Sheet:
    rows = tuple(
        (
            Cell(text=wave.name if at == 0 else "", tone=Tone.HEAD),
            change.kind,
            Cell(text=change.target, tone=Tone.HEAD),
            Cell(text=told(change.before, change), tone=Tone.DIM),
            "→",
            Cell(text=told(change.after, change) or change.summary, tone=Tone.GOOD),
            duration(change.seconds) if change.seconds else "",
        )
        for wave in plan.waves
        for at, change in enumerate(wave.changes)
    )
    columns = ("wave", "step", "on", "before", "", "after", "about")
    return Sheet(columns=columns, rows=rows, folds=frozenset({"before", "after"}))


def told(side: Facts, change: Change) -> str:
    """One side of a change: what differs, shortened: `shop-api:12 3f9c1ab2`."""
    if change.kind == "rollout":
        return _rollout(side, change)
    differing = [name for name in side if change.before.get(name) != change.after.get(name)]
    names = [name for name in differing if name not in _INNER] or differing
    return ", ".join(f"{name}={_brief(side[name])}" for name in names)


def _rollout(side: Facts, change: Change) -> str:
    if not side:
        return ""
    unnamed = "new revision" if side is change.after else "no revision"
    revision = fact(side["revision"]) if side.get("revision") else unnamed
    tasks = f"{side['desired']} tasks" if side.get("desired") else ""
    towards = f"(ECS rolls to {fact(side['towards'])})" if side.get("towards") else ""
    parts = (revision, _brief(side.get("image", "")), tasks, towards)
    return " ".join(part for part in parts if part)


def _brief(value: str) -> str:
    short = fact(value)
    digest = short.removeprefix("sha256:")
    return short if short == digest else digest[:_DIGEST]
