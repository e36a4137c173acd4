"""`builds`: where an image comes from."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from deployctl.config.shape.part import Inside, Part, Text, Texts, matching, said
from deployctl.model.build import PLATFORM

_OF_DOCKERFILE = ("dockerfile", "target", "args")
_IDLE: dict[str, tuple[str, ...]] = {
    "dockerfile": (),
    "layer": _OF_DOCKERFILE,
    "oci_layout": _OF_DOCKERFILE,
    "digest": (*_OF_DOCKERFILE, "platform", "create_repository"),
}
_SOURCES = ("context", "layer", "oci_layout", "digest")
_ONE_OF = "Give exactly one of: context (a Dockerfile build), layer, oci_layout, digest."


def _absolute(text: str) -> str:
    if not text.startswith("/") or ".." in text.split("/"):
        raise said("`{name}` is not a place in the image", "", "Write an absolute path like /app.")
    return text


Platform = Annotated[
    Text, matching(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?", "Write it like linux/amd64.")
]
Repository = Annotated[
    Text,
    matching(
        r"(?=.{2,256}$)[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
        "Write the name alone, like shop/api: the environment knows the registry.",
    ),
]
Digest = Annotated[
    Text, matching(r"sha256:[0-9a-f]{64}", "Write sha256: and 64 hexadecimal digits.")
]


class Layer(Part):
    """An image without a Dockerfile and without a daemon: files and how to start them."""

    context: Inside = Field(
        description="it is the folder that the files come from", examples=["api"]
    )
    files: dict[Inside, Annotated[str, AfterValidator(_absolute)]] = Field(
        default={".": "/app"},
        description="Path in the context → absolute path in the image; its .dockerignore applies.",
        min_length=1,
    )
    base: Text = Field(
        default="", description="Image of the registry to build on: name:tag or name@digest."
    )
    entrypoint: Texts = Field(default=(), description="The program that always runs, as a list.")
    cmd: Texts = Field(
        default=(), description="Its arguments, or the program if there is no entrypoint."
    )
    env: dict[str, str] = Field(default={}, description="Environment variables; may hold $git_sha.")
    workdir: Annotated[Text, AfterValidator(_absolute)] = Field(
        default="", description="Working directory; the base's by default."
    )
    user: Text = Field(default="", description="User (and group) that it runs as, like 1000:1000.")


class Build(Part):
    """One image. Its source is a folder with a Dockerfile, a layer, an OCI layout or a digest."""

    context: Inside = Field(
        default="", description="Folder of a Dockerfile build.", examples=["api"]
    )
    dockerfile: Inside = Field(
        default="Dockerfile", description="Dockerfile, relative to the context."
    )
    target: Text = Field(
        default="", description="Stage of the Dockerfile to build; the last by default."
    )
    args: dict[str, str] = Field(default={}, description="Build arguments; may hold $git_sha.")
    layer: Layer | None = Field(
        default=None, description="Files and a start command: needs no Docker."
    )
    oci_layout: Text = Field(
        default="", description="OCI layout (folder or tar) that another tool made."
    )
    digest: Digest = Field(default="", description="An image that is in the repository already.")
    platform: Platform = Field(default=PLATFORM, description="What the tasks run on.")
    repository: Repository = Field(
        default="", description="Name in the registry; default <project>/<name>."
    )
    create_repository: bool = Field(
        default=False, description="Create the repository when it is missing."
    )

    @property
    def source(self) -> Literal["dockerfile", "layer", "oci_layout", "digest"]:
        """Which of the four kinds it is."""
        if self.layer:
            return "layer"
        if self.oci_layout:
            return "oci_layout"
        return "digest" if self.digest else "dockerfile"

    @property
    def idle(self) -> tuple[str, ...]:
        """Keys that its kind of source has no use for."""
        return _IDLE[self.source]

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        given = [key for key in _SOURCES if key in self.model_fields_set]
        if len(given) != 1:
            why = f"it names {' and '.join(given)}" if given else "it names none"
            key = given[1] if given else ""
            raise said("`{name}` must have one source", why, _ONE_OF, key=key)
        for key in self.idle:
            if key in self.model_fields_set:
                why = f"an image from `{given[0]}` has no use for it"
                raise said(f"`{{name}}` cannot have `{key}`", why, f"Delete `{key}`.", key=key)
        return self
