"""Image references: which of them mean the sandbox's own registry, and what they name there."""

import re
from dataclasses import dataclass, replace

_ECR_HOST = re.compile(r"^\d{12}\.dkr[.-]ecr[.-][a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """One image: `host/repository`, with a tag or a manifest digest ("sha256:...")."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def reference(self) -> str:
        """What the registry is asked for: the digest, else the tag."""
        return self.digest or self.tag or "latest"

    @property
    def name(self) -> str:
        """The reference as people write it."""
        mark = f"@{self.digest}" if self.digest else f":{self.tag or 'latest'}"
        return f"{self.host}/{self.repository}{mark}" if self.host else f"{self.repository}{mark}"

    def on(self, host: str) -> "Ref":
        """The same image on another host."""
        return replace(self, host=host)


def parse(text: str, tag: str = "") -> Ref:
    """Read a reference; `tag` is the separate tag or digest that a pull carries."""
    text, _, digest = text.partition("@")
    host, slash, rest = text.partition("/")
    if not slash or not _is_host(host):
        host, rest = "", text
    repository, colon, own_tag = rest.rpartition(":")
    if not colon:
        repository, own_tag = rest, ""
    if tag.startswith("sha256:"):
        digest, tag = tag, ""
    return Ref(host=host, repository=repository, tag=tag or own_tag, digest=digest)


def _is_host(text: str) -> bool:
    return "." in text or ":" in text or text == "localhost"


def is_sandbox(host: str, port: int) -> bool:
    """Whether a host names the sandbox's registry: loopback at its port, or any ECR address."""
    return host in {f"127.0.0.1:{port}", f"localhost:{port}"} or bool(_ECR_HOST.match(host))


def is_ecr(host: str) -> bool:
    """Whether a host is an ECR address: it names an account and a region."""
    return bool(_ECR_HOST.match(host))
