"""Where an environment is: account, addresses, keys and state, for real or in the sandbox."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deployctl.adapters.aws.clients import Clients
from deployctl.adapters.aws.stacks import Stacks
from deployctl.adapters.environment import Surroundings
from deployctl.config import Settings

if TYPE_CHECKING:
    from deployctl.sandbox.facts import Sandbox

_STACK = re.compile(r"\$\{stack:([A-Za-z][A-Za-z0-9-]*)\.([A-Za-z0-9]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Everything of an environment that is an address. `registry` "" means ECR's own.

    `url` is where people come in; `connect_to` (host:port) is dialled instead for the checks
    that must reach the load balancer itself.
    """

    account: str
    cluster: str
    url: str
    connect_to: str
    registry: str
    distribution: str
    state: Path
    clients: Clients
    sandbox: "Sandbox | None" = None


def place_of(settings: Settings, here: Surroundings) -> Place:
    """The place of one environment, with the outputs of stacks filled in."""
    place = _sandboxed(settings, here) if settings.place.sandbox else _real(settings, here)
    stacks = Stacks(place.clients)

    def filled(text: str) -> str:
        return _STACK.sub(lambda match: stacks.output(match[1], match[2]), text)

    return replace(
        place,
        cluster=filled(place.cluster),
        url=filled(place.url),
        connect_to=filled(place.connect_to),
        distribution=filled(place.distribution),
    )


def _real(settings: Settings, here: Surroundings) -> Place:
    at = settings.place
    return Place(
        account=at.account,
        cluster=at.cluster,
        url=at.url,
        connect_to=at.connect_to,
        registry=at.registry,
        distribution=settings.cdn.distribution if settings.cdn else "",
        state=_state(settings, here),
        clients=Clients(region=at.region, endpoint=at.endpoint),
    )


def _sandboxed(settings: Settings, here: Surroundings) -> Place:
    """The running sandbox's own addresses; its journal lives and dies with it."""
    from deployctl.sandbox.stack import default_root, find

    sandbox = find(here.sandbox or default_root())
    at = settings.place
    return Place(
        account=sandbox.account,
        cluster=at.cluster or settings.project,
        url=at.url or sandbox.alb_url(settings.project),
        connect_to=at.connect_to,
        registry=sandbox.registry,
        distribution=settings.cdn.distribution if settings.cdn else "",
        state=sandbox.root / "releases" / settings.project,
        clients=Clients(
            region=sandbox.region,
            endpoint=sandbox.endpoint,
            keys=(sandbox.access_key, sandbox.secret_key),
        ),
        sandbox=sandbox,
    )


def _state(settings: Settings, here: Surroundings) -> Path:
    if settings.state.path:
        return settings.root / settings.state.path
    return here.state_home / "deployctl" / settings.project
