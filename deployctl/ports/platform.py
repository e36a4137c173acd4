"""The plugs of a container platform: fleets that roll, revisions, one-off tasks, log lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from deployctl.model.rollout import Fleet, OneOff, RunningTask, ServiceDeployment, StoppedTask
from deployctl.model.taskdef import Body, Definition, LogPlace


class Fleets(Protocol):
    """The services of one cluster, by the platform's own service name.

    Every method raises Refused (a definite no), Unanswered (ask again) or Blind (no credentials).
    """

    def look(self, service: str, *, fresh: bool = False) -> Fleet:
        """The service now; looks of one tick share one call unless `fresh`."""
        ...

    def names(self) -> tuple[str, ...]:
        """The services there are, for a helpful complaint; () when nobody may say."""
        ...

    def drain_seconds(self, fleet: Fleet) -> int:
        """The longest deregistration delay of its target groups; 0 without any."""
        ...

    def shift(
        self, service: str, revision: str, *, desired: int | None = None, anew: bool = False
    ) -> Fleet:
        """ONE call that makes the service roll to `revision`; what the answer showed.

        `desired` None leaves the number of tasks to whoever sets it (autoscaling). `anew` makes a
        new deployment even when the service already works towards `revision`.
        """
        ...

    def running(self, service: str) -> tuple[RunningTask, ...]:
        """All tasks that are meant to run."""
        ...

    def stopped(self, service: str) -> tuple[StoppedTask, ...]:
        """The tasks that ended and are still remembered (about an hour)."""
        ...

    def service_deployment(self, arn: str) -> ServiceDeployment | None:
        """The platform's own record of a roll; None where it keeps none or may not be asked."""
        ...

    def service_deployment_of(
        self, service: str, revision: str, since: datetime
    ) -> ServiceDeployment | None:
        """The first record since then that aims at `revision`; None when there is none."""
        ...


class Definitions(Protocol):
    """The registered revisions."""

    def get(self, arn: str) -> Definition:
        """One revision as it is now. Raises Refused when it does not exist."""
        ...

    def newest(self, family: str) -> Iterator[Definition]:
        """The newest ACTIVE revisions (about 20), newest first, fetched one by one."""
        ...

    def register(self, body: Body, tags: Mapping[str, str]) -> Definition:
        """A new revision. Not idempotent: look among `newest` before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A one-off task to run: a command in one container of a revision, where a service runs.

    `token` is what `started_by` finds it with, `once` the idempotency key ("" = the token). They
    differ when a task that was forgotten is started again. Both: [A-Za-z0-9-_], <= 64.
    """

    revision: str
    container: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    launch: Mapping[str, object]
    token: str
    tags: Mapping[str, str]
    once: str = ""


class Tasks(Protocol):
    """One-off tasks."""

    def run(self, errand: Errand) -> OneOff:
        """Start it. Raises Refused with the platform's reason when it could not be placed."""
        ...

    def started_by(self, token: str) -> tuple[OneOff, ...]:
        """The tasks of that token, running or stopped, as long as they are remembered."""
        ...

    def get(self, arn: str) -> OneOff | None:
        """The task now; None when the platform does not know it (any more, or yet)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Lines that came after a cursor, and the cursor to go on from."""

    lines: tuple[str, ...] = ()
    cursor: str = ""


class ContainerLogs(Protocol):
    """What containers wrote. Best effort: never raises, an empty answer means nothing."""

    def tail(self, place: LogPlace, cursor: str = "") -> LogPage:
        """The lines since the cursor ("" = from the first line)."""
        ...

    def last(self, place: LogPlace, count: int) -> tuple[str, ...]:
        """The last `count` lines."""
        ...


class Platform(Protocol):
    """A cluster of one environment."""

    @property
    def fleets(self) -> Fleets:
        """Its services."""
        ...

    @property
    def definitions(self) -> Definitions:
        """Its revisions."""
        ...

    @property
    def tasks(self) -> Tasks:
        """Its one-off tasks."""
        ...

    @property
    def logs(self) -> ContainerLogs:
        """What its containers wrote."""
        ...
