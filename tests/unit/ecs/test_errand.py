"""A one-off task is judged by its container's own end; keys become tokens AWS accepts."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployctl.model.change import State
from deployctl.model.errand import judge_errand, launch_of
from deployctl.model.rollout import EndedContainer, OneOff, StoppedTask
from deployctl.model.token import release_of, since, token


def ended(code: str, exit_code: int | None, reason: str = "why", name: str = "app") -> OneOff:
    task = StoppedTask(
        arn="t",
        revision="r",
        stop_code=code,
        reason=reason,
        containers=(EndedContainer(name=name, exit_code=exit_code),),
    )
    return OneOff(arn="t", revision="r", status="STOPPED", ended=task)


@pytest.mark.parametrize(
    ("task", "state", "note"),
    [
        (ended("EssentialContainerExited", 0), State.DONE, "exit code 0"),
        (
            ended("EssentialContainerExited", 3),
            State.FAILED,
            "container app ended with exit code 3",
        ),
        (ended("UserInitiated", 0), State.FAILED, "the task was stopped by a person"),
        (
            ended("SpotInterruption", None),
            State.FAILED,
            "the task was stopped by AWS (SpotInterruption): why",
        ),
        (ended("TaskFailedToStart", None), State.FAILED, "container app never started: why"),
        (
            ended("TaskFailedToStart", None, ""),
            State.FAILED,
            "container app never started: TaskFailedToStart",
        ),
        (
            ended("EssentialContainerExited", 0, name="proxy"),
            State.FAILED,
            "container app never started: why",
        ),
    ],
)
def test_only_a_clean_end_of_the_named_container_is_good(
    task: OneOff, state: State, note: str
) -> None:
    said = judge_errand(task, "app")
    assert (said.state, said.note) == (state, note)


def beside(code: int | None, reason: str = "") -> OneOff:
    task = ended("EssentialContainerExited", 0).ended
    assert task is not None
    proxy = EndedContainer(name="proxy", exit_code=code, reason=reason)
    task = replace(task, containers=(*task.containers, proxy))
    return OneOff(arn="t", revision="r", status="STOPPED", ended=task)


@pytest.mark.parametrize(
    ("code", "reason", "why"),
    [
        (1, "", "exit code 1"),
        (137, "OutOfMemoryError: killed", "exit code 137, OutOfMemoryError: killed"),
        (None, "CannotPullContainerError", "never started, CannotPullContainerError"),
    ],
)
def test_a_zero_means_nothing_when_another_essential_container_failed(
    code: int | None, reason: str, why: str
) -> None:
    said = judge_errand(beside(code, reason), "app", ("app", "proxy"))
    assert said.state is State.FAILED
    assert said.note == f"container app may have been cut off by proxy ({why})"
    assert "essential: false" in said.hint
    assert judge_errand(beside(code, reason), "app", ("app",)).state is State.DONE


@pytest.mark.parametrize("code", [0, 137, 143, None])
def test_what_ecs_does_to_the_neighbours_of_the_first_to_end_is_no_failure(
    code: int | None,
) -> None:
    assert judge_errand(beside(code), "app", ("app", "proxy")).state is State.DONE


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ("PROVISIONING", "waiting for a place to run"),
        ("RUNNING", "running"),
        ("DEPROVISIONING", "deprovisioning"),
    ],
)
def test_before_the_end_it_is_running(status: str, note: str) -> None:
    said = judge_errand(OneOff(arn="t", revision="r", status=status), "app")
    assert (said.state, said.note) == (State.RUNNING, note)


def test_a_migration_never_runs_on_capacity_that_may_be_taken_away() -> None:
    spot = {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}], "x": ""}
    assert launch_of(spot) == {"launchType": "FARGATE"}
    mixed = {"launchType": "EC2", "capacityProviderStrategy": [{"capacityProvider": "own"}]}
    assert launch_of(mixed) == {"capacityProviderStrategy": [{"capacityProvider": "own"}]}
    plain = {"launchType": "EC2", "networkConfiguration": {"a": 1}}
    assert launch_of(plain) == plain


@given(st.text(min_size=1), st.text(min_size=1))
def test_tokens_are_accepted_by_aws_and_differ(one: str, other: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token(one))
    assert (token(one) == token(other)) == (one == other)


def test_a_key_tells_its_release_and_the_earliest_time() -> None:
    key = "20260314-093000-c0ffee0/migrate:shop"
    assert release_of(key) == "20260314-093000-c0ffee0"
    assert since(key) == datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
    assert since("other/migrate:shop") is None
    assert since("20269914-093000-c0ffee0/x") is None
