"""A simulated ECS behind the real adapter: every call is checked against the AWS service model."""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from deployctl.adapters.aws.ecs import EcsPlatform
from deployctl.model.event import Event
from tests.fakes.clock import FakeClock
from tests.fakes.ecs_api import Answer, Api, refusal
from tests.fakes.ecs_parts import Behaviour, SimDeployment, SimService
from tests.fakes.ecs_world import World

_READS = ("Describe", "List", "Get")
DIGEST = "sha256:" + "0" * 64


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def _operations(service: str) -> dict[str, str]:
    return {xform_name(name): name for name in _model(service).operation_names}


class FakeEcs:
    """Services that roll on a FakeClock. `shape` is "aws" or "ministack".

    `calls` counts operations by their API name. `told` is what the adapter said to the screens.
    """

    region = "eu-west-1"

    def __init__(
        self,
        clock: FakeClock,
        *,
        shape: str = "aws",
        cluster: str = "shop",
        retention: float = 3600,
        behind: float = 0,
    ) -> None:
        self.world = World(clock, shape, retention, behind)
        self.calls: Counter[str] = Counter()
        self.told: list[Event] = []
        self._clock = clock
        self._cluster = cluster
        self._api = Api(self.world)
        self._faults: defaultdict[str, list[Callable[[Callable[[], Answer]], Answer]]] = (
            defaultdict(list)
        )

    @property
    def mutations(self) -> int:
        return sum(n for name, n in self.calls.items() if not name.startswith(_READS))

    def platform(self) -> EcsPlatform:
        """The real adapter over this account: a new process's view, with empty caches."""
        return EcsPlatform(
            clients=self,
            cluster=self._cluster,
            services=tuple(self.world.services),
            clock=self._clock,
            tell=self.tell,
        )

    def tell(self, event: Event) -> None:
        self.told.append(event)

    def client(self, service: str) -> Any:
        calls = {
            python: self._caller(service, python, name)
            for python, name in _operations(service).items()
            if hasattr(self._api, python)
        }
        return SimpleNamespace(meta=SimpleNamespace(service_model=_model(service)), **calls)

    def _caller(self, service: str, python: str, name: str) -> Callable[..., Answer]:
        def call(**params: Any) -> Answer:
            self.calls[name] += 1
            operation = _model(service).operation_model(name)
            _valid(params, operation.input_shape)
            effect = partial(getattr(self._api, python), **params)
            waiting = self._faults[name]
            answer: Answer = waiting.pop(0)(effect) if waiting else effect()
            _valid(answer, operation.output_shape)
            return answer

        return call

    def lose_reply(self, operation: str, *, times: int = 1) -> None:
        """The call takes effect, but its answer never comes."""

        def fault(effect: Callable[[], Answer]) -> Answer:
            effect()
            raise ReadTimeoutError(endpoint_url="https://ecs")

        self._faults[operation] += [fault] * times

    def garble(self, operation: str, *, times: int = 1) -> None:
        """The call takes effect, but a page comes back that botocore takes for an empty answer."""

        def fault(effect: Callable[[], Answer]) -> Answer:
            effect()
            return {}

        self._faults[operation] += [fault] * times

    def drop(self, operation: str, *, times: int = 1) -> None:
        """The call never arrives."""

        def fault(_: Callable[[], Answer]) -> Answer:
            raise ConnectTimeoutError(endpoint_url="https://ecs")

        self._faults[operation] += [fault] * times

    def fail(self, operation: str, code: str, *, times: int = 1) -> None:
        """The call is refused with that error code."""

        def fault(_: Callable[[], Answer]) -> Answer:
            raise refusal(operation, code)

        self._faults[operation] += [fault] * times

    def image(self, mark: str, behaviour: Behaviour) -> None:
        """Images whose reference contains `mark` behave so; all others are good."""
        self.world.behaviours[mark] = behaviour

    def service(
        self,
        name: str,
        *,
        image: str = f"registry/shop@{DIGEST}",
        desired: int = 2,
        container: str = "app",
        breaker: bool = True,
        rollback: bool = True,
        min_percent: int = 100,
        max_percent: int = 200,
        drain: float = 2.0,
        body: Answer | None = None,
    ) -> str:
        """A service that has run `image` for a while; returns its revision."""
        revision = self.register(name, image=image, container=container, body=body)
        made = SimService(
            name=name,
            container=container,
            desired=desired,
            breaker=breaker,
            rollback=rollback,
            min_percent=min_percent,
            max_percent=max_percent,
            drain=drain,
            completed=revision,
        )
        self.world.services[name] = made
        first = self.world.deploy(made, revision, record=False)
        first.state = "COMPLETED"
        for _ in range(desired):
            self._up(made, first)
        return revision

    def _up(self, service: SimService, deployment: SimDeployment) -> None:
        task = self.world.spawn(service, deployment)
        task.status, task.ready, task.doomed = "RUNNING", self.world.now, False

    def register(
        self, family: str, *, image: str, container: str = "app", body: Answer | None = None
    ) -> str:
        """A revision made by somebody else."""
        options = {
            "awslogs-group": f"/ecs/{family}",
            "awslogs-stream-prefix": "ecs",
            "awslogs-region": self.region,
        }
        plain: Answer = {
            "family": family,
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [
                {
                    "name": container,
                    "image": image,
                    "essential": True,
                    "environment": [{"name": "EMPTY", "value": ""}],
                    "logConfiguration": {"logDriver": "awslogs", "options": options},
                }
            ],
        }
        made = self._api.register_task_definition(
            **{**plain, **(body or {})}, tags=[{"key": "team", "value": "shop"}]
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def by_hand(self, service: str, revision: str) -> None:
        """Somebody else deploys."""
        self.world.deploy(self.world.services[service], revision)

    def scale(self, service: str, desired: int) -> None:
        """Autoscaling, or a person, wants another number of tasks."""
        self.world.services[service].desired = desired

    def deregister(self, revision: str) -> None:
        self.world.revisions[revision]["status"] = "INACTIVE"

    def forget_stopped(self) -> None:
        """More than an hour goes by for stopped tasks."""
        self.world.tasks = {a: t for a, t in self.world.tasks.items() if t.status != "STOPPED"}

    def revision(self, service: str) -> str:
        """What the service works towards."""
        return self.world.services[service].primary.revision

    def serving(self, service: str) -> set[str]:
        """The images of its RUNNING tasks."""
        tasks = self.world.of(self.world.services[service])
        return {t.image for t in tasks if t.status == "RUNNING" and t.wanted == "RUNNING"}

    def jobs(self) -> list[str]:
        """The images that one-off tasks ran, in order."""
        return [t.image for t in self.world.tasks.values() if not t.deployment]


def _valid(value: Any, shape: Any) -> None:
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        raise AssertionError(f"not what AWS's model says: {report.generate_report()}")
