"""The plan: what every step would do, without what does nothing."""

from deployctl.engine.draw import draw
from deployctl.model.plan import Phase
from tests.fakes.clock import START
from tests.fakes.house import a_release, station
from tests.fakes.step import ScriptedStep

FOLLOWING = (
    station(Phase.VERIFY, ScriptedStep("smoke:all")),
    station(Phase.PUBLISH, ScriptedStep("invalidate:E1")),
)


def test_where_nothing_changes_there_is_nothing_to_verify_or_publish() -> None:
    still = ScriptedStep("rollout:api", noop=True)
    plan = draw(a_release(START), (station(Phase.SHIFT, still), *FOLLOWING))
    assert plan.is_empty
    assert [change.step for change in plan.kept] == ["rollout:api"]


def test_one_change_is_enough_to_verify_and_publish() -> None:
    still = ScriptedStep("rollout:web", noop=True)
    shift = station(Phase.SHIFT, ScriptedStep("rollout:api"), still)
    plan = draw(a_release(START), (shift, *FOLLOWING))
    assert [change.step for change in plan.changes] == [
        "rollout:api",
        "smoke:all",
        "invalidate:E1",
    ]
    assert [change.step for change in plan.kept] == ["rollout:web"]
