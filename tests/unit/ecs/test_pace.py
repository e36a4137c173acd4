"""How long a roll takes, whether it can end, and what it would go back to."""

import pytest

from deployctl.model.rollout import Deployment, Fleet, Pace


@pytest.mark.parametrize(
    ("pace", "batches", "seconds"),
    [
        (Pace(desired=4), 1, 340),
        (Pace(desired=4, max_percent=125), 4, 1360),
        (Pace(desired=4, min_percent=50, max_percent=100, drain=0), 2, 80),
        (Pace(desired=3, min_percent=50, max_percent=100), 3, 1020),
        (Pace(desired=0), 0, 0),
    ],
)
def test_the_pace_follows_from_the_percentages(pace: Pace, batches: int, seconds: int) -> None:
    assert (pace.batches, pace.seconds) == (batches, seconds)


def test_one_task_with_no_room_is_a_deadlock() -> None:
    assert Pace(desired=1, min_percent=100, max_percent=100).is_deadlocked
    assert Pace(desired=1, min_percent=100, max_percent=199).is_deadlocked
    assert not Pace(desired=1).is_deadlocked
    assert not Pace(desired=0, max_percent=100).is_deadlocked


def test_the_proven_deployment_is_the_complete_one() -> None:
    rolling = Deployment(id="2", status="PRIMARY", revision="api:2", rollout="IN_PROGRESS")
    old = Deployment(id="1", status="ACTIVE", revision="api:1", rollout="COMPLETED")
    assert Fleet(service="a", deployments=(rolling, old)).proven == old
    assert Fleet(service="a", deployments=(rolling,)).proven == rolling
    assert Fleet(service="a").proven is None
