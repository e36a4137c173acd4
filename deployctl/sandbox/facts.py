"""What a sandbox is: its settings, its parts and the addresses under which it can be reached."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ACCOUNT = "000000000000"
REGION = "us-east-1"
ACCESS_KEY = SECRET_KEY = "sandbox"  # noqa: S105 - no secret: the sandbox checks no keys
PLACEHOLDER = "sandbox/placeholder"
PYTHON = "sandbox/python"

Backend = Literal["processes", "containers"]
Choice = Literal["auto", "processes", "containers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """What a person may choose. `port` None: a free one is chosen by the system."""

    root: Path
    port: int | None = None
    backend: Choice = "auto"
    database: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process of the sandbox as it is right now.

    `alive`: the process we started still runs (never another one with its number).
    `answering`: it serves its port or socket. `uptime` is in seconds, 0 when dead.
    """

    name: str
    pid: int
    port: int | None
    alive: bool
    answering: bool
    uptime: float
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """An embedded cloud: one address for the AWS API, the registry and the load balancers.

    `database_url` is for programs of this machine, `task_database_url` for tasks; both "" when
    there is no database. `ready`: the start came to its end.
    """

    root: Path
    port: int
    backend: Backend
    socket: Path
    database_url: str = field(repr=False)
    task_database_url: str = field(repr=False)
    parts: tuple[Part, ...]
    ready: bool = True

    @property
    def endpoint(self) -> str:
        """Where every AWS call goes."""
        return f"http://{self.registry}"

    @property
    def task_endpoint(self) -> str:
        """The same address as tasks reach it."""
        host = "host.docker.internal" if self.backend == "containers" else "127.0.0.1"
        return f"http://{host}:{self.port}"

    @property
    def registry(self) -> str:
        """HOST:PORT of the image registry; it wants no login."""
        return f"127.0.0.1:{self.port}"

    @property
    def account(self) -> str:
        """The account that owns all that is in the sandbox."""
        return ACCOUNT

    @property
    def region(self) -> str:
        """The region in which everything is made."""
        return REGION

    @property
    def access_key(self) -> str:
        """A fixed key: the sandbox checks none."""
        return ACCESS_KEY

    @property
    def secret_key(self) -> str:
        """A fixed secret: the sandbox checks none."""
        return SECRET_KEY

    @property
    def placeholder_image(self) -> str:
        """An image that answers every request, for services nothing was released to yet."""
        return f"{self.registry}/{PLACEHOLDER}:1"

    @property
    def python_image(self) -> str:
        """The Python base image in the registry; "" when tasks run as plain processes."""
        return f"{self.registry}/{PYTHON}:3" if self.backend == "containers" else ""

    @property
    def healthy(self) -> bool:
        """It was fully started, and every part lives and answers."""
        return self.ready and all(part.alive and part.answering for part in self.parts)

    def part(self, name: str) -> Part | None:
        """The part of that name, if this sandbox has it."""
        return next((part for part in self.parts if part.name == name), None)

    def alb_url(self, name: str) -> str:
        """A load balancer's address that needs no DNS; the app does not see the /_alb/NAME."""
        return f"{self.endpoint}/_alb/{name}"

    def alb_host(self, name: str) -> str:
        """HOST:PORT that browsers and curl resolve by themselves; a Host header for others."""
        return f"{name}.alb.localhost:{self.port}"

    def cdn_host(self, domain: str) -> str:
        """HOST:PORT of a CloudFront distribution (by its DomainName), as `alb_host`."""
        return f"{domain.partition('.')[0]}.cloudfront.localhost:{self.port}"

    def aws_environment(self) -> dict[str, str]:
        """The variables that point any AWS tool or SDK at the sandbox."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }
