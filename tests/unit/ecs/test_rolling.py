"""The judge over single looks, as a table: what ECS shows, and what is said about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deployctl.model.change import State
from deployctl.model.rolling import judge
from deployctl.model.rollout import Deployment, RunningContainer, RunningTask, StoppedTask
from tests.fakes.ecs_looks import (
    AIM,
    AT,
    CRASH,
    GOOD,
    OLD,
    event,
    judged,
    look,
    mine,
    record,
)


def test_complete_and_proven_is_done() -> None:
    assert judged(mine(rollout="COMPLETED"), running=(GOOD, GOOD)) == (
        State.DONE,
        "2 of 2 tasks on api:2",
    )


def test_a_platform_that_does_not_judge_is_judged_by_the_numbers() -> None:
    assert judged(mine(rollout=""), running=(GOOD, GOOD))[0] is State.DONE


@pytest.mark.parametrize(
    "deployments",
    [
        (mine(rollout="COMPLETED", running=0),),
        (mine(rollout="COMPLETED"), replace(OLD, running=1)),
        (mine(rollout="IN_PROGRESS"),),
        (mine(rollout="", running=1),),
    ],
)
def test_not_all_running_or_not_alone_is_not_done(deployments: tuple[Deployment, ...]) -> None:
    assert judged(*deployments, running=(GOOD, GOOD))[0] is State.RUNNING


def test_leftovers_of_a_failed_deployment_with_nothing_running_do_not_matter() -> None:
    left = replace(OLD, rollout="FAILED", revision="api:9")
    assert judged(left, mine(rollout="COMPLETED"), running=(GOOD, GOOD))[0] is State.DONE


def test_tasks_that_are_not_proven_yet_keep_it_running() -> None:
    foreign = replace(GOOD, revision="api:1")
    assert judged(mine(rollout="COMPLETED"), running=(GOOD, foreign))[1] == (
        "1 of 2 tasks proven to run api:2"
    )
    pending = replace(GOOD, status="PENDING")
    assert judged(mine(rollout="COMPLETED"), running=(GOOD, pending))[0] is State.RUNNING


def test_a_bake_that_is_not_over_keeps_it_running() -> None:
    done = {"running": (GOOD, GOOD)}
    assert judged(mine(rollout="COMPLETED"), record=record("IN_PROGRESS"), **done)[0] is (
        State.RUNNING
    )
    assert judged(mine(rollout="COMPLETED"), record=record("SUCCESSFUL"), **done)[0] is State.DONE


def test_an_image_without_a_digest_cannot_be_compared() -> None:
    aim = replace(AIM, image="r/api:latest")
    other = replace(GOOD, containers=(RunningContainer(name="app", digest="sha256:x"),))
    seen = look(mine(rollout="COMPLETED"), running=(other, other))
    assert judge(aim, seen).state is State.DONE
    assert judge(AIM, seen).state is State.FAILED


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("ROLLBACK_SUCCESSFUL", "ECS rolled api back: because"),
        ("ROLLBACK_FAILED", "ECS tried to roll api back and failed: because"),
        ("STOPPED", "the deployment of api was stopped: because"),
    ],
)
def test_ecs_own_record_of_a_failure_is_final(status: str, says: str) -> None:
    assert judged(OLD, record=record(status)) == (State.FAILED, says)


def test_a_rollback_under_way_is_watched_to_its_end() -> None:
    assert judged(mine(rollout="FAILED"), record=record("ROLLBACK_IN_PROGRESS")) == (
        State.RUNNING,
        "ECS is rolling api back: because",
    )


def test_ours_gone_and_the_old_revision_primary_means_rolled_back() -> None:
    old = replace(OLD, status="PRIMARY")
    assert judged(old) == (State.FAILED, "ECS rolled api back")
    failed = mine(status="ACTIVE", rollout="FAILED", reason="breaker")
    assert judged(old, failed) == (State.FAILED, "ECS rolled api back: breaker")


def test_ours_gone_and_another_revision_primary_means_superseded() -> None:
    other = replace(OLD, status="PRIMARY", revision="x/api:7")
    said = judge(AIM, look(other))
    assert said.note == "superseded: somebody else deployed api:7 to api"
    assert said.facts == {"superseded_by": "x/api:7"}
    assert judge(AIM, look()).facts == {"superseded_by": ""}


def test_ours_not_listed_yet_is_given_a_minute() -> None:
    old = replace(OLD, status="PRIMARY")
    assert judged(old, seen=False)[0] is State.RUNNING
    assert judged(old, seen=False, waited=60.0)[0] is State.FAILED


def test_given_up_by_ecs_without_a_rollback_is_a_failure_with_its_reason() -> None:
    assert judged(mine(rollout="FAILED", reason="tasks failed to start")) == (
        State.FAILED,
        "ECS gave api up: tasks failed to start",
    )
    told = look(mine(rollout="FAILED"))
    told = replace(told, fleet=replace(told.fleet, events=event("(x) deployment failed: y")))
    assert judge(AIM, told).note == "ECS gave api up: (x) deployment failed: y"


def test_three_crashes_without_a_healthy_task_end_it() -> None:
    crashes = (CRASH, CRASH, CRASH)
    rolling = mine(rollout="IN_PROGRESS", running=0)
    assert judged(rolling, stopped=crashes[:2])[1] == ("0 of 2 tasks on api:2, 2 failed to start")
    assert judged(rolling, stopped=crashes)[0] is State.FAILED


@pytest.mark.parametrize(
    "healthy",
    [
        replace(GOOD, health="HEALTHY"),
        replace(GOOD, started=AT - timedelta(seconds=41)),
    ],
)
def test_a_healthy_task_among_them_lets_it_go_on_for_a_while(healthy: RunningTask) -> None:
    rolling = mine(rollout="IN_PROGRESS")
    how = {"running": (healthy,)}
    assert judged(rolling, stopped=(CRASH,) * 3, **how)[0] is State.RUNNING
    assert judged(rolling, stopped=(CRASH,) * 9, **how)[0] is State.FAILED


@pytest.mark.parametrize(
    "sick",
    [
        replace(GOOD, health="UNHEALTHY", started=AT - timedelta(hours=1)),
        replace(GOOD, started=AT - timedelta(seconds=5)),
        replace(GOOD, revision="api:1", health="HEALTHY"),
        GOOD,
    ],
)
def test_young_sick_and_old_tasks_are_no_proof_of_health(sick: RunningTask) -> None:
    rolling = mine(rollout="IN_PROGRESS")
    assert judged(rolling, stopped=(CRASH,) * 3, running=(sick,))[0] is State.FAILED


@pytest.mark.parametrize(
    "other",
    [
        replace(CRASH, started_by="ecs-svc/1"),
        replace(CRASH, started_by="api", revision="api:1"),
        replace(CRASH, started_by="api", created=AT - timedelta(minutes=5)),
        replace(CRASH, stop_code="SpotInterruption"),
    ],
)
def test_crashes_of_others_are_not_ours(other: StoppedTask) -> None:
    rolling = mine(rollout="IN_PROGRESS", running=0)
    assert judged(rolling, stopped=(other,) * 5)[0] is State.RUNNING


def test_where_tasks_only_name_their_service_revision_and_time_must_do() -> None:
    task = replace(CRASH, started_by="api", created=AT)
    rolling = mine(rollout="IN_PROGRESS", running=0)
    assert judged(rolling, stopped=(task,) * 3)[0] is State.FAILED
    assert judged(rolling, stopped=(replace(task, created=None),) * 3)[0] is State.FAILED


@pytest.mark.parametrize(
    ("text", "quiet", "state"),
    [
        ("was unable to place a task because", 599.0, State.RUNNING),
        ("was unable to place a task because", 600.0, State.FAILED),
        ("was unable to stop or start tasks during a deployment because", 60.0, State.FAILED),
        ("has started 1 tasks", 9999.0, State.RUNNING),
    ],
)
def test_silence_is_a_failure_only_with_a_reason(text: str, quiet: float, state: State) -> None:
    rolling = look(mine(rollout="IN_PROGRESS", running=1), quiet=quiet)
    seen = replace(rolling, fleet=replace(rolling.fleet, events=event(text)))
    assert judge(AIM, seen).state is state


def test_events_from_before_our_deployment_do_not_count() -> None:
    early = event("was unable to place a task", AT - timedelta(minutes=1))
    rolling = look(mine(rollout="IN_PROGRESS", running=1), quiet=9999.0)
    seen = replace(rolling, fleet=replace(rolling.fleet, events=early))
    assert judge(AIM, seen).state is State.RUNNING
