"""The pictures in the docs are of real runs, made with a screen that only remembers."""

import re
from datetime import UTC, datetime

from deployctl.model.event import Entry, Notice
from deployctl.ports.screen import Screen
from docs.generator.picture import Recorder
from tests.unit.docs.markdown import ROOT


def test_they_show_a_good_end_and_a_bad_one_and_load_nothing_from_elsewhere() -> None:
    pictures = sorted((ROOT / "docs").glob("*.svg"))
    assert [picture.name for picture in pictures] == ["release.svg", "rolled-back.svg"]
    for picture, ending in zip(
        pictures, ("exit&#160;code&#160;0", "exit&#160;code&#160;21"), strict=True
    ):
        drawn = picture.read_text()
        assert ending in drawn
        assert re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?(?!#)\w+:", drawn) == []


def test_the_recorder_is_a_screen_that_remembers_in_order() -> None:
    recorder = Recorder()
    screen: Screen = recorder
    entries = [
        Entry(at=datetime(2026, 1, 1, tzinfo=UTC), event=Notice(text=text)) for text in ("a", "b")
    ]
    for entry in entries:
        screen.show(entry)
    screen.close()
    assert recorder.entries == entries
