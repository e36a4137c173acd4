"""Every event as sentences: the thing first, then the news."""

from dataclasses import dataclass
from typing import Final, assert_never

from deployctl.model.change import Change, Progress, State
from deployctl.model.event import (
    Building,
    ChangeBegan,
    Ended,
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
from deployctl.model.plan import Plan, Wave
from deployctl.model.release import Kind
from deployctl.model.text import one_line
from deployctl.render.endings import ending
from deployctl.render.short import count, estimate
from deployctl.render.tone import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line of text. `depth` 1 belongs to the line above it (evidence, a hint)."""

    text: str
    tone: Tone = Tone.PLAIN
    depth: int = 0


def sentences(event: Event) -> tuple[Said, ...]:
    """What there is to say about an event; nothing about the passing of time."""
    match event:
        case ChangeBegan() | Progressed() | Settled() | Kept():
            return _of_change(event)
        case Planned() | WaveBegan() | RollingBack() | Ended():
            return _of_run(event)
        case Building() | Notice() | LogLine() | Ticked():
            return _aside(event)
        case _:
            assert_never(event)


def thing(change: Change) -> str:
    """What a change works on, as people call it: `api`, `migration shop`, `CDN E123`."""
    name = _THINGS.get(change.kind)
    return one_line(name.format(change.target) if name else f"{change.kind} {change.target}")


_THINGS: Final = {
    "rollout": "{}",
    "register": "{} task definition",
    "migrate": "migration {}",
    "invalidate": "CDN {}",
    "smoke": "smoke test {}",
}


def news(progress: Progress) -> str:
    """The note of a look, with its counts unless the note already tells them."""
    note = one_line(progress.note)
    counts = f"{progress.done} of {progress.total}"
    if not progress.total or counts in note or f"{progress.done}/{progress.total}" in note:
        return note
    return f"{note} ({counts})" if note else counts


def _of_change(event: ChangeBegan | Progressed | Settled | Kept) -> tuple[Said, ...]:
    name = thing(event.change)
    match event:
        case ChangeBegan(adopted=True):
            return (Said(text=f"{name}: already under way, going on with it", tone=Tone.NEWS),)
        case ChangeBegan(change=change):
            return (Said(text=f"{name}: {one_line(change.summary) or 'began'}", tone=Tone.NEWS),)
        case Progressed(progress=progress):
            return (Said(text=f"{name}: {news(progress)}"),)
        case Settled(progress=progress):
            return _settled(name, progress)
        case Kept():
            return (Said(text=f"{name}: stays, it has no way back", tone=Tone.DIM),)
        case _:
            assert_never(event)


def _settled(name: str, progress: Progress) -> tuple[Said, ...]:
    if progress.state is State.FAILED:
        return (
            Said(text=f"{name}: failed, {news(progress)}", tone=Tone.BAD),
            *_proof(progress.evidence, progress.hint),
        )
    told = news(progress)
    text = f"{name}: done, {told}" if told else f"{name}: done"
    return (Said(text=text, tone=Tone.GOOD),)


def _of_run(event: Planned | WaveBegan | RollingBack | Ended) -> tuple[Said, ...]:
    match event:
        case Planned(plan=plan):
            return _planned(plan)
        case WaveBegan(wave=wave, back=back):
            way = "way back," if back else "wave"
            return (Said(text=f"{way} {wave.name}: {members(wave)}", tone=Tone.HEAD),)
        case RollingBack(cause=cause, evidence=evidence, hint=hint):
            text = f"going back: {cause}"
            return (Said(text=text, tone=Tone.BAD), *_proof(evidence, hint))
        case Ended(outcome=outcome):
            end = ending(outcome)
            return (Said(text=f"{end.word}: {end.sentence}", tone=end.tone),)
        case _:
            assert_never(event)


def members(wave: Wave) -> str:
    """The things of a wave: `api, web, worker`."""
    return ", ".join(thing(change) for change in wave.changes)


def _planned(plan: Plan) -> tuple[Said, ...]:
    release = plan.release
    commit = f"{release.commit.short} {release.commit.subject}"
    text = f"{release.id}: {_KINDS[release.kind]} {release.environment}, commit {commit}"
    title = Said(text=one_line(text), tone=Tone.HEAD)
    if plan.is_empty:
        return (title, Said(text="plan: nothing to do, all of it is live already"))
    size = f"{count(len(plan.changes), 'change')} in {count(len(plan.waves), 'wave')}"
    kept = ", ".join(thing(change) for change in plan.kept)
    return (
        title,
        Said(text=f"plan: {size}, {estimate(plan.seconds)}"),
        *((Said(text=f"unchanged: {kept}", tone=Tone.DIM),) if kept else ()),
    )


_KINDS = {
    Kind.RELEASE: "release to",
    Kind.ROLLBACK: "rollback of",
    Kind.HOTFIX: "hotfix to",
}


def _aside(event: Building | Notice | LogLine | Ticked) -> tuple[Said, ...]:
    match event:
        case Building(service=service, state=state, note=note):
            return (Said(text=f"{service}: image {state}{f' ({note})' if note else ''}"),)
        case Notice(text=text, warning=True):
            return (Said(text=f"warning: {text}", tone=Tone.WARN),)
        case Notice(text=text):
            return (Said(text=text),)
        case LogLine(source=source, text=text):
            return (Said(text=f"{source} | {text}", tone=Tone.DIM),)
        case Ticked():
            return ()
        case _:
            assert_never(event)


def _proof(evidence: tuple[str, ...], hint: str) -> tuple[Said, ...]:
    lines = tuple(Said(text=line, tone=Tone.DIM, depth=1) for line in evidence)
    return (*lines, Said(text=f"hint: {hint}", tone=Tone.WARN, depth=1)) if hint else lines
