"""The screen of CI logs says each piece of news once, and that it is still alive."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO, TextIOWrapper

from deployctl.model.change import Progress
from deployctl.model.event import (
    Building,
    ChangeBegan,
    Ended,
    Entry,
    Event,
    Notice,
    Planned,
    Progressed,
    Settled,
    Ticked,
)
from deployctl.render.plain import Plain
from tests.unit.render import story
from tests.unit.render.golden import golden


def told(entries: list[Entry], *, colour: bool = False) -> str:
    stream = StringIO()
    screen = Plain(stream=stream, colour=colour)
    for entry in entries:
        screen.show(entry)
    screen.close()
    return stream.getvalue()


def at(seconds: float, event: Event) -> Entry:
    return Entry(at=story.START + timedelta(seconds=seconds), event=event)


API = story.rollout("api")


def test_a_good_release() -> None:
    assert told(story.good()) == golden("plain_good.txt")


def test_a_release_that_is_taken_back() -> None:
    assert told(story.bad()) == golden("plain_rolled_back.txt")


def test_a_look_that_finds_nothing_new_is_not_told() -> None:
    look = Progressed(change=API, progress=story.tasks(2))
    text = told(story.timed([look, look, Progressed(change=API, progress=story.tasks(3)), look]))
    assert [line[17:] for line in text.splitlines()] == [
        "api: 2 of 4 tasks on the new version",
        "api: 3 of 4 tasks on the new version",
        "api: 2 of 4 tasks on the new version",
    ]


def test_a_notice_is_told_as_often_as_it_comes() -> None:
    assert (
        len(told(story.timed([Notice(text="retrying"), Notice(text="retrying")])).splitlines()) == 2
    )


def test_the_heartbeat_names_what_is_waited_for() -> None:
    entries = [
        at(0, ChangeBegan(change=API)),
        at(1, Progressed(change=API, progress=story.tasks(2))),
        *(at(second, Ticked()) for second in range(2, 95)),
    ]
    lines = told(entries).splitlines()
    assert lines[2:] == [
        "09:00:31 +31s    ... still waiting for api (2 of 4 tasks on the new version, 31s)",
        "09:01:01 +1m01s  ... still waiting for api (2 of 4 tasks on the new version, 1m01s)",
        "09:01:31 +1m31s  ... still waiting for api (2 of 4 tasks on the new version, 1m31s)",
    ]


def test_the_heartbeat_names_images_and_forgets_what_is_done() -> None:
    entries = [
        at(0, Building(service="web", state="pushing")),
        at(0, Building(service="api", state="pushed")),
        at(30, Ticked()),
        at(31, Building(service="web", state="pushed")),
        at(32, ChangeBegan(change=API)),
        at(33, Settled(change=API, progress=Progress.finished(""))),
        at(63, Ticked()),
    ]
    lines = told(entries).splitlines()
    assert lines[2].endswith("... still waiting for image web (pushing)")
    assert lines[-2].endswith("api: done")
    assert lines[-1].endswith("... still at work")


def test_a_run_that_is_silent_from_the_start_says_that_it_lives() -> None:
    assert told([at(0, Ticked()), at(29, Ticked()), at(30, Ticked())]).count("\n") == 1


def test_no_escape_codes_unless_asked_for() -> None:
    assert "\x1b" not in told(story.bad())
    assert "\x1b[32m" in told(story.bad(), colour=True)


def test_every_line_of_a_text_has_its_time() -> None:
    text = told([at(0, Notice(text="first\nsecond", warning=True))])
    assert text == "09:00:00 +0s     warning: first\n09:00:00 +0s     second\n"


def test_a_subject_cannot_forge_a_line() -> None:
    forged = story.release(subject="fine\n09:00:00 released")
    plan = replace(story.shop_plan(), release=forged)
    assert len(told([at(0, Planned(plan=plan))]).splitlines()) == 2


def test_an_ascii_stream_gets_ascii() -> None:
    raw = BytesIO()
    screen = Plain(stream=TextIOWrapper(raw, encoding="ascii"))
    screen.show(at(0, Notice(text="before → after … 日本")))
    assert raw.getvalue() == b"09:00:00 +0s     before -> after ... \\u65e5\\u672c\n"


def test_a_clock_that_goes_back_does_no_harm() -> None:
    text = told([at(60, Notice(text="late")), at(0, Notice(text="early")), at(1, Ticked())])
    assert text.splitlines()[1] == "09:00:00 +0s     early"


def test_a_hostile_proof_does_nothing_even_when_nobody_cleaned_it() -> None:
    bad = story.rolled_back("\x1b[2Jsick\x07\u202e")
    text = told(story.timed([Notice(text="\x1b]0;pwn\x07"), Ended(outcome=bad)]))
    assert not any(code in text for code in ("\x1b[2J", "\x1b]", "\x07", "\u202e"))
