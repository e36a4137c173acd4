"""One ECS cluster as a container platform."""

from collections.abc import Sequence

from deployctl.adapters.aws.fleets import EcsFleets
from deployctl.adapters.aws.logs import EcsLogs
from deployctl.adapters.aws.source import Source
from deployctl.adapters.aws.taskdefs import EcsDefinitions
from deployctl.adapters.aws.tasks import EcsTasks
from deployctl.ports.clock import Clock
from deployctl.ports.screen import Tell


class EcsPlatform:
    """The cluster of one environment. `services` are the ECS services it will be asked about."""

    def __init__(
        self,
        *,
        clients: Source,
        cluster: str,
        services: Sequence[str],
        clock: Clock,
        tell: Tell,
    ) -> None:
        self.fleets = EcsFleets(
            source=clients, cluster=cluster, services=services, clock=clock, tell=tell
        )
        self.definitions = EcsDefinitions(source=clients)
        self.tasks = EcsTasks(source=clients, cluster=cluster)
        self.logs = EcsLogs(source=clients)
