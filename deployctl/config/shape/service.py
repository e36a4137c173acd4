"""`services` and `migrations`: what runs on ECS."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from deployctl.config.complaint import nearest
from deployctl.config.presets import PRESETS
from deployctl.config.shape.part import Duration, Part, Text, Texts, matching, said

_PLANNED_STRATEGIES = {"canary", "linear", "blue_green", "bluegreen", "blue-green"}
EcsName = Annotated[
    Text, matching(r"[A-Za-z0-9_-]{1,255}", "Use the name alone: letters, digits, - and _.")
]


def _desired(raw: object) -> object:
    fits = raw == "keep" or (isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0)
    if not fits:
        raise said("`{name}` is neither `keep` nor a number of tasks", "", "Write keep, or like 3.")
    return raw


def _strategy(raw: object) -> object:
    if raw in _PLANNED_STRATEGIES:
        raise said(
            f"the strategy `{raw}` is not available in this version",
            "only rolling is",
            "Write rolling, or delete the key.",
        )
    return raw


def _preset(raw: object) -> object:
    if isinstance(raw, str) and raw not in PRESETS:
        known = ", ".join(PRESETS)
        cure = nearest(raw, PRESETS, "Take a known one, or write `command: [...]`.")
        raise said(f"unknown preset `{raw}`", f"the presets are {known}", cure)
    return raw


class Service(Part):
    """One ECS service: which image it runs and when it is rolled."""

    build: Text = Field(
        default="", description="A name in `builds`, or a folder with a Dockerfile."
    )
    image_of: Text = Field(default="", description="Another service whose image this one runs too.")
    ecs: EcsName = Field(
        description="it is the name of the ECS service that is rolled", examples=["shop-api"]
    )
    container: Text = Field(
        default="",
        description="Container that gets the image; the only one, or the one with our name.",
    )
    after: Texts = Field(
        default=(), description="Services that must be rolled, and well, before this one."
    )
    desired: Annotated[
        Literal["keep"] | int,
        BeforeValidator(_desired),
        WithJsonSchema({"anyOf": [{"const": "keep"}, {"type": "integer", "minimum": 0}]}),
    ] = Field(default="keep", description="Number of tasks, or keep: as many as there are.")
    patience: Duration | None = Field(
        default=None,
        description="How long the rollout may take; by default it follows from the tasks.",
    )
    verify_digest: bool = Field(
        default=True,
        description="Prove that running tasks report the digest that was released.",
    )
    strategy: Annotated[Literal["rolling"], BeforeValidator(_strategy)] = Field(
        default="rolling", description="How tasks are replaced."
    )

    @model_validator(mode="after")
    def _has_one_image(self) -> Self:
        if bool(self.build) == bool(self.image_of):
            why = "it names both" if self.build else "it names neither"
            raise said(
                "`{name}` needs either `build` or `image_of`",
                why,
                "Write build: <folder>, or image_of: <another service>.",
            )
        return self


class Migration(Part):
    """A command that runs once, with the new image, before any service is rolled."""

    service: Text = Field(
        description="its image, network and secrets are those of a service", examples=["api"]
    )
    preset: Annotated[str, BeforeValidator(_preset)] = Field(
        default="", description="A known migrator.", json_schema_extra={"enum": list(PRESETS)}
    )
    command: Texts = Field(default=(), description="The command as a list, instead of a preset.")
    container: Text = Field(
        default="", description="Container that runs it; the service's by default."
    )
    env: dict[str, str] = Field(
        default={}, description="More environment variables; may hold $git_sha."
    )
    patience: Duration = Field(
        default="30m", validate_default=True, description="How long it may take."
    )

    @property
    def argv(self) -> tuple[str, ...]:
        """What runs in the container."""
        return self.command or PRESETS[self.preset]

    @model_validator(mode="after")
    def _has_one_command(self) -> Self:
        if bool(self.preset) == bool(self.command):
            why = "it names both" if self.preset else "it names neither"
            raise said(
                "`{name}` needs either `preset` or `command`",
                why,
                'Write preset: alembic, or command: ["..."].',
            )
        return self
