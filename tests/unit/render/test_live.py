"""The screen of a terminal draws over itself, fits every size, and leaves a clean summary."""

import os
import termios
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from deployctl.model.event import (
    ChangeBegan,
    Ended,
    Entry,
    Event,
    Notice,
    RollingBack,
    Ticked,
    WaveBegan,
)
from deployctl.model.plan import Phase, Wave
from deployctl.render.board import Board
from deployctl.render.live import Live, size_of
from deployctl.render.live_view import frame
from deployctl.render.pen import Pen
from tests.unit.render import story
from tests.unit.render.golden import golden
from tests.unit.render.terminal import Terminal

MANY = [
    *(f"service-{n:02}" for n in range(10)),
    "a-name-that-goes-on-and-on-and-on",
    "日本語の名前",
]


def board_after(entries: Iterable[Entry]) -> Board:
    board = Board()
    for entry in entries:
        board.take(entry)
    return board


def drawn(entries: Iterable[Entry], *, columns: int = 80, lines: int = 24) -> list[str]:
    pen = Pen(width=columns - 1)
    return [line.plain for line in frame(board_after(entries), pen, height=lines - 1, fence=12)]


def until(entries: list[Entry], kind: type, nth: int) -> list[Entry]:
    """The entries up to the nth of a kind."""
    places = [at for at, entry in enumerate(entries) if isinstance(entry.event, kind)]
    return entries[: places[nth - 1] + 1]


def shown(text: str, *, columns: int = 200) -> list[str]:
    terminal = Terminal(columns=columns)
    terminal.write(text)
    return terminal.shown


def test_the_picture_of_a_release_under_way() -> None:
    middle = until(story.good(), ChangeBegan, 3)
    told = Entry(at=middle[-1].at, event=Notice(text="web: registered", warning=True))
    assert "\n".join(drawn([*middle, told])) + "\n" == golden("live_80x24.txt")


def test_the_picture_of_the_way_back() -> None:
    entries = until(story.bad(), ChangeBegan, 4)
    assert "\n".join(drawn(entries)) + "\n" == golden("live_way_back_80x24.txt")


def test_the_picture_before_there_is_a_plan() -> None:
    assert drawn(story.good()[:3], lines=10) == [
        "2s getting ready  lease 12",
        "  ✓ api  image pushed  sha256:b7b7b7b7b7b7",
        "  ✓ web  image reused",
    ]
    assert drawn(story.good()[:1], lines=10)[1] == "  ▸ api  image building"
    assert drawn([]) == ["0s getting ready  lease 12", ""]


@given(
    entries=st.sampled_from([story.good(MANY), story.bad(), story.good(["日本語の名前"] * 2)]),
    told=st.integers(min_value=0, max_value=200),
    columns=st.integers(min_value=1, max_value=130),
    lines=st.integers(min_value=2, max_value=45),
)
def test_a_frame_never_leaves_the_screen(
    entries: list[Entry], told: int, columns: int, lines: int
) -> None:
    picture = drawn(entries[:told], columns=columns, lines=lines)
    assert 1 <= len(picture) <= lines - 1
    assert all(cell_len(line) <= max(1, columns - 1) for line in picture)


def test_what_does_not_fit_is_cut_from_the_middle_and_counted() -> None:
    picture = drawn(until(story.good(MANY), ChangeBegan, 4), lines=10)
    assert sum(" more" in line for line in picture) == 1
    assert any(line.startswith("▸ shift 2") for line in picture)


def test_what_failed_is_cut_last() -> None:
    entries = until(story.bad(), RollingBack, 1)
    assert any("✗ web" in line for line in drawn(entries, lines=8))


def test_a_wave_that_is_retaken_is_one_wave() -> None:
    entries = story.good()
    wave = next(e.event for e in entries if isinstance(e.event, WaveBegan))
    again = [*entries[:6], Entry(at=entries[6].at, event=wave)]
    assert len(board_after(again).sections) == 5


def test_a_change_taken_back_while_it_ran_is_waited_for_no_longer() -> None:
    web = story.rollout("web")
    undo = Wave(name="undo", phase=Phase.SHIFT, changes=(web.inverted(),))
    events: list[Event] = [
        WaveBegan(wave=Wave(name="shift", phase=Phase.SHIFT, changes=(web,))),
        ChangeBegan(change=web),
        WaveBegan(wave=undo, back=True),
        ChangeBegan(change=web.inverted()),
    ]
    board = board_after(story.timed(events))
    assert [row.change.key for row in board.running] == [web.inverted().key]
    assert "← shift  0 of 1 done" in drawn(story.timed(events))


def run(entries: Iterable[Entry], *, columns: int = 100, lines: int = 30) -> str:
    stream = StringIO()
    live = Live(stream=stream, colour=False, size=lambda: (columns, lines))
    for entry in entries:
        live.show(entry)
    live.close()
    return stream.getvalue()


def test_closing_leaves_nothing_but_the_summary() -> None:
    text = "\n".join(shown(run(story.bad()), columns=100))
    assert text == golden("live_closed.txt")


def test_closing_before_the_end_leaves_how_far_it_came() -> None:
    half = [*until(story.good(), ChangeBegan, 3)]
    rows = shown(run([*half, Entry(at=half[-1].at, event=Notice(text="the last words"))]))
    assert rows[-2:] == ["  the last words", ""]
    assert "▸ shift 2  0 of 2 done" in rows


def test_closing_twice_or_unused_writes_nothing() -> None:
    assert run([]) == ""
    stream = StringIO()
    live = Live(stream=stream, size=lambda: (80, 24))
    live.show(story.good()[0])
    live.close()
    written = stream.getvalue()
    live.close()
    live.show(story.good()[1])
    assert stream.getvalue() == written


def test_it_draws_at_most_four_times_a_second() -> None:
    stream = StringIO()
    live = Live(stream=stream, size=lambda: (80, 24))
    live.holds(12)
    for tick in range(100):
        live.show(Entry(at=story.START + timedelta(milliseconds=tick * 20), event=Ticked()))
    assert 7 <= stream.getvalue().count("getting ready") <= 8
    live.show(Entry(at=story.START - timedelta(hours=1), event=Ticked()))
    assert stream.getvalue().count("getting ready") in {8, 9}


def test_every_frame_replaces_the_last_one() -> None:
    stream = StringIO()
    live = Live(stream=stream, size=lambda: (100, 30))
    for entry in story.bad():
        live.show(entry)
        rows = shown(stream.getvalue(), columns=100)
        assert sum("release shop" in row for row in rows) <= 1
        assert len(rows) <= 29


def test_colours_are_there_when_wanted() -> None:
    stream = StringIO()
    live = Live(stream=stream, size=lambda: (100, 30))
    live.show(story.good()[0])
    assert "\x1b[36m" in stream.getvalue()
    assert "\x1b[36m" not in run(story.good())


def test_an_ascii_terminal_is_drawn_in_ascii_and_no_wider() -> None:
    raw = BytesIO()
    live = Live(stream=TextIOWrapper(raw, encoding="ascii"), colour=False, size=lambda: (40, 12))
    for entry in story.good(MANY):
        live.show(entry)
    live.close()
    rows = shown(raw.getvalue().decode("ascii"), columns=100)
    assert all(len(row) <= 40 for row in rows[:8])


def test_a_terminal_that_went_away_is_survived(tmp_path: Path) -> None:
    stream = (tmp_path / "tty").open("w", encoding="utf-8")
    stream.close()
    live = Live(stream=stream)
    live.show(story.good()[0])
    live.close()


def test_a_stream_without_a_size_counts_as_the_usual_one(tmp_path: Path) -> None:
    with (tmp_path / "no terminal").open("w", encoding="utf-8") as stream:
        assert size_of(stream)() == (80, 24)
    assert size_of(StringIO())() == (80, 24)


def test_a_terminal_is_asked_for_its_size() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        assert size_of(stream)() == (80, 24)
        termios.tcsetwinsize(theirs, (33, 111))
        assert size_of(stream)() == (111, 33)
    os.close(ours)


@pytest.mark.parametrize("width", [1, 2, 3, 10, 20])
def test_a_column_is_exactly_as_wide_as_asked(width: int) -> None:
    for encoding in ("utf-8", "ascii"):
        pen = Pen(width=80, encoding=encoding)
        assert cell_len(pen.column("日本語の名前がとても長い", width)) == width
        assert cell_len(pen.column("a", width)) == width


def test_hostile_names_do_nothing_to_the_terminal() -> None:
    entries = story.good(["evil\x1b]0;pwn\x07\x1b[2J\u202e", "[bold]not markup[/bold]", "web"])
    picture = drawn(until(entries, ChangeBegan, 3), columns=200)
    assert any("[bold]not markup[/bold]" in row for row in picture)
    assert not any("\x1b" in row or "\u202e" in row for row in picture)
    assert shown(run(entries))


def test_a_hostile_proof_does_nothing_even_when_nobody_cleaned_it() -> None:
    bad = story.rolled_back("\x1b[2Jsick\x07\u202e")
    text = run(story.timed([Notice(text="\x1b]0;pwn\x07"), Ended(outcome=bad)]))
    assert not any(code in text for code in ("\x1b[2J", "\x1b]", "\x07", "\u202e"))
