"""Draws the board as lines for a terminal of any size: pure, and never more than it may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from deployctl.model.text import one_line
from deployctl.render.board import Board, Row, Section, Stand
from deployctl.render.pen import Pen, Piece
from deployctl.render.short import duration
from deployctl.render.tone import Tone
from deployctl.render.words import members, news, thing

_MOST_LOG_LINES: Final = 5
_ROOMY: Final = 20  # from this height on there is room for empty lines
_GLYPHS: Final = {
    Stand.WAITING: ("·", Tone.DIM),
    Stand.RUNNING: ("▸", Tone.NEWS),
    Stand.DONE: ("✓", Tone.GOOD),
    Stand.FAILED: ("✗", Tone.BAD),
    Stand.KEPT: ("•", Tone.DIM),
    Stand.UNDONE: ("←", Tone.WARN),
}
_EXPENDABLE: Final = {
    Stand.FAILED: 0,
    Stand.RUNNING: 1,
    Stand.WAITING: 2,
    Stand.UNDONE: 3,
    Stand.KEPT: 3,
    Stand.DONE: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A line of the body. The more `expendable`, the sooner it is cut when room is short."""

    text: Text
    expendable: int


def frame(board: Board, pen: Pen, *, height: int, fence: int | None = None) -> list[Text]:
    """At most `height` lines: header, waves with the changes of the current one, last log lines."""
    roomy = height >= _ROOMY
    gap = [pen.line(())] if roomy else []
    head = header(board, pen, fence=fence)[: 2 if height > 4 else 1]  # noqa: PLR2004 - lines
    if board.cause:
        head.append(pen.line([(f"going back: {one_line(board.cause)}", Tone.BAD)]))
    head = [*head, *gap][: max(1, height)]
    room = max(0, height - len(head))
    strips = body(board, pen)
    logs = log_lines(board, pen)
    kept_for_logs = min(len(logs), max(room - len(strips) - len(gap), room // 4))
    shown = cut(strips, pen, room=room - kept_for_logs - (len(gap) if kept_for_logs else 0))
    tail = [*gap, *logs[-kept_for_logs:]] if kept_for_logs else []
    return [*head, *shown, *tail]


def header(board: Board, pen: Pen, *, fence: int | None = None) -> list[Text]:
    """What, where, how long; then the release and its commit."""
    elapsed: Piece = (f"{duration(board.seconds)} ", Tone.NEWS)
    if board.plan is None:
        return [pen.line([elapsed, ("getting ready", Tone.HEAD), *_lease(fence)])]
    release = board.plan.release
    commit = release.commit
    told = " ".join(part for part in (commit.short, commit.branch, commit.subject) if part)
    what = f"{release.kind.value} {release.project} to {release.environment}"
    return [
        pen.line([elapsed, (one_line(what), Tone.HEAD), *_lease(fence)]),
        pen.line([(f"{one_line(release.id)}  ", Tone.PLAIN), (one_line(told), Tone.DIM)]),
    ]


def body(board: Board, pen: Pen, *, everything: bool = False) -> list[Strip]:
    """The waves, one line each; the current one, and what failed or runs, with its changes."""
    if board.plan is None and not board.sections:
        return _images(board, pen)
    width = _name_width(board, pen)
    strips = []
    for section in board.sections:
        rows = board.rows_of(section)
        current = section is board.current and board.outcome is None
        strips.append(_heading(section, rows, pen, board))
        shown = rows if everything or current else _telling(rows)
        strips.extend(_strip(row, pen, width, board) for row in shown)
    return strips


def cut(strips: Sequence[Strip], pen: Pen, *, room: int) -> list[Text]:
    """At most `room` lines: the most expendable go first, from the middle, into `… n more`."""
    if len(strips) <= room:
        return [strip.text for strip in strips]
    if room <= 0:
        return []
    middle = len(strips) / 2
    order = sorted(
        range(len(strips)), key=lambda at: (-strips[at].expendable, abs(at + 0.5 - middle))
    )
    gone = frozenset(order[: len(strips) - room + 1])
    more = pen.line([(f"  … {len(gone)} more", Tone.DIM)])
    first = min(gone)
    lines = [
        more if at == first else strip.text
        for at, strip in enumerate(strips)
        if at == first or at not in gone
    ]
    return lines[:room]


def log_lines(board: Board, pen: Pen) -> list[Text]:
    """The last lines of logs and notices."""
    latest = list(board.lines)[-_MOST_LOG_LINES:]
    return [pen.line([("  ", Tone.PLAIN), (one_line(said.text), said.tone)]) for said in latest]


def _lease(fence: int | None) -> list[Piece]:
    return [] if fence is None else [(f"  lease {fence}", Tone.DIM)]


def _images(board: Board, pen: Pen) -> list[Strip]:
    width = max((pen.cells(name) for name in board.images), default=0)
    strips = []
    for image in board.images.values():
        under_way = image in board.building
        glyph, tone = _GLYPHS[Stand.RUNNING if under_way else Stand.DONE]
        told = one_line(f"image {image.state}  {image.note}")
        name = pen.column(image.service, min(width, pen.width // 3))
        text = pen.line([(f"  {glyph} ", tone), (name, Tone.PLAIN), (f"  {told}", Tone.DIM)])
        strips.append(Strip(text=text, expendable=1 if under_way else 3))
    return strips


def standing(rows: Sequence[Row], *, began: bool) -> Stand:
    """How a wave stands, from its changes."""
    stands = {row.stand for row in rows}
    if Stand.FAILED in stands:
        return Stand.FAILED
    if Stand.UNDONE in stands:
        return Stand.UNDONE
    if stands <= {Stand.DONE, Stand.KEPT}:
        return Stand.DONE
    if began or Stand.RUNNING in stands:
        return Stand.RUNNING
    return Stand.WAITING


def _heading(section: Section, rows: Sequence[Row], pen: Pen, board: Board) -> Strip:
    stand = standing(rows, began=section.began)
    glyph, tone = _GLYPHS[stand]
    current = section is board.current and board.outcome is None
    done = sum(row.stand in {Stand.DONE, Stand.KEPT} for row in rows)
    told = f"{done} of {len(rows)} done"
    if stand is Stand.WAITING:
        told = "not begun" if board.cause or board.outcome else members(section.wave)
    way = "← " if section.back else ""
    pieces = [
        (f"{glyph} ", tone),
        (one_line(f"{way}{section.wave.name}"), Tone.HEAD if current else Tone.PLAIN),
        (f"  {one_line(told)}", Tone.DIM),
    ]
    keep = current or stand is Stand.FAILED
    return Strip(text=pen.line(pieces), expendable=0 if keep else _EXPENDABLE[stand])


def _telling(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.stand in {Stand.FAILED, Stand.RUNNING}]


def _name_width(board: Board, pen: Pen) -> int:
    widest = max((pen.cells(thing(row.change)) for row in board.rows.values()), default=0)
    return min(widest, max(10, pen.width // 3))


def _strip(row: Row, pen: Pen, width: int, board: Board) -> Strip:
    glyph, tone = _GLYPHS[row.stand]
    look = row.progress
    counts = f"{look.done}/{look.total}" if look and look.total else ""
    seconds = row.seconds(board.now) if board.now else None
    elapsed = "" if seconds is None else duration(seconds)
    summary = "" if row.stand is Stand.WAITING else row.change.summary
    note = news(look) if look else one_line(summary)
    pieces = [
        (f"  {glyph} ", tone),
        (pen.column(thing(row.change), width), Tone.PLAIN),
        (f" {counts:>5} {elapsed:>6}", Tone.DIM),
        (f"  {note}", Tone.BAD if row.stand is Stand.FAILED else Tone.PLAIN),
    ]
    return Strip(text=pen.line(pieces), expendable=_EXPENDABLE[row.stand])
