"""Everything a command works with, chosen once: the only place that picks concrete things."""

import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deployctl.adapters.aws.cloudfront import CloudFront
from deployctl.adapters.aws.ecr import EcrRepositories
from deployctl.adapters.aws.ecs import EcsPlatform
from deployctl.adapters.aws.identity import Sts
from deployctl.adapters.clock import SystemClock
from deployctl.adapters.environment import Surroundings, process_environment, surroundings
from deployctl.adapters.git import open_git
from deployctl.adapters.images.registry import RegistryClient
from deployctl.adapters.images.workshop import Workbench
from deployctl.adapters.processes import Processes
from deployctl.adapters.sqlite_store import SqliteStore
from deployctl.adapters.web import HttpWeb
from deployctl.cli.options import Screens
from deployctl.cli.place import Place, place_of
from deployctl.config import Settings, load, load_all
from deployctl.engine.stock import Desk
from deployctl.engine.stop import Stop
from deployctl.model.check import When
from deployctl.model.errors import UsageWrong
from deployctl.model.history import History, fold
from deployctl.model.lease import Holder
from deployctl.model.record import verified
from deployctl.model.text import Redactor
from deployctl.ports.git import Git
from deployctl.ports.screen import Screen
from deployctl.render.choice import screen_name, wants_colour
from deployctl.render.fan import Fan
from deployctl.render.jsonl import JsonLines
from deployctl.render.live import Live
from deployctl.render.page import Page
from deployctl.render.plain import Plain


@dataclass(frozen=True, kw_only=True)
class World:
    """One environment and its plugs. Nothing is reached before a plug is used."""

    settings: Settings
    here: Surroundings
    place: Place
    clock: SystemClock
    stop: Stop
    tell: Fan

    @cached_property
    def store(self) -> SqliteStore:
        """Lease and journal."""
        return SqliteStore(self.place.state, self.settings.environment)

    @cached_property
    def platform(self) -> EcsPlatform:
        """The cluster."""
        return EcsPlatform(
            clients=self.place.clients,
            cluster=self.place.cluster,
            services=tuple(service.ecs for service in self.settings.services.values()),
            clock=self.clock,
            tell=self.tell,
        )

    @cached_property
    def cdn(self) -> CloudFront:
        """The content delivery network."""
        return CloudFront(self.place.clients)

    @cached_property
    def identity(self) -> Sts:
        """Who we are to AWS."""
        return Sts(self.place.clients, self.clock)

    @cached_property
    def repositories(self) -> EcrRepositories:
        """Where images are kept."""
        return EcrRepositories(self.place.clients, clock=self.clock, override=self.place.registry)

    @cached_property
    def registry(self) -> RegistryClient:
        """Where images come and go. Its threads sleep on a clock of their own."""
        return RegistryClient(login=self.repositories.login, sleep=SystemClock().sleep)

    @cached_property
    def desk(self) -> Desk:
        """What builds and pushes images."""
        return Desk(
            repositories=self.repositories,
            registry=self.registry,
            workshop=Workbench(processes=Processes(process_environment()), tell=self.tell),
            tell=self.tell,
        )

    @cached_property
    def web(self) -> HttpWeb:
        """HTTP for the smoke checks."""
        return HttpWeb()

    def door(self, when: When) -> tuple[str, str]:
        """URL, and host:port to dial instead, of the load balancer or of the public entrance."""
        place = self.place
        if when is When.SHIFTED:
            return place.url, place.connect_to
        if place.sandbox and place.distribution:
            found = self.cdn.look(place.distribution)
            if found is not None:
                return f"http://{place.sandbox.cdn_host(found.domain)}", place.sandbox.registry
        return place.url, ""

    def git(self, sha: str = "") -> Git:
        """The repository around the configuration file, or the commit that was told."""
        return open_git(
            self.settings.root,
            sha=sha or self.here.commit,
            branch=self.here.branch,
            author=self.here.actor,
        )

    def close(self) -> None:
        """Leave the terminal and every connection as they were found."""
        self.tell.close()
        if "registry" in self.__dict__:
            self.registry.close()
        self.place.clients.close()

    def history(self) -> History:
        """All releases of the environment, from its verified journal."""
        return fold(verified(self.store.records()))

    def holder(self, work: str) -> Holder:
        """How this process signs the lease."""
        return Holder(
            owner=uuid.uuid4().hex,
            actor=self.here.actor,
            host=self.here.machine,
            pid=os.getpid(),
            run_url=self.here.run_url,
            work=work,
        )


@contextmanager
def open_world(
    config: Path, env: str, *, output: Screens = Screens.AUTO, until: float | None = None
) -> Iterator[World]:
    """Read the configuration and choose everything. `until` is a time limit in seconds."""
    here = surroundings()
    settings = load(config, env or only_environment(config))
    clock = SystemClock()
    world = World(
        settings=settings,
        here=here,
        place=place_of(settings, here),
        clock=clock,
        stop=Stop(until=None if until is None else clock.elapsed() + until),
        tell=Fan(screens(output, settings.environment), clock, Redactor()),
    )
    try:
        yield world
    finally:
        world.close()


def only_environment(config: Path) -> str:
    """The file's one environment. Raises UsageWrong when there is a choice: none is guessed."""
    names = tuple(load_all(config))
    if len(names) == 1:
        return names[0]
    raise UsageWrong(
        "which environment?", hint=f"Say --env NAME (or DEPLOYCTL_ENV): {', '.join(names)}"
    )


def screens(output: Screens, environment: str) -> Sequence[Screen]:
    """The screen for this run: events go to stderr, jsonl (data) to stdout."""
    name = screen_name(output.value, tty=sys.stderr.isatty(), environment=process_environment())
    if name == "jsonl":
        return (JsonLines(stream=sys.stdout, env=environment),)
    colour = wants_colour(tty=sys.stderr.isatty(), environment=process_environment())
    if name == "live":
        return (Live(stream=sys.stderr, colour=colour),)
    return (Plain(stream=sys.stderr, colour=colour),)


def page(*, err: bool = False) -> Page:
    """A page for a command's answer, on stdout (or stderr)."""
    stream = sys.stderr if err else sys.stdout
    tty = stream.isatty()
    return Page(
        stream=stream, tty=tty, colour=wants_colour(tty=tty, environment=process_environment())
    )
