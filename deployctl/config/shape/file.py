"""The whole of deployctl.yaml as it counts in one environment."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from deployctl.config.shape.build import Build
from deployctl.config.shape.environment import Cdn, Environment, Hotfix, Rollback, State
from deployctl.config.shape.part import Name, Part, Text
from deployctl.config.shape.service import Migration, Service
from deployctl.config.shape.smoke import Smoke


def _listed(raw: object) -> object:
    return tuple(raw) if isinstance(raw, list) else raw


class File(Part):
    """All sections, with the chosen environment as `environment`."""

    version: Literal[1] = Field(default=1, description="Version of the file's format.")
    project: Name = Field(
        description="repositories and records are named after it", examples=["shop"]
    )
    state: State = Field(default=State(), description="Where journal and lease live.")
    builds: dict[Name, Build] = Field(
        default={},
        description="Images, by name. A service with `build: folder` needs no entry here.",
    )
    services: dict[Name, Service] = Field(
        description="without services there is nothing to release",
        examples=["{api: {build: api, ecs: shop-api}}"],
        min_length=1,
    )
    migrations: dict[Name, Migration] = Field(
        default={}, description="Database migrations, by name; they run before the first wave."
    )
    cdn: Cdn | None = Field(default=None, description="The CDN in front.")
    smoke: Annotated[tuple[Smoke, ...], BeforeValidator(_listed)] = Field(
        default=(), description="Questions that the running release must answer well."
    )
    waves: Annotated[
        tuple[Annotated[tuple[Text, ...], BeforeValidator(_listed)], ...], BeforeValidator(_listed)
    ] = Field(
        default=(),
        description="Services that roll at once, wave by wave; `after` decides otherwise.",
    )
    rollback: Rollback = Field(default=Rollback(), description="When a release goes wrong.")
    hotfix: Hotfix = Field(default=Hotfix(), description="What a hotfix demands.")
    environment: Environment = Field(description="The place.")
