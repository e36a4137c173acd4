"""Turns settings into the stations of a release: which steps there are, and in which order."""

from collections.abc import Iterable
from datetime import timedelta

from deployctl.cli.world import World
from deployctl.config import resolve
from deployctl.engine.draw import Station
from deployctl.model.build import BuildSpec
from deployctl.model.check import When
from deployctl.model.event import Notice
from deployctl.model.history import History
from deployctl.model.plan import Phase
from deployctl.model.release import Commit
from deployctl.ports.step import Step
from deployctl.steps.invalidate import Invalidate
from deployctl.steps.migrate import MigrateSettings, MigrateStep
from deployctl.steps.register import RegisterSettings, RegisterStep
from deployctl.steps.rollout import RolloutStep
from deployctl.steps.rollout_plan import RolloutSettings
from deployctl.steps.smoke import Smoke
from deployctl.steps.target import EcsTarget


def stations(
    world: World,
    history: History,
    commit: Commit,
    only: frozenset[str] = frozenset(),
    *,
    migrate: bool = True,
) -> tuple[Station, ...]:
    """All stations in release order; `only` names the services a hotfix is limited to."""
    names = [name for name in world.settings.services if not only or name in only]
    waves = [[name for name in wave if name in names] for wave in world.settings.waves]
    return tuple(
        station
        for station in (
            _station("prepare", Phase.PREPARE, (_register(world, name) for name in names)),
            _station(
                "migrate",
                Phase.EXPAND,
                _migrations(world, history, commit, names) if migrate else (),
            ),
            *(
                _station(", ".join(wave), Phase.SHIFT, (_rollout(world, name) for name in wave))
                for wave in waves
            ),
            _station("verify", Phase.VERIFY, _smoke(world, When.SHIFTED)),
            _station("publish", Phase.PUBLISH, _publish(world)),
            _station("settle", Phase.SETTLE, _smoke(world, When.PUBLISHED)),
        )
        if station.steps
    )


def build_specs(world: World, only: frozenset[str] = frozenset()) -> dict[str, BuildSpec]:
    """What has to be in the registry, by build name."""
    settings = world.settings
    names = {settings.build_of(name) for name in settings.services if not only or name in only}
    return {name: spec for name, spec in settings.specs.items() if name in names}


def _station(name: str, phase: Phase, steps: Iterable[Step]) -> Station:
    return Station(name=name, phase=phase, steps=tuple(steps))


def _target(world: World, name: str, container: str = "") -> EcsTarget:
    service = world.settings.services[name]
    return EcsTarget(service=name, ecs=service.ecs, container=container or service.container)


def _register(world: World, name: str) -> Step:
    settings = RegisterSettings(target=_target(world, name))
    return RegisterStep(settings=settings, platform=world.platform)


def _migrations(world: World, history: History, commit: Commit, names: list[str]) -> Iterable[Step]:
    builds = {world.settings.build_of(name) for name in names}
    for name, migration in world.settings.migrations.items():
        if world.settings.build_of(migration.service) not in builds:
            continue
        if _schema_is_ahead(world, history, commit, name):
            continue
        yield MigrateStep(
            settings=MigrateSettings(
                name=name,
                target=_target(world, migration.service, migration.container),
                command=migration.command,
                environment={
                    name: resolve(value, commit.tag) for name, value in migration.env.items()
                },
                patience=migration.patience,
                pause=_pause(world),
            ),
            platform=world.platform,
            clock=world.clock,
            tell=world.tell,
            migrated=history.migrated.get(name, ()),
        )


def _schema_is_ahead(world: World, history: History, commit: Commit, name: str) -> bool:
    """Whether the database was migrated by a descendant of this commit: nothing is left to do.

    So it is after a rollback: the code went back, the schema did not. A commit beside the one
    that migrated runs its migrator, because it may bring migrations of its own.
    """
    by = history.migrated_by.get(name, commit.sha)
    if by == commit.sha:
        return False
    git = world.git(commit.sha)
    if git.is_ancestor(commit.sha, by):
        text = f"migration {name} is left out: the database is at {by[:7]}, a later commit"
        world.tell(Notice(text=text, warning=True))
        return True
    if git.is_ancestor(by, commit.sha) is False:
        text = f"the database was migrated by {by[:7]}, which {commit.short} does not contain"
        cure = "if its migrator stops at a revision it does not know: --skip-migrations"
        world.tell(Notice(text=f"{text}; {cure}", warning=True))
    return False


def _rollout(world: World, name: str) -> Step:
    service = world.settings.services[name]
    return RolloutStep(
        settings=RolloutSettings(
            target=_target(world, name),
            desired=service.desired if isinstance(service.desired, int) else None,
            patience=service.patience,
            verify_digest=service.verify_digest,
            pause=_pause(world),
        ),
        platform=world.platform,
        clock=world.clock,
    )


def _smoke(world: World, when: When) -> Iterable[Step]:
    url, connect_to = world.door(when)
    checks = tuple(
        check.placed(url, connect_to) for check in world.settings.smoke if check.when is when
    )
    if checks:
        yield Smoke(when=when, checks=checks, web=world.web, clock=world.clock)


def _publish(world: World) -> Iterable[Step]:
    cdn = world.settings.cdn
    if cdn and world.place.distribution:
        yield Invalidate(
            distribution=world.place.distribution,
            paths=cdn.paths,
            cdn=world.cdn,
            patience=cdn.patience,
        )


def _pause(world: World) -> timedelta:
    """AWS budgets its read calls; the sandbox is ours alone and quick."""
    return timedelta(seconds=0.5 if world.place.sandbox else 5)
