"""How refusals, mistakes in the config and bugs are told to a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from deployctl.model.errors import DeployError
from deployctl.render.facts import Json
from deployctl.render.page import Part
from deployctl.render.short import count
from deployctl.render.tone import Tone
from deployctl.render.words import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One mistake: `where` as editors jump to it (`deployctl.yaml:12:5`), what, and the cure."""

    where: str
    what: str
    cure: str = ""


def complaint_parts(complaints: Sequence[Complaint]) -> tuple[Part, ...]:
    """All of them, each `where: what` with its cure below, and how many there are."""
    parts: list[Part] = []
    for complaint in complaints:
        parts.append(Said(text=f"{complaint.where}: {complaint.what}", tone=Tone.BAD))
        parts += _cure(complaint.cure)
    return (*parts, Said(text=count(len(complaints), "mistake"), tone=Tone.HEAD))


def complaints_json(complaints: Sequence[Complaint]) -> dict[str, Json]:
    """`{complaints: [{where, what, cure}]}`."""
    return {
        "complaints": [
            {"where": complaint.where, "what": complaint.what, "cure": complaint.cure}
            for complaint in complaints
        ]
    }


def error_parts(error: DeployError) -> tuple[Part, ...]:
    """What happened and why, then the cure."""
    return (Said(text=f"error: {error}", tone=Tone.BAD), *_cure(error.hint))


def bug_parts(bug: BaseException, *, report: str = "") -> tuple[Part, ...]:
    """An error nobody foresaw: named as ours. `report` says where its details were put."""
    title = f"bug in deployctl: {type(bug).__name__}: {bug}"
    return (
        Said(text=title, tone=Tone.BAD),
        *((Said(text=f"details: {report}", depth=1),) if report else ()),
    )


def _cure(cure: str) -> list[Part]:
    return [Said(text=f"cure: {line}" if at == 0 else f"      {line}", tone=Tone.WARN, depth=1)
            for at, line in enumerate(cure.split("\n")) if cure]  # fmt: skip
