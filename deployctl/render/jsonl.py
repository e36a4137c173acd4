"""The screen of scripts: one JSON object a line for each event, on stdout.

Every line has all of these keys, and their meaning does not change within `v`:

    v        1
    ts       when, ISO 8601, UTC
    seq      1, 2, 3, …: a gap means that lines were lost
    release  the release id, "" before it is known
    env      the environment, "" before it is known
    type     one of the types below
    step     `kind:target` of the change, "" when the line is about no change
    state    one word: the state of the change or image, the phase of the wave, the verdict
    note     the news, for people
    done     what the step counted so far (tasks, checks), of `total`; 0 and 0: it counts nothing
    total
    data     an object, by type

| type | data |
|---|---|
| image.progressed | service |
| release.planned | the plan: release, waves, unchanged, empty, seconds |
| wave.began | name, phase, changes, back |
| change.began | step, key, before, after, summary, seconds, adopted |
| change.progressed | evidence, hint, facts |
| change.settled | evidence, hint, facts |
| change.kept | step, key, before, after, summary, seconds |
| release.rolling_back | evidence, hint |
| notice | warning |
| log | source, text |
| heartbeat | waiting_for: step names; every 30 s while nothing else is told |
| release.ended | the result: verdict, exit_code, cause, evidence, hint, next_command, warnings, … |
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO, assert_never

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
from deployctl.render.board import Board
from deployctl.render.facts import (
    Json,
    change_json,
    plan_json,
    progress_json,
    result_json,
    wave_json,
)
from deployctl.render.outlet import Outlet
from deployctl.render.plain import HEARTBEAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What differs from event to event."""

    type: str
    step: str = ""
    state: str = ""
    note: str = ""
    done: int = 0
    total: int = 0
    data: dict[str, Json] = field(default_factory=dict)


class JsonLines:
    """Writes ASCII JSON, flushed line by line; a reader that goes away is survived."""

    def __init__(self, *, stream: TextIO, release: str = "", env: str = "") -> None:
        self._outlet = Outlet(stream)
        self._release = release
        self._env = env
        self._seq = 0
        self._board = Board()
        self._spoke: datetime | None = None

    def show(self, entry: Entry) -> None:
        """Write one line; time going by is told every 30 s at most."""
        self._board.take(entry)
        self._spoke = self._spoke or entry.at
        if isinstance(entry.event, Ticked) and entry.at - self._spoke < HEARTBEAT:
            return
        if isinstance(entry.event, Planned):
            release = entry.event.plan.release
            self._release, self._env = release.id, release.environment
        self._write(_line(entry.event, self._board), entry.at)

    def close(self) -> None:
        """Nothing to put back: lines were flushed as they came."""

    def _write(self, line: Line, at: datetime) -> None:
        self._seq += 1
        self._spoke = at
        told: dict[str, Json] = {
            "v": 1,
            "ts": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "seq": self._seq,
            "release": self._release,
            "env": self._env,
            "type": line.type,
            "step": line.step,
            "state": line.state,
            "note": line.note,
            "done": line.done,
            "total": line.total,
            "data": line.data,
        }
        self._outlet.line(json.dumps(told))


def _line(event: Event, board: Board) -> Line:
    match event:
        case ChangeBegan() | Progressed() | Settled() | Kept():
            return _of_change(event)
        case Planned() | WaveBegan() | RollingBack() | Ended():
            return _of_run(event, board)
        case Building() | Notice() | LogLine() | Ticked():
            return _aside(event, board)
        case _:
            assert_never(event)


def _of_change(event: ChangeBegan | Progressed | Settled | Kept) -> Line:
    match event:
        case ChangeBegan(change=change, adopted=adopted):
            told = change_json(change) | {"adopted": adopted}
            return Line(
                type="change.began",
                step=change.step,
                state="running",
                note=change.summary,
                data=told,
            )
        case Progressed(change=change, progress=progress):
            return _look("change.progressed", change, progress)
        case Settled(change=change, progress=progress):
            return _look("change.settled", change, progress)
        case Kept(change=change):
            told = change_json(change)
            return Line(type="change.kept", step=change.step, state="kept", data=told)
        case _:
            assert_never(event)


def _look(name: str, change: Change, progress: Progress) -> Line:
    return Line(
        type=name,
        step=change.step,
        state=progress.state.value,
        note=progress.note,
        done=progress.done,
        total=progress.total,
        data=progress_json(progress),
    )


def _of_run(event: Planned | WaveBegan | RollingBack | Ended, board: Board) -> Line:
    match event:
        case Planned(plan=plan):
            return Line(type="release.planned", data=plan_json(plan))
        case WaveBegan(wave=wave, back=back):
            told = wave_json(wave) | {"back": back}
            return Line(type="wave.began", state=wave.phase.value, note=wave.name, data=told)
        case RollingBack(cause=cause, evidence=evidence, hint=hint):
            proof: dict[str, Json] = {"evidence": list(evidence), "hint": hint}
            return Line(type="release.rolling_back", state="failed", note=cause, data=proof)
        case Ended(outcome=outcome):
            result = result_json(outcome, plan=board.plan, seconds=board.seconds)
            verdict = outcome.verdict.value
            return Line(type="release.ended", state=verdict, note=outcome.cause, data=result)
        case _:
            assert_never(event)


def _aside(event: Building | Notice | LogLine | Ticked, board: Board) -> Line:
    match event:
        case Building(service=service, state=state, note=note):
            told: dict[str, Json] = {"service": service}
            return Line(type="image.progressed", state=state, note=note, data=told)
        case Notice(text=text, warning=warning):
            return Line(type="notice", note=text, data={"warning": warning})
        case LogLine(source=source, text=text):
            return Line(type="log", note=text, data={"source": source, "text": text})
        case Ticked():
            waited: list[Json] = [row.change.step for row in board.running]
            return Line(type="heartbeat", data={"waiting_for": waited})
        case _:
            assert_never(event)
