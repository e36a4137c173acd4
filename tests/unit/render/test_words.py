"""Every event has its sentence: the thing first, then the news."""

from dataclasses import replace

import pytest

from deployctl.model.change import Change, Progress, State
from deployctl.model.event import (
    Building,
    ChangeBegan,
    Ended,
    Event,
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
from deployctl.model.plan import Plan
from deployctl.model.release import Kind
from deployctl.model.verdict import Outcome, Verdict
from deployctl.render.endings import ending, final_block
from deployctl.render.words import news, sentences, thing
from tests.unit.render import story

API = story.rollout("api")
PLAN = story.shop_plan()
EMPTY = Plan(release=PLAN.release, waves=(), kept=(API, story.MIGRATE))


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Building(service="api", state="built"), ["api: image built"]),
        (Building(service="api", state="reused", note="as v1"), ["api: image reused (as v1)"]),
        (
            Planned(plan=story.shop_plan(kept=(story.rollout("cron"),))),
            [
                f"{story.ID}: release to production, commit 3f9c1ab Take the cart to v2",
                "plan: 6 changes in 5 waves, about 4 min",
                "unchanged: cron",
            ],
        ),
        (
            Planned(plan=EMPTY),
            [
                f"{story.ID}: release to production, commit 3f9c1ab Take the cart to v2",
                "plan: nothing to do, all of it is live already",
            ],
        ),
        (WaveBegan(wave=PLAN.waves[2]), ["wave shift 2: web, worker"]),
        (WaveBegan(wave=PLAN.waves[2], back=True), ["way back, shift 2: web, worker"]),
        (ChangeBegan(change=API), ["api: rolling out"]),
        (ChangeBegan(change=story.MIGRATE), ["migration shop: began"]),
        (ChangeBegan(change=API, adopted=True), ["api: already under way, going on with it"]),
        (Progressed(change=API, progress=story.tasks(2)), ["api: 2 of 4 tasks on the new version"]),
        (Settled(change=API, progress=Progress.finished("")), ["api: done"]),
        (Settled(change=API, progress=Progress.finished("steady")), ["api: done, steady"]),
        (
            Settled(
                change=API, progress=Progress.failed("sick", evidence=("exit 1",), hint="Fix.")
            ),
            ["api: failed, sick", "exit 1", "hint: Fix."],
        ),
        (RollingBack(cause="api: sick"), ["going back: api: sick"]),
        (RollingBack(cause="sick", evidence=("exit 1",)), ["going back: sick", "exit 1"]),
        (Kept(change=story.MIGRATE), ["migration shop: stays, it has no way back"]),
        (Notice(text="retrying"), ["retrying"]),
        (Notice(text="no witness", warning=True), ["warning: no witness"]),
        (LogLine(source="api", text="ready"), ["api | ready"]),
        (Ticked(), []),
        (
            Ended(outcome=Outcome(verdict=Verdict.STUCK, release=story.ID)),
            ["stuck: the way back could not be proven, a person is needed now"],
        ),
    ],
)
def test_the_sentences_of(event: Event, said: list[str]) -> None:
    assert [sentence.text for sentence in sentences(event)] == said


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("rollout:api", "api"),
        ("register:api", "api task definition"),
        ("migrate:shop", "migration shop"),
        ("invalidate:E123", "CDN E123"),
        ("smoke:shifted", "smoke test shifted"),
        ("load:checkout", "load checkout"),
        ("bake", "bake"),
        ("rollout:{} \x1b[2J", "{}"),
    ],
)
def test_the_name_of_a_thing(step: str, name: str) -> None:
    assert thing(Change(step=step, key="k", before={}, after={})) == name


@pytest.mark.parametrize(
    ("note", "done", "total", "said"),
    [
        ("rolling", 2, 4, "rolling (2 of 4)"),
        ("2 of 4 tasks", 2, 4, "2 of 4 tasks"),
        ("2/4", 2, 4, "2/4"),
        ("rolling", 0, 0, "rolling"),
        ("", 2, 4, "2 of 4"),
    ],
)
def test_counts_are_told_once(note: str, done: int, total: int, said: str) -> None:
    look = Progress(state=State.RUNNING, note=note, done=done, total=total)
    assert news(look) == said


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words_and_its_exit_code(verdict: Verdict) -> None:
    outcome = Outcome(verdict=verdict, release=story.ID)
    assert ending(outcome).word == verdict.value
    assert final_block(outcome)[0][0].endswith(f"(exit code {verdict.exit:d})")


def test_a_rollback_that_was_asked_for_is_not_told_as_a_new_version() -> None:
    back = replace(story.release(), kind=Kind.ROLLBACK, returns_to="20260313-101500-0a0a0a0")
    good = Outcome(verdict=Verdict.RELEASED, release=story.ID)
    assert ending(good, back).sentence == "20260313-101500-0a0a0a0 serves again, verified"
    nameless = replace(back, returns_to="")
    assert ending(good, nameless).sentence == "the version from before serves again, verified"
    assert ending(story.rolled_back("x"), back).word == "rolled back"


def test_the_final_block_gives_each_fact_its_own_lines() -> None:
    block = [text for text, _ in final_block(story.rolled_back("first\nsecond"))]
    assert block[1:5] == [
        f"  release   {story.ID}",
        "  failed    rollout:web",
        "  cause     first",
        "            second",
    ]
    assert block[-1] == f"  next      deployctl show {story.ID} --env production"
