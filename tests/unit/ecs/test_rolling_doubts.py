"""The judge where one look could mean two things: who turned it, what is stuck, what nothing is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deployctl.model.change import State
from deployctl.model.rolling import judge
from tests.fakes.ecs_looks import AIM, AT, GOOD, OLD, event, judged, look, mine, record

OTHER = replace(OLD, id="ecs-svc/3", status="PRIMARY", revision="api:0", rollout="IN_PROGRESS")
RETURN = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/3."


def test_ecs_goes_back_to_what_was_last_complete_even_if_the_plan_found_something_else() -> None:
    turned = replace(OTHER, reason=RETURN)
    failed = mine(status="ACTIVE", rollout="FAILED", reason="breaker")
    assert judged(turned) == (State.FAILED, "ECS rolled api back")
    assert judged(OTHER, failed) == (State.FAILED, "ECS rolled api back: breaker")
    assert judged(OTHER, record=record("ROLLBACK_IN_PROGRESS")) == (
        State.FAILED,
        "ECS rolled api back",
    )


@pytest.mark.parametrize("status", ["IN_PROGRESS", "STOP_REQUESTED"])
def test_nothing_of_that_means_that_somebody_else_deployed(status: str) -> None:
    said = judge(AIM, look(OTHER, mine(status="ACTIVE"), record=record(status)))
    assert said.facts == {"superseded_by": "api:0"}


def test_while_only_old_tasks_drain_nothing_is_stuck_however_long_it_takes() -> None:
    draining = replace(OLD, running=2)
    seen = look(mine(rollout="IN_PROGRESS"), draining, quiet=3000.0)
    fleet = replace(seen.fleet, events=event("(service api) was unable to place a task because"))
    assert judge(AIM, replace(seen, fleet=fleet)).state is State.RUNNING


@pytest.mark.parametrize(("before", "state"), [(700, State.RUNNING), (300, State.FAILED)])
def test_a_complaint_that_something_moved_after_is_overcome(before: int, state: State) -> None:
    seen = look(mine(rollout="IN_PROGRESS", running=1), quiet=600.0, born=None)
    said = event("was unable to place a task", AT - timedelta(seconds=before))
    assert judge(AIM, replace(seen, fleet=replace(seen.fleet, events=said))).state is state


def test_no_tasks_are_proof_of_nothing_where_there_were_some() -> None:
    seen = look(mine(rollout="COMPLETED", running=0, desired=0))
    empty = replace(seen, fleet=replace(seen.fleet, desired=0))
    said = judge(replace(AIM, tasks=2), empty)
    assert said.state is State.FAILED
    assert "scaled to 0 tasks meanwhile (there were 2)" in said.note
    assert "--desired-count 2" in said.hint
    calm = judge(AIM, empty)
    assert (calm.state, calm.note) == (State.DONE, "no tasks: desired count is 0")


def test_the_services_own_number_counts_when_that_of_the_deployment_lags() -> None:
    seen = look(mine(rollout="COMPLETED"), running=(GOOD, GOOD))
    grown = replace(seen, fleet=replace(seen.fleet, desired=5))
    said = judge(AIM, grown)
    assert (said.state, said.done, said.total) == (State.RUNNING, 2, 5)


def test_a_number_we_set_is_waited_for_but_not_against_somebody_who_sets_another() -> None:
    aim = replace(AIM, tasks=5, desired=5)
    seen = look(mine(rollout="COMPLETED"), running=(GOOD, GOOD))
    assert judge(aim, seen).note == "ECS does not count to 5 tasks yet"
    assert judge(aim, replace(seen, waited=60.0)).state is State.DONE
