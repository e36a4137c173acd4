"""The smoke step: what is asked again, when it gives up, and what it says."""

from deployctl.model.change import Absent, Progress, State
from deployctl.model.check import Answer, Check, Expect, Reply
from tests.fakes.web import Replies, ok, refused
from tests.unit.edge.suite import GOOD, RELEASE, STALE, Suite, version


def by_path(**replies: Reply) -> object:
    pages = {f"/{name}": Replies(reply) for name, reply in replies.items()}
    return lambda request: pages["/" + request.url.rpartition("/")[2]](request)


def test_a_healthy_release_passes_at_the_first_look() -> None:
    suite = Suite(version(), site=Replies(GOOD))
    assert suite.run() == Progress(
        state=State.DONE,
        note="1 of 1 checks passed",
        done=1,
        total=1,
        evidence=("version: passed on attempt 1 after 0.0 s",),
        facts={"version": "passed on attempt 1 after 0.0 s"},
    )


def test_what_time_may_cure_is_asked_again_with_growing_pauses() -> None:
    site = Replies(refused(), Answer(status=503), STALE, STALE, GOOD)
    suite = Suite(version(), site=site)
    done = suite.run()
    assert done.facts == {"version": "passed on attempt 5 after 15.0 s"}
    assert suite.looks[0].note == "0 of 1 checks passed; version: connect: connection refused"


def test_pauses_never_grow_beyond_eight_seconds() -> None:
    suite = Suite(version(until_seconds=60), site=Replies(refused()))
    failed = suite.run()
    assert len(suite.web.asked) == 10
    assert failed.note == "version: connect: connection refused"
    assert suite.clock.elapsed() == 60


def test_what_time_does_not_cure_fails_at_once() -> None:
    suite = Suite(version(), site=Replies(Answer(status=500, body=b"oh\x1b[31m\nno")))
    failed = suite.run()
    assert failed.state is State.FAILED
    assert failed.evidence == (
        "version: failed on attempt 1 after 0.0 s: GET http://shop.example/version",
        "version: attempt 1 after 0.0 s: status: expected 200, got 500",
        "version: body: oh no",
    )
    assert "curl -i -X GET http://shop.example/version" in failed.hint
    assert len(suite.web.asked) == 1


def test_every_attempt_is_in_the_evidence_and_equal_ones_share_a_line() -> None:
    suite = Suite(version(), site=Replies(refused(), refused(), STALE, Answer(status=404)))
    lines = suite.run().evidence
    assert lines[1] == "version: attempts 1-2 after 0.0 s: connect: connection refused"
    assert lines[2].startswith("version: attempt 3 after 3.0 s: $.commit: expected")
    assert lines[3] == "version: attempt 4 after 7.0 s: status: expected 200, got 404"


def test_good_answers_must_come_in_a_row() -> None:
    suite = Suite(version(consecutive=3), site=Replies(GOOD, GOOD, STALE, GOOD))
    assert suite.run().facts["version"].startswith("passed on attempt 6 ")


def test_good_answers_follow_each_other_without_growing_pauses() -> None:
    suite = Suite(version(consecutive=4), site=Replies(GOOD))
    suite.run()
    assert suite.clock.elapsed() == 3


def test_an_attempt_is_cut_to_what_is_left_of_its_check_and_of_the_suite() -> None:
    suite = Suite(version(until_seconds=7, attempt_seconds=5), site=Replies(refused()), takes=4.0)
    suite.run()
    assert [request.seconds for request in suite.web.asked] == [5, 2]
    short = Suite(version(attempt_seconds=5), site=Replies(refused()), seconds=3)
    short.run()
    assert [request.seconds for request in short.web.asked] == [3, 2]


def test_the_suite_itself_says_what_was_missing_before_the_engine_loses_patience() -> None:
    suite = Suite(version(until_seconds=600), site=Replies(STALE), seconds=30)
    failed = suite.run()
    assert failed.state is State.FAILED
    assert suite.clock.elapsed() < suite.step.patience.total_seconds()
    assert "$.commit: expected" in failed.note


def test_all_checks_are_asked_side_by_side_and_the_failure_shows_the_others() -> None:
    checks = (
        Check(name="good", url="http://h/good"),
        Check(name="bad", url="http://h/bad"),
        Check(name="late", url="http://h/late"),
    )
    site = by_path(good=ok(), bad=Answer(status=404), late=refused())
    suite = Suite(*checks, site=site)
    failed = suite.run()
    assert (failed.done, failed.total) == (1, 3)
    assert failed.note == "bad: status: expected 200, got 404"
    assert any(line.startswith("late: not finished, attempt 1") for line in failed.evidence)
    assert len(suite.web.asked) == 3


def test_one_look_asks_a_bounded_number_and_forgets_none() -> None:
    checks = tuple(Check(name=f"{n}", url=f"http://h/{n}") for n in range(40))
    flaky = {request: Replies(refused(), ok()) for request in (f"http://h/{n}" for n in range(40))}
    suite = Suite(*checks, site=lambda request: flaky[request.url](request))
    assert suite.run().done == 40
    assert len(suite.web.asked) == 80
    assert len(suite.looks) < 10


def test_progress_counts_the_checks() -> None:
    checks = (Check(name="good", url="http://h/good"), Check(name="late", url="http://h/late"))
    suite = Suite(*checks, site=by_path(good=ok(), late=refused()))
    suite.run()
    assert (suite.looks[0].done, suite.looks[0].total) == (1, 2)
    assert [request.url for request in suite.web.asked].count("http://h/good") == 1


def test_a_slow_answer_passes_and_is_told() -> None:
    slow = Check(name="home", url="http://h/", expect=Expect(warn_seconds=0.4))
    done = Suite(slow, site=Replies(ok(seconds=0.9))).run()
    assert done.state is State.DONE
    assert done.note == "1 of 1 checks passed, 1 slow"
    assert "slow: took 0.90 s, more than 0.4 s" in done.evidence[0]


def test_the_plan_changes_nothing_by_itself_and_is_none_without_checks() -> None:
    suite = Suite(version(), site=Replies(GOOD))
    assert suite.change.key == "20260314-090000-bbbbbbb/smoke:shifted"
    assert not suite.change.is_noop
    assert suite.change.before == {}
    assert suite.change == suite.step.plan(RELEASE)
    assert suite.step.undo(suite.change) is None
    assert isinstance(suite.step.find(suite.change), Absent)
    assert Suite(site=Replies(GOOD)).change.is_noop
    changed = Suite(version(consecutive=2), site=Replies(GOOD))
    assert changed.change.after["hash"] != suite.change.after["hash"]


def test_another_process_goes_on_from_the_plan_alone() -> None:
    suite = Suite(version(), site=Replies(GOOD))
    receipt = suite.step.apply(suite.change)
    other = Suite(version(), site=Replies(GOOD))
    other.clock.sleep(1000)
    assert other.step.observe(suite.change, receipt).state is State.DONE


def test_the_hint_connects_where_the_check_did() -> None:
    check = Check(name="c", url="http://shop.example/?a=1&b=2", connect_to="10.0.0.1:80")
    failed = Suite(check, site=Replies(Answer(status=404))).run()
    assert failed.hint.endswith("--connect-to ::10.0.0.1:80 'http://shop.example/?a=1&b=2'")
