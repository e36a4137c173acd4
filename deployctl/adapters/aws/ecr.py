"""ECR: which repositories and images an account has, and the password of its registry."""

import base64
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deployctl.adapters.aws.clients import Clients, code_of, member, translated
from deployctl.model.errors import Refused
from deployctl.ports.clock import Clock
from deployctl.ports.images import Repository, Stored

_SPARE: Final = timedelta(minutes=15)


class EcrRepositories:
    """The catalogue of one account and region.

    `override` (host:port) replaces the registry host in every address: the sandbox's registry, or
    a VPC endpoint. Safe for several threads.
    """

    def __init__(self, clients: Clients, *, clock: Clock, override: str = "") -> None:
        self._clients = clients
        self._clock = clock
        self._override = override
        self._lock = threading.RLock()
        self._token: tuple[str, str] | None = None
        self._good_until = datetime.min.replace(tzinfo=UTC)

    def look(self, name: str) -> Repository | None:
        """One DescribeRepositories."""
        try:
            with translated(f"look for the repository {name}"):
                answer = self._client().describe_repositories(repositoryNames=[name])
        except Refused as error:
            if code_of(error) == "RepositoryNotFoundException":
                return None
            raise
        return self._repository(member(answer, "repositories")[0])

    def create(self, name: str) -> Repository:
        """One CreateRepository: immutable tags, scanned on push."""
        try:
            with translated(f"create the repository {name}"):
                answer = self._client().create_repository(
                    repositoryName=name,
                    imageTagMutability="IMMUTABLE",
                    imageScanningConfiguration={"scanOnPush": True},
                )
        except Refused as error:
            if code_of(error) != "RepositoryAlreadyExistsException":
                raise
            there = self.look(name)
            if there is None:
                raise
            return there
        return self._repository(member(answer, "repository"))

    def find(self, name: str, ref: str) -> Stored | None:
        """One DescribeImages, by digest or tag; None when ECR has no such image (any more)."""
        key = "imageDigest" if ref.startswith("sha256:") else "imageTag"
        try:
            with translated(f"look for the image {name}:{ref}"):
                answer = self._client().describe_images(repositoryName=name, imageIds=[{key: ref}])
        except Refused as error:
            if code_of(error) in {"ImageNotFoundException", "RepositoryNotFoundException"}:
                return None
            raise
        details: list[dict[str, Any]] = member(answer, "imageDetails")
        usable = [one for one in details if one.get("imageStatus", "ACTIVE") == "ACTIVE"]
        if not usable:
            return None
        tags = tuple(sorted(usable[0].get("imageTags", [])))
        return Stored(digest=str(usable[0]["imageDigest"]), tags=tags)

    def missing(self, name: str) -> str:
        """The command that makes the repository."""
        return (
            f"Create it: aws ecr create-repository --repository-name {name} "
            f"--image-tag-mutability IMMUTABLE --region {self._clients.region}, "
            "or set `create_repository: true` on the build."
        )

    def login(self) -> tuple[str, str]:
        """User and password of the registry; a token is good for 12 hours and asked for once."""
        with self._lock:
            if self._token is None or self._clock.now() >= self._good_until:
                self._token = self._fresh_token()
            return self._token

    def _fresh_token(self) -> tuple[str, str]:
        with translated("log in to the registry"):
            answer = self._client().get_authorization_token()
        told = member(answer, "authorizationData")[0]
        self._good_until = told["expiresAt"] - _SPARE
        user, _, password = base64.b64decode(told["authorizationToken"]).decode().partition(":")
        return user, password

    def _repository(self, told: dict[str, Any]) -> Repository:
        name, uri = str(told["repositoryName"]), str(told["repositoryUri"])
        return Repository(
            name=name,
            address=f"{self._override}/{name}" if self._override else uri,
            immutable=str(told.get("imageTagMutability", "MUTABLE")).startswith("IMMUTABLE"),
        )

    def _client(self) -> Any:
        with self._lock:  # a boto3 session must not make two clients at once
            return self._clients.client("ecr")
