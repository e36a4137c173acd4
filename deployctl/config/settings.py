"""The settings of one environment: merged, checked, frozen, with every default filled in."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deployctl.config.expectation import check_of
from deployctl.config.shape.build import Build
from deployctl.config.shape.environment import Cdn, Environment, Hotfix, Rollback, State
from deployctl.config.shape.file import File
from deployctl.config.shape.part import NAME
from deployctl.config.shape.service import Migration, Service
from deployctl.config.source_of import source_of
from deployctl.config.waves import waves
from deployctl.model.build import BuildSpec
from deployctl.model.check import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What deployctl.yaml says about one environment.

    `root` is the folder of the file; paths in the settings are relative to it. `builds` has an
    entry for every image, also for those that a service names by folder. `smoke` holds facts
    whose `url` is a path: `Check.placed` makes them absolute. `written` is the whole as it can be
    written in a file again.
    """

    project: str
    environment: str
    root: Path
    place: Environment
    builds: Mapping[str, Build]
    services: Mapping[str, Service]
    migrations: Mapping[str, Migration]
    cdn: Cdn | None
    smoke: tuple[Check, ...]
    waves: tuple[tuple[str, ...], ...]
    rollback: Rollback
    hotfix: Hotfix
    state: State
    written: File

    @property
    def digest(self) -> str:
        """sha256 (hex) of everything but the folder: equal settings have equal digests."""
        facts = {"environment": self.environment, "file": self.written.model_dump(mode="json")}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    @property
    def specs(self) -> Mapping[str, BuildSpec]:
        """What to build, by build name, with absolute paths."""
        return {
            name: BuildSpec(
                repository=build.repository,
                source=source_of(build, self.root),
                create_repository=build.create_repository,
            )
            for name, build in self.builds.items()
        }

    def build_of(self, service: str) -> str:
        """The name in `builds` of the image that a service runs."""
        owner = self.services[service].image_of or service
        return self.services[owner].build


def settled(file: File, environment: str, root: Path) -> Settings:
    """Fill in what follows from the rest: implied builds, repositories, cluster, waves."""
    file = _with_builds(file)
    place = file.environment
    if place.sandbox and not place.cluster:
        place = place.model_copy(update={"cluster": file.project})
    order = file.waves or waves({name: each.after for name, each in file.services.items()})
    written = file.model_copy(update={"environment": place, "waves": order})
    return Settings(
        project=file.project,
        environment=environment,
        root=root,
        place=place,
        builds=file.builds,
        services=file.services,
        migrations={
            name: each.model_copy(update={"command": each.argv})
            for name, each in file.migrations.items()
        },
        cdn=file.cdn,
        smoke=tuple(check_of(each) for each in file.smoke),
        waves=order,
        rollback=file.rollback,
        hotfix=file.hotfix,
        state=file.state,
        written=written,
    )


def _with_builds(file: File) -> File:
    """The file with an entry in `builds` for each folder that a service names."""
    builds = dict(file.builds)
    folders: dict[str, str] = {}
    services: dict[str, Service] = {}
    for name, service in file.services.items():
        folder = service.build
        if folder and folder not in {*file.builds, *folders}:
            folders[folder] = _free_name(folder, name, builds)
            builds[folders[folder]] = Build(context=folder)
        build = folders.get(folder, folder)
        services[name] = service.model_copy(update={"build": build})
    named = {
        name: build
        if build.repository
        else build.model_copy(update={"repository": f"{file.project}/{name}"})
        for name, build in builds.items()
    }
    return file.model_copy(update={"builds": named, "services": services})


def _free_name(folder: str, service: str, taken: Mapping[str, Build]) -> str:
    """The folder's last part, like `api` of `services/api`; the service's name if it is no name."""
    last = folder.rstrip("/").rpartition("/")[2]
    for name in (last, service):
        if NAME.fullmatch(name) and name not in taken:
            return name
    return next(
        name for count in range(2, len(taken) + 3) if (name := f"{service}-{count}") not in taken
    )
