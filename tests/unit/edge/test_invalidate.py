"""The invalidate step against a CDN in memory."""

import pytest

from deployctl.model.cdn_paths import complaints
from deployctl.model.change import Absent, Receipt, State
from deployctl.model.errors import ConfigWrong, Refused, Unanswered
from deployctl.model.release import Commit, Release
from deployctl.steps.invalidate import Invalidate, invalidate_step
from tests.fakes.cdn import FakeCdn, distribution
from tests.fakes.clock import START

RELEASE = Release(
    id="20260314-090000-bbbbbbb",
    project="shop",
    environment="staging",
    commit=Commit(sha="b" * 40),
    images={},
    at=START,
)


def a_cdn(**more: int) -> FakeCdn:
    return FakeCdn(distributions={"E1": distribution("E1")}, **more)  # type: ignore[arg-type]  # looks, busy


def a_step(cdn: FakeCdn, *paths: str) -> Invalidate:
    step = invalidate_step(distribution="E1", paths=paths or ("/", "/index.html"), cdn=cdn)
    assert step is not None
    return step


def test_an_order_is_placed_watched_and_finished() -> None:
    cdn = a_cdn(looks=2)
    step = a_step(cdn)
    change = step.plan(RELEASE)
    receipt = step.apply(change)
    looks = [step.observe(change, receipt) for _ in range(3)]
    assert [look.state for look in looks] == [State.RUNNING, State.RUNNING, State.DONE]
    assert looks[0].note == "I1: InProgress"
    assert (looks[2].done, looks[2].total) == (2, 2)
    (order,) = cdn.orders
    assert (order.paths, order.reference) == (("/", "/index.html"), change.key)


def test_the_plan_orders_nothing_and_is_never_a_noop() -> None:
    cdn = a_cdn()
    change = a_step(cdn, "/*").plan(RELEASE)
    assert cdn.calls == 0
    assert not change.is_noop
    assert (change.step, change.key) == (
        "invalidate:E1",
        "20260314-090000-bbbbbbb/invalidate:E1",
    )
    assert change.summary == "1 path of E1"


def test_an_order_is_placed_once_however_often_it_is_tried() -> None:
    cdn = a_cdn()
    step = a_step(cdn)
    change = step.plan(RELEASE)
    assert step.apply(change) == step.apply(change)
    assert len(cdn.orders) == 1


def test_after_a_crash_the_order_is_found_by_the_key() -> None:
    cdn = a_cdn()
    step = a_step(cdn)
    change = step.plan(RELEASE)
    assert isinstance(step.find(change), Absent)
    receipt = step.apply(change)
    assert step.find(change) == receipt == Receipt(handles={"invalidation": "I1"})


def test_the_way_back_orders_the_same_paths_under_its_own_key() -> None:
    cdn = a_cdn()
    step = a_step(cdn)
    change = step.plan(RELEASE)
    step.apply(change)
    back = step.undo(change)
    assert back.key == f"{change.key}-rb"
    receipt = step.apply(back)
    assert step.observe(back, receipt).state is State.DONE
    assert [order.paths for order in cdn.orders] == [("/", "/index.html")] * 2


def test_a_busy_cdn_is_unanswered_and_takes_the_order_later() -> None:
    cdn = a_cdn(busy=1)
    step = a_step(cdn)
    change = step.plan(RELEASE)
    with pytest.raises(Unanswered):
        step.apply(change)
    assert isinstance(step.find(change), Absent)
    assert step.apply(change).handles["invalidation"] == "I1"


def test_a_missing_distribution_is_refused() -> None:
    step = a_step(FakeCdn())
    assert isinstance(step.find(step.plan(RELEASE)), Absent)
    with pytest.raises(Refused, match="NoSuchDistribution"):
        step.apply(step.plan(RELEASE))


def test_there_is_no_step_without_a_distribution_or_paths() -> None:
    assert invalidate_step(distribution="", paths=("/",), cdn=a_cdn()) is None
    assert invalidate_step(distribution="E1", paths=(), cdn=a_cdn()) is None


def test_bad_paths_are_refused_before_anything_is_planned() -> None:
    with pytest.raises(ConfigWrong, match="does not begin with /") as caught:
        a_step(a_cdn(), "index.html").plan(RELEASE)
    assert "cdn.paths" in caught.value.hint


@pytest.mark.parametrize(
    ("paths", "part"),
    [
        (("index.html",), "does not begin with /"),
        (("",), "does not begin with /"),
        (("/a*/b",), "only be the last character"),
        (("/a b",), "%XX"),
        (("/ü",), "%XX"),
        (("/%zz",), "%XX"),
        (("/" + "a" * 4000,), "longer than 4000"),
        (tuple(f"/{n}" for n in range(3001)), "3001 paths, at most 3000"),
        (tuple(f"/{n}*" for n in range(16)), "16 wildcard paths, at most 15"),
        (("/a", "/a"), "listed twice"),
    ],
)
def test_paths_the_cdn_would_refuse_are_named(paths: tuple[str, ...], part: str) -> None:
    assert any(part in sentence for sentence in complaints(paths))


def test_good_paths_have_no_complaint() -> None:
    assert complaints(("/", "/*", "/a%20b", "/search?q=1&x=~(2)", "/-_.!'@,;:=+$")) == ()
