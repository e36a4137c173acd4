"""What is known of a run so far, folded from the entries; every screen that draws reads it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from deployctl.model.change import Change, Progress, State, back_key
from deployctl.model.event import (
    Building,
    ChangeBegan,
    Ended,
    Entry,
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
from deployctl.model.verdict import Outcome
from deployctl.render.words import Said, sentences

_REMEMBERED: Final = 50


class Stand(StrEnum):
    """How a change stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    KEPT = "kept"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One change on the board."""

    change: Change
    stand: Stand = Stand.WAITING
    began: datetime | None = None
    ended: datetime | None = None
    progress: Progress | None = None

    def seconds(self, now: datetime) -> float | None:
        """How long it has run, or ran; None before it began."""
        return None if self.began is None else ((self.ended or now) - self.began).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A wave on the board. `back` on the way back."""

    wave: Wave
    back: bool = False
    began: bool = False


class Board:
    """The run as far as it was told. `take` every entry; read the rest."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.sections: list[Section] = []
        self.rows: dict[str, Row] = {}
        self.images: dict[str, Building] = {}
        self.cause = ""
        self.outcome: Outcome | None = None
        self.lines: deque[Said] = deque(maxlen=_REMEMBERED)
        self.began: datetime | None = None
        self.now: datetime | None = None

    @property
    def seconds(self) -> float:
        """Since the first entry."""
        if self.began is None or self.now is None:
            return 0.0
        return (self.now - self.began).total_seconds()

    @property
    def running(self) -> tuple[Row, ...]:
        """What is under way, in the order it began."""
        return tuple(row for row in self.rows.values() if row.stand is Stand.RUNNING)

    @property
    def building(self) -> tuple[Building, ...]:
        """The images still in the making (`building`, `pushing`, …)."""
        return tuple(image for image in self.images.values() if image.state.endswith("ing"))

    @property
    def current(self) -> Section | None:
        """The wave that began last."""
        return next((section for section in reversed(self.sections) if section.began), None)

    def rows_of(self, section: Section) -> tuple[Row, ...]:
        """The rows of a wave."""
        return tuple(self.rows[change.key] for change in section.wave.changes)

    def take(self, entry: Entry) -> None:
        """Fold one entry in."""
        self.began = self.began or entry.at
        self.now = entry.at
        match entry.event:
            case Planned() | WaveBegan() | RollingBack() | Ended() as event:
                self._take_run(event)
            case ChangeBegan() | Progressed() | Settled() | Kept() as event:
                self._take_change(event, entry.at)
            case Building() as event:
                self.images[event.service] = event
            case Notice() | LogLine() as event:
                self.lines.extend(sentences(event))
            case Ticked():
                pass
            case never:
                assert_never(never)

    def _take_run(self, event: Planned | WaveBegan | RollingBack | Ended) -> None:
        match event:
            case Planned(plan=plan):
                self.plan = plan
                self.sections = [Section(wave=wave) for wave in plan.waves]
                self._expect(plan.changes)
            case WaveBegan(wave=wave, back=back):
                self._begin(wave, back=back)
            case RollingBack(cause=cause):
                self.cause = self.cause or cause
            case Ended(outcome=outcome):
                self.outcome = outcome
            case _:
                assert_never(event)

    def _begin(self, wave: Wave, *, back: bool) -> None:
        self._expect(wave.changes)
        begun = Section(wave=wave, back=back, began=True)
        for place, section in enumerate(self.sections):
            if section.wave.name == wave.name and section.back == back:
                self.sections[place] = begun
                return
        self.sections.append(begun)

    def _undo(self, inverse: Change) -> None:
        """What is taken back while it still ran is waited for no longer."""
        for key, row in self.rows.items():
            if row.stand is Stand.RUNNING and back_key(key) == inverse.key:
                self.rows[key] = replace(row, stand=Stand.UNDONE)

    def _expect(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.rows.setdefault(change.key, Row(change=change))

    def _take_change(self, event: ChangeBegan | Progressed | Settled | Kept, at: datetime) -> None:
        self._expect((event.change,))
        row = self.rows[event.change.key]
        match event:
            case ChangeBegan():
                self._undo(event.change)
                row = replace(row, stand=Stand.RUNNING, began=row.began or at, ended=None)
            case Progressed(progress=progress):
                row = replace(row, progress=progress, began=row.began or at)
            case Settled(progress=progress):
                failed = progress.state is State.FAILED
                stand = Stand.FAILED if failed else Stand.DONE
                row = replace(row, stand=stand, progress=progress, ended=at)
            case Kept():
                row = replace(row, stand=Stand.KEPT)
            case _:
                assert_never(event)
        self.rows[event.change.key] = row
