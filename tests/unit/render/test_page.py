"""A page prints lines and tables that a hostile text cannot spoil."""

import json
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from rich.cells import cell_len

from deployctl.render.page import Page
from deployctl.render.sheet import Cell, Sheet
from deployctl.render.tone import Tone
from deployctl.render.words import Said
from tests.unit.render.paper import printed

SHEET = Sheet(
    columns=("name", "", "note"),
    rows=(("日本", "→", Cell(text="fine", tone=Tone.GOOD)), ("web-service", "", "")),
)


def test_columns_are_aligned_by_cells() -> None:
    assert printed(SHEET).splitlines() == [
        "NAME            NOTE",
        "日本         →  fine",
        "web-service",
    ]


def test_lines_are_cleaned_and_indented() -> None:
    assert printed("a\x1b[2Jb", Said(text="x\ny\x07", depth=1)) == "ab\n  x\n  y\n"


def test_cells_are_one_line_and_no_markup() -> None:
    sheet = Sheet(columns=("a",), rows=(("[red]x\ny\u2028z\x1b[1m",),))
    assert "[red]x y z" in printed(sheet)
    assert "[red]x y z" in printed(sheet, tty=True)


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_a_table_on_a_terminal_is_no_wider_than_it(width: int) -> None:
    long = Sheet(columns=("a", "b"), rows=(("x" * 9, "日本語 " * 20),))
    assert all(
        cell_len(line) <= width for line in printed(long, tty=True, width=width).splitlines()
    )


def test_a_table_too_wide_for_the_terminal_becomes_a_list() -> None:
    wide = Sheet(columns=("id", "", "verdict"), rows=(("x" * 30, "", "stuck"), ("y" * 30, "→", "")))
    assert printed(wide, tty=True, width=34).splitlines() == [
        f"id: {'x' * 30}",
        "verdict: stuck",
        "",
        f"id: {'y' * 30}",
        "→",
    ]


def test_colours_come_only_when_asked_for() -> None:
    for tty in (False, True):
        assert "\x1b[32mfine" in printed(SHEET, tty=tty, colour=True)
        assert "\x1b" not in printed(SHEET, tty=tty)


def test_an_ascii_page() -> None:
    raw = BytesIO()
    page = Page(stream=TextIOWrapper(raw, encoding="ascii"), tty=True, width=40)
    page.put(SHEET, "done …")
    assert b"->" in raw.getvalue()
    assert raw.getvalue().endswith(b"done ...\n")


def test_json_is_ascii_and_readable() -> None:
    stream = StringIO()
    Page(stream=stream).json({"name": "日本"})
    assert stream.getvalue() == '{\n  "name": "\\u65e5\\u672c"\n}\n'
    assert json.loads(stream.getvalue()) == {"name": "日本"}


def test_a_page_knows_when_nobody_reads_it() -> None:
    stream = StringIO()
    page = Page(stream=stream)
    assert page.is_open
    stream.close()
    page.put("x")
    assert not page.is_open
