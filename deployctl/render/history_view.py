"""The tables of `history` and `show`: what was released, and how it went."""

from collections.abc import Mapping, Sequence

from deployctl.model.change import State
from deployctl.render.facts import Json, texts_json
from deployctl.render.page import Part
from deployctl.render.rows import ReleaseRow, StepRow
from deployctl.render.sheet import Cell, Sheet
from deployctl.render.short import duration, moment
from deployctl.render.tone import Tone
from deployctl.render.words import Said

_STANDS = {
    State.DONE: Tone.GOOD,
    State.FAILED: Tone.BAD,
    State.RUNNING: Tone.NEWS,
    None: Tone.DIM,
}


def history_parts(rows: Sequence[ReleaseRow], *, environment: str) -> tuple[Part, ...]:
    """Newest first, as given. The id tells when (UTC) and which commit."""
    if not rows:
        return (Said(text=f"{environment}: no release yet"),)
    columns = ("release", "kind", "verdict", "took", "by", "reason")
    folds = frozenset({"by", "reason"})
    return (Sheet(columns=columns, rows=tuple(_release(row) for row in rows), folds=folds),)


def history_json(rows: Sequence[ReleaseRow]) -> dict[str, Json]:
    """`{releases: [...]}`."""
    return {"releases": [release_row_json(row) for row in rows]}


def release_row_json(row: ReleaseRow) -> dict[str, Json]:
    """Every field of the row; `verdict` "" is an open release."""
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "commit": row.commit,
        "kind": row.kind,
        "verdict": row.verdict,
        "actor": row.actor,
        "reason": row.reason,
        "seconds": row.seconds,
        "bad": row.bad,
        "live": row.live,
    }


def show_parts(
    row: ReleaseRow,
    steps: Sequence[StepRow],
    *,
    images: Mapping[str, str] | None = None,
    next_command: str = "",
) -> tuple[Part, ...]:
    """One release: its facts, its images, its changes, and the proof of what failed."""
    facts = (
        ("commit", row.commit),
        ("began", f"{moment(row.at)} UTC"),
        ("took", "" if row.seconds is None else duration(row.seconds)),
        ("by", row.actor),
        ("reason", row.reason),
        ("bad", "marked bad: it was rolled back from" if row.bad else ""),
    )
    lines = [Said(text=f"{name:<7} {text}", depth=1) for name, text in facts if text]
    refs = [Said(text=f"{name}: {ref}", depth=1) for name, ref in (images or {}).items()]
    word = row.verdict or "open"
    return (
        Said(text=f"{row.kind} {row.id}: {word}", tone=_verdict(row).tone),
        *lines,
        *((Said(text="images", tone=Tone.HEAD), *refs) if refs else ()),
        *(("", _steps(steps)) if steps else ()),
        *_proofs(steps),
        *((Said(text=f"next: {next_command}", tone=Tone.HEAD),) if next_command else ()),
    )


def show_json(
    row: ReleaseRow,
    steps: Sequence[StepRow],
    *,
    images: Mapping[str, str] | None = None,
    next_command: str = "",
) -> dict[str, Json]:
    """The release with `images`, `steps` and `next_command`."""
    return release_row_json(row) | {
        "images": texts_json(images or {}),
        "steps": [_step_json(step) for step in steps],
        "next_command": next_command,
    }


def _step_json(step: StepRow) -> Json:
    return {
        "step": step.step,
        "state": step.state.value if step.state else "",
        "note": step.note,
        "seconds": step.seconds,
        "evidence": list(step.evidence),
        "hint": step.hint,
    }


def _release(row: ReleaseRow) -> tuple[Cell | str, ...]:
    return (
        row.id,
        row.kind,
        _verdict(row),
        "" if row.seconds is None else duration(row.seconds),
        row.actor,
        row.reason,
    )


def _verdict(row: ReleaseRow) -> Cell:
    if not row.verdict:
        return Cell(text="open", tone=Tone.WARN)
    good = row.verdict in {"released", "nothing to do"} and not row.bad
    marks = (row.verdict, "live" if row.live else "", "bad" if row.bad else "")
    text = ", ".join(mark for mark in marks if mark)
    return Cell(text=text, tone=Tone.GOOD if good else Tone.BAD)


def _steps(steps: Sequence[StepRow]) -> Sheet:
    rows = tuple(
        (
            step.step,
            Cell(text=step.state.value if step.state else "not begun", tone=_STANDS[step.state]),
            "" if step.seconds is None else duration(step.seconds),
            step.note,
        )
        for step in steps
    )
    columns = ("step", "state", "took", "note")
    return Sheet(columns=columns, rows=rows, folds=frozenset({"note"}))


def _proofs(steps: Sequence[StepRow]) -> list[Part]:
    parts: list[Part] = []
    for step in steps:
        if step.evidence or step.hint:
            parts += ["", Said(text=f"{step.step}:", tone=Tone.BAD)]
            parts += [Said(text=line, tone=Tone.DIM, depth=1) for line in step.evidence]
            parts += [Said(text=f"hint: {step.hint}", tone=Tone.WARN, depth=1)] if step.hint else []
    return parts
