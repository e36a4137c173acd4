"""The fan gives clean entries to all screens, and nothing that a screen does stops a release."""

from dataclasses import replace
from threading import Thread

from deployctl.model.change import Progress, State
from deployctl.model.event import Ended, Entry, Event, LogLine, Notice, Planned, Settled
from deployctl.model.text import HIDDEN, Redactor
from deployctl.render.fan import Fan
from tests.fakes.clock import START, FakeClock
from tests.unit.render import story

SECRET = "hunter2hunter2"
REDACTOR = Redactor(values=frozenset({SECRET}))


class Listener:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.times: list[object] = []
        self.closed = False

    def show(self, entry: Entry) -> None:
        self.heard.append(entry.event)
        self.times.append(entry.at)

    def close(self) -> None:
        self.closed = True


class Broken:
    """Breaks at everything."""

    def show(self, entry: Entry) -> None:
        raise RuntimeError(f"no paper for {entry.at:%Y}, {SECRET}")

    def close(self) -> None:
        raise RuntimeError("jammed")


def test_all_screens_hear_the_same_at_the_same_time() -> None:
    clock, one, two = FakeClock(), Listener(), Listener()
    fan = Fan([one, two], clock, REDACTOR)
    fan(Notice(text="hello"))
    clock.sleep(2)
    fan(Notice(text="again"))
    assert one.heard == two.heard == [Notice(text="hello"), Notice(text="again")]
    assert one.times == [START, clock.now()]


def test_a_broken_screen_is_left_out_and_the_others_hear_of_it() -> None:
    listener = Listener()
    fan = Fan([Broken(), listener, Broken()], FakeClock(), REDACTOR)
    fan(Notice(text="hello"))
    fan(Notice(text="again"))
    texts = [event.text for event in listener.heard if isinstance(event, Notice)]
    left_out = "screen Broken broke and is left out: RuntimeError('no paper for 2026, ***')"
    assert texts == ["hello", left_out, left_out, "again"]


def test_a_fan_whose_screens_all_broke_goes_on() -> None:
    fan = Fan([Broken()], FakeClock(), REDACTOR)
    fan(Notice(text="hello"))
    fan(Notice(text="again"))
    fan.close()


def test_closing_closes_every_screen() -> None:
    listener = Listener()
    fan = Fan([Broken(), listener], FakeClock(), REDACTOR)
    fan.close()
    assert listener.closed
    fan(Notice(text="too late"))
    assert not listener.heard


def heard(*events: Event) -> list[Event]:
    listener = Listener()
    fan = Fan([listener], FakeClock(), REDACTOR)
    for event in events:
        fan(event)
    return listener.heard


def test_secrets_and_control_characters_are_gone_from_every_text() -> None:
    dirty = f"\x1b[2J{SECRET}\x07"
    failed = Progress.failed(dirty, evidence=(dirty, "fine"), hint=dirty)
    plan = story.shop_plan()
    events = heard(
        Settled(change=story.rollout(dirty), progress=failed),
        Ended(outcome=story.rolled_back(dirty)),
        Planned(plan=replace(plan, release=story.release([dirty], subject=dirty))),
    )
    told = repr(events)
    assert SECRET not in told
    assert "\\x1b" not in told
    settled = events[0]
    assert isinstance(settled, Settled)
    assert settled.progress.evidence == (HIDDEN, "fine")
    assert settled.progress.state is State.FAILED
    assert settled.change.step == f"rollout:{HIDDEN}"


def test_what_is_clean_stays_equal() -> None:
    entries = [entry.event for entry in (*story.good(), *story.bad())]
    assert heard(*entries) == entries


def test_a_key_that_spans_evidence_lines_is_hidden() -> None:
    evidence = (
        "before",
        "-----BEGIN PRIVATE KEY-----",
        "Q" * 64,
        "-----END PRIVATE KEY-----",
        "after",
    )
    failed = Progress.failed("sick", evidence=evidence)
    (event,) = heard(Settled(change=story.MIGRATE, progress=failed))
    assert isinstance(event, Settled)
    assert event.progress.evidence == ("before", HIDDEN, "after")


def test_a_key_that_is_logged_line_by_line_is_hidden_for_its_source_alone() -> None:
    events = heard(
        LogLine(source="api", text="-----BEGIN PRIVATE KEY-----"),
        LogLine(source="api", text="Q" * 64),
        LogLine(source="web", text="hello"),
        LogLine(source="api", text="-----END PRIVATE KEY-----"),
        LogLine(source="api", text="goodbye"),
    )
    texts = [event.text for event in events if isinstance(event, LogLine)]
    assert texts == [HIDDEN, HIDDEN, "hello", HIDDEN, "goodbye"]


def test_a_log_that_never_closes_its_key_comes_back() -> None:
    begin = LogLine(source="api", text="-----BEGIN PRIVATE KEY-----")
    events = heard(begin, *(LogLine(source="api", text="line") for _ in range(201)))
    assert events[200] == LogLine(source="api", text=HIDDEN)
    assert events[201] == LogLine(source="api", text="line")


def test_a_log_line_is_one_line_of_bounded_length() -> None:
    (forged, long) = heard(
        LogLine(source="api\nreleased", text="a\r\nreleased"), LogLine(source="a", text="x" * 9000)
    )
    assert forged == LogLine(source="api released", text="a released")
    assert isinstance(long, LogLine)
    assert len(long.text) == 2000


def test_a_value_learnt_later_is_hidden_from_then_on() -> None:
    listener = Listener()
    fan = Fan([listener], FakeClock(), Redactor())
    fan.hide("registry-token")
    fan(Notice(text="login registry-token"))
    assert listener.heard == [Notice(text=f"login {HIDDEN}")]


def test_an_event_that_cannot_be_cleaned_is_not_shown() -> None:
    broken = Notice(text="x")
    object.__delattr__(broken, "text")
    (event,) = heard(broken)
    assert event == Notice(text="Notice could not be shown: AttributeError", warning=True)


def test_a_screen_may_tell_something_itself() -> None:
    listener = Listener()

    class Chatty:
        """Says something about everything but itself."""

        def show(self, entry: Entry) -> None:
            if entry.event == Notice(text="hello"):
                fan(Notice(text="I heard hello"))

        def close(self) -> None:
            pass

    fan = Fan([Chatty(), listener], FakeClock(), REDACTOR)
    fan(Notice(text="hello"))
    assert listener.heard == [Notice(text="hello"), Notice(text="I heard hello")]


def test_threads_may_tell_at_once() -> None:
    listener = Listener()
    fan = Fan([listener], FakeClock(), REDACTOR)

    def chatter() -> None:
        for _ in range(200):
            fan(Notice(text="x"))

    threads = [Thread(target=chatter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(listener.heard) == 800
