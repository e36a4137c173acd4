"""`environments`, and the small sections: where a release goes, and what is allowed there."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from deployctl.config.shape.part import Duration, Part, Text, Texts, matching, said
from deployctl.model.cdn_paths import complaints

_HOST = r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)"
_PORT = r":[0-9]{1,5}"
_URL = rf"https?://{_HOST}({_PORT})?(/[^\s?#]*)?"
_LIKE_A_URL = "Write it like https://shop.example."
Account = Annotated[Text, matching(r"\d{12}", 'Write the 12 digits in quotes: "222222222222".')]


def _backend(raw: object) -> object:
    if raw == "dynamodb":
        raise said(
            "the state backend `dynamodb` is not available in this version",
            "only sqlite is",
            "Write sqlite, or delete the key.",
        )
    return raw


def _paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    wrong = complaints(paths)
    if wrong:
        raise said("`{name}` cannot be invalidated", "; ".join(wrong), "Correct the paths.")
    return paths


class Environment(Part):
    """A place to release to. A sandbox needs no more than `sandbox: true`."""

    account: Account = Field(default="", description="The AWS account's 12 digits, in quotes.")
    region: Annotated[Text, matching(r"[a-z]{2}(-[a-z]+)+-\d{1,2}", "Write it like eu-west-1.")] = (
        Field(default="", description="The AWS region.")
    )
    cluster: Annotated[
        Text, matching(r"[A-Za-z0-9_-]{1,255}", "Write the cluster's name alone.", outputs=True)
    ] = Field(default="", description="The ECS cluster.")
    url: Annotated[Text, matching(_URL, _LIKE_A_URL, outputs=True)] = Field(
        default="", description="The public address that users open."
    )
    connect_to: Annotated[
        Text,
        matching(f"{_HOST}{_PORT}", "Write it like my-alb.elb.amazonaws.com:443.", outputs=True),
    ] = Field(
        default="",
        description="Load balancer (host:port) that checks connect to before the CDN is emptied.",
    )
    endpoint: Annotated[Text, matching(_URL, _LIKE_A_URL)] = Field(
        default="", description="Another address for all AWS calls (a VPC endpoint)."
    )
    registry: Annotated[
        Text, matching(f"{_HOST}({_PORT})?", "Write the host alone, without https:// and path.")
    ] = Field(default="", description="Another registry host than the account's own ECR.")
    sandbox: bool = Field(
        default=False, description="The local sandbox: account and addresses are its own."
    )


class Cdn(Part):
    """The CloudFront distribution whose cache is emptied when the new version serves."""

    distribution: Annotated[
        Text,
        matching(r"[A-Z0-9]{1,32}", "Write the distribution's id, like E1EXAMPLE.", outputs=True),
    ] = Field(default="", description="Id of the distribution.")
    paths: Annotated[Texts, AfterValidator(_paths)] = Field(
        description="these paths are invalidated", examples=['["/", "/index.html"]'], min_length=1
    )
    patience: Duration = Field(
        default="15m", validate_default=True, description="How long it may take."
    )


class State(Part):
    """Where journal and lease live."""

    backend: Annotated[Literal["sqlite"], BeforeValidator(_backend)] = Field(
        default="sqlite", description="sqlite: one file, for releases from one machine."
    )
    path: Text = Field(
        default="",
        description="Folder for them, relative to this file; the user's state folder by default.",
    )


class Rollback(Part):
    """What happens when a release goes wrong or is interrupted."""

    auto: bool = Field(default=True, description="Take a failed release back without asking.")
    on_interrupt: Literal["leave", "rollback"] = Field(
        default="leave", description="After Ctrl-C: leave what runs for `resume`, or take it back."
    )


class Hotfix(Part):
    """What `deployctl hotfix` demands."""

    require_reason: bool = Field(default=True, description="A hotfix needs --reason.")
