"""Output goes on being survived when its reader does not."""

import os
from errno import EAGAIN
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import TextIO, cast

import pytest

from deployctl.render.outlet import Outlet, spelled


def test_a_reader_that_went_away_is_survived_silently() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        outlet = Outlet(stream)
        outlet.line("heard")
        os.close(reading)
        outlet.line("not heard")
        assert not outlet.is_open
        outlet.line("not even tried")


def test_a_closed_stream_is_survived() -> None:
    stream = StringIO()
    stream.close()
    outlet = Outlet(stream)
    outlet.line("nobody hears")
    assert not outlet.is_open


def test_a_full_disk_is_survived() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w", encoding="utf-8") as stream:
        outlet = Outlet(stream)
        outlet.line("no room")
        assert not outlet.is_open


class SlowPipe:
    """A pipe that does not block and is full once."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._full = True

    def write(self, text: str) -> int:
        if self._full:
            self._full = False
            raise BlockingIOError(EAGAIN, "full")
        self.heard.append(text)
        return len(text)

    def flush(self) -> None:
        pass


def test_a_slow_reader_misses_a_line_and_gets_the_next() -> None:
    pipe = SlowPipe()
    outlet = Outlet(cast("TextIO", pipe))
    outlet.line("lost")
    outlet.line("heard")
    assert pipe.heard == ["heard\n"]
    assert outlet.is_open


def test_lines_are_flushed_at_once(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="utf-8") as stream:
        Outlet(stream).line("now")
        assert (tmp_path / "log").read_text(encoding="utf-8") == "now\n"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "✓ a → b … 日"),
        ("ascii", "+ a -> b ... \\u65e5"),
        ("latin-1", "+ a -> b ... \\u65e5"),
        ("no-such-encoding", "+ a -> b ... \\u65e5"),
    ],
)
def test_text_is_spelled_in_what_the_encoding_has(encoding: str, shown: str) -> None:
    assert spelled("✓ a → b … 日", encoding) == shown


def test_a_strict_ascii_stream_is_no_error(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as raw:
        stream = TextIOWrapper(raw, encoding="ascii", errors="strict")
        outlet = Outlet(stream)
        outlet.line("✓ 日")
        assert outlet.is_open
    assert (tmp_path / "log").read_bytes() == b"+ \\u65e5\n"
