"""The screen of CI logs: one flushed line for each piece of news, a heartbeat if there is none."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TextIO

from deployctl.model.event import (
    ChangeBegan,
    Ended,
    Entry,
    Kept,
    Progressed,
    RollingBack,
    Settled,
    Ticked,
)
from deployctl.model.text import clean
from deployctl.model.verdict import Outcome
from deployctl.render.board import Board, Row
from deployctl.render.endings import final_block
from deployctl.render.outlet import Outlet
from deployctl.render.short import duration
from deployctl.render.tone import Tone, painted
from deployctl.render.words import Said, news, sentences, thing

HEARTBEAT: Final = timedelta(seconds=30)
_INDENT: Final = "  "


class Plain:
    """`HH:MM:SS +elapsed  thing: news`. No cursor movements, no colours unless asked for.

    Nothing is printed twice: a look that says what the last look said is no news, and the proof
    of a failure is shown once before the closing block. `zone` is what the clock times are in.
    """

    def __init__(self, *, stream: TextIO, colour: bool = False, zone: tzinfo = UTC) -> None:
        self._outlet = Outlet(stream)
        self._colour = colour
        self._zone = zone
        self._board = Board()
        self._last: dict[str, tuple[Said, ...]] = {}
        self._proofs: set[tuple[Said, ...]] = set()
        self._spoke: datetime | None = None

    def show(self, entry: Entry) -> None:
        """Print what is new in it."""
        self._board.take(entry)
        match entry.event:
            case Ticked():
                self._heartbeat(entry.at)
            case Ended(outcome=outcome):
                self._close_with(outcome)
            case _:
                for said in self._new(entry):
                    self._say(said, entry.at)

    def close(self) -> None:
        """Nothing to put back: lines were flushed as they came."""

    def _new(self, entry: Entry) -> tuple[Said, ...]:
        told = sentences(entry.event)
        match entry.event:
            case ChangeBegan(change=change) | Progressed(change=change) | Kept(change=change):
                known = self._last.get(change.key) == told
                self._last[change.key] = told
                return () if known else told
            case Settled() | RollingBack():
                proof = told[1:]
                known = proof in self._proofs
                self._proofs.add(proof)
                return told[:1] if known else told
            case _:
                return told

    def _say(self, said: Said, at: datetime) -> None:
        when = f"{at.astimezone(self._zone):%H:%M:%S} +{duration(self._board.seconds):<6}"
        for line in clean(said.text).split("\n"):
            text = self._paint(f"{_INDENT * said.depth}{line}", said.tone)
            self._outlet.line(f"{when} {text}".rstrip())
        self._spoke = at

    def _heartbeat(self, at: datetime) -> None:
        self._spoke = self._spoke or at
        if at - self._spoke >= HEARTBEAT and self._board.outcome is None:
            self._say(Said(text=f"... {waiting_for(self._board)}", tone=Tone.DIM), at)

    def _close_with(self, outcome: Outcome) -> None:
        plan = self._board.plan
        release = plan.release if plan else None
        self._outlet.line()
        for text, tone in final_block(outcome, release=release, seconds=self._board.seconds):
            self._outlet.line(self._paint(clean(text), tone))

    def _paint(self, text: str, tone: Tone) -> str:
        return painted(text, tone) if self._colour else text


def waiting_for(board: Board) -> str:
    """What the run is waiting for, by name: `waiting for api (2 of 4 tasks ready, 1m32s)`."""
    rows = [_waited(row, board.now) for row in board.running]
    images = [f"image {image.service} ({image.state})" for image in board.building]
    waited = ", ".join((*rows, *images))
    return f"still waiting for {waited}" if waited else "still at work"


def _waited(row: Row, now: datetime | None) -> str:
    seconds = row.seconds(now) if now else None
    facts = (
        news(row.progress) if row.progress else "",
        "" if seconds is None else duration(seconds),
    )
    told = ", ".join(fact for fact in facts if fact)
    return f"{thing(row.change)} ({told})" if told else thing(row.change)
