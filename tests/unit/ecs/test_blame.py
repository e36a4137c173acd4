"""Whose fault an ended task is, in which words it is told, and what the cure is."""

from datetime import UTC, datetime

import pytest

from deployctl.model.blame import Blame, adverse, blame, culprit, event_lines, stop_lines
from deployctl.model.cure import Scene, hint
from deployctl.model.rollout import EndedContainer, ServiceEvent, StoppedTask

AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def task(code: str = "", reason: str = "", *containers: EndedContainer) -> StoppedTask:
    return StoppedTask(
        arn="arn:task/shop/1",
        revision="api:1",
        stop_code=code,
        reason=reason,
        containers=containers,
    )


def ended(code: int | None, reason: str = "", name: str = "app") -> EndedContainer:
    return EndedContainer(name=name, exit_code=code, reason=reason)


@pytest.mark.parametrize(
    ("code", "reason", "whose"),
    [
        ("TaskFailedToStart", "CannotPullContainerError: x", Blame.RELEASE),
        ("TaskFailedToStart", "Capacity is unavailable at this time", Blame.PLATFORM),
        ("TaskFailedToStart", "Task failed health checks", Blame.RELEASE),
        ("EssentialContainerExited", "Essential container in task exited", Blame.RELEASE),
        ("SpotInterruption", "Your Spot Task was interrupted.", Blame.PLATFORM),
        ("TerminationNotice", "", Blame.PLATFORM),
        ("InfrastructureHealth", "", Blame.PLATFORM),
        ("UserInitiated", "Task stopped by user", Blame.PERSON),
        ("UserInitiated", "Deployment completed", Blame.NOBODY),
        ("UserInitiated", "Deployment capacity limit", Blame.NOBODY),
        (
            "ServiceSchedulerInitiated",
            "Scaling activity initiated by (deployment ecs-svc/1)",
            Blame.NOBODY,
        ),
        (
            "ServiceSchedulerInitiated",
            "Task failed ELB health checks in (target-group arn)",
            Blame.RELEASE,
        ),
        ("ServiceSchedulerInitiated", "Task failed container health checks", Blame.RELEASE),
        ("ServiceSchedulerInitiated", "Rebalancing", Blame.NOBODY),
        ("", "ResourceInitializationError: unable to pull secrets", Blame.RELEASE),
        ("", "something new", Blame.NOBODY),
    ],
)
def test_blame(code: str, reason: str, whose: Blame) -> None:
    assert blame(task(code, reason)) is whose


def test_the_culprit_is_the_one_that_failed_by_itself() -> None:
    first = ended(3, name="app")
    stopped = ended(137, name="proxy")
    assert culprit(task("", "", stopped, first)) == first
    killed = ended(137, "OutOfMemoryError: killed", name="app")
    assert culprit(task("", "", ended(143, name="proxy"), killed)) == killed
    never = ended(None, "CannotPullContainerError")
    assert culprit(task("", "", ended(0, name="x"), never)) == never
    assert culprit(task("", "", ended(None), ended(0, name="x"))) == ended(0, name="x")
    assert culprit(task()) is None


def test_equal_endings_are_counted_once() -> None:
    crash = task("EssentialContainerExited", "Essential container in task exited", ended(3))
    pull = task(
        "TaskFailedToStart", "CannotPull (request id: 0123456789abcdef0123)", ended(None, "x")
    )
    assert stop_lines([pull, crash, crash]) == (
        (
            "2 tasks stopped: EssentialContainerExited: Essential container in task exited;"
            " container app: exit code 3"
        ),
        "a task stopped: TaskFailedToStart: CannotPull (…); container app: never started (x)",
    )
    assert stop_lines([task("", "gone", ended(None))]) == ("a task stopped: gone",)


def test_passing_hiccups_are_not_told_as_causes() -> None:
    texts = [
        "(service a) has started 1 tasks",
        "(service a) (port 80) is unhealthy in (target-group x)",
        "(service a) was unable to place a task because no container instance met",
    ]
    events = [ServiceEvent(id=str(n), at=AT, text=text) for n, text in enumerate(texts)]
    bad = adverse(events)
    assert [event.id for event in bad] == ["2"]
    assert event_lines(bad) == (f"event 09:30:00: {texts[2]}",)


def cure(*stopped: StoppedTask, event: str = "", log: tuple[str, ...] = (), group: str = "") -> str:
    events = (ServiceEvent(id="1", at=AT, text=event),) if event else ()
    return hint(
        Scene(
            service="shop-api",
            container="app",
            image="123.dkr.ecr.eu-west-1.amazonaws.com/shop/api@sha256:abc",
            log_group=group,
            stopped=stopped,
            events=events,
            log=log,
        )
    )


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (
            "CannotPullContainerError: manifest unknown",
            "aws ecr describe-images --repository-name shop/api --image-ids imageDigest=sha256:abc",
        ),
        ("CannotPullContainerError: no matching manifest for linux/arm64", "cpuArchitecture"),
        ("CannotPullContainerError: ecr: not authorized 403", "AmazonECSTaskExecutionRolePolicy"),
        ("CannotPullContainerError: dial tcp: i/o timeout", "NAT gateway"),
        ("ResourceInitializationError: unable to pull secrets or registry auth", "valueFrom"),
        ("ResourceInitializationError: failed to create log stream: log group", "create-log-group"),
        ("OutOfMemoryError: container killed", "raise `memory`"),
        ("Task failed ELB health checks in (target-group x)", "health check path"),
        ("Task failed container health checks", "healthCheck.startPeriod"),
        ("ECS failed to assume role", "ecs-tasks.amazonaws.com"),
    ],
)
def test_known_reasons_have_a_cure(reason: str, says: str) -> None:
    assert says in cure(task("TaskFailedToStart", reason))


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("was unable to place a task because", "add capacity"),
        ("was unable to stop or start tasks during a deployment because", "maximumPercent"),
        ("deployment failed: alarm detected", "CloudWatch alarm"),
    ],
)
def test_known_events_have_a_cure(event: str, says: str) -> None:
    assert says in cure(event=event)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (0, "foreground"),
        (1, "exit code 1"),
        (126, "file mode"),
        (127, "not found in the image"),
        (137, "memory"),
        (139, "native code"),
        (143, "gives up too early"),
    ],
)
def test_exit_codes_have_a_cure(code: int, says: str) -> None:
    assert says in cure(task("EssentialContainerExited", "", ended(code)))


def test_a_wrong_processor_is_read_from_the_containers_own_words_only() -> None:
    crash = task("EssentialContainerExited", "", ended(1))
    assert "another processor" in cure(crash, log=("exec /app: exec format error",))
    assert "exit code 1" in cure(crash, log=("alarm: OutOfMemory in the shop",))


def test_the_next_command_names_the_log_group_when_there_is_one() -> None:
    crash = task("EssentialContainerExited", "", ended(1))
    assert "aws logs tail /ecs/api --since 30m" in cure(crash, group="/ecs/api")
    assert "read the log of container app" in cure(crash)


def test_nothing_known_has_no_cure() -> None:
    assert cure() == ""
