"""A registry in memory, and the catalogue of the account it belongs to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from deployctl.model.errors import DeployError, Refused
from deployctl.ports.images import BaseImage, Packed, Repository, Stored


@dataclass(slots=True)
class Shelf:
    """One repository's content."""

    immutable: bool = True
    manifests: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def resolve(self, ref: str) -> str | None:
        digest = ref if ref.startswith("sha256:") else self.tags.get(ref, "")
        return digest if digest in self.manifests else None

    def put(self, content: bytes, media_type: str, ref: str) -> str | None:
        """The digest, or None when the tag is immutable and names another image."""
        digest = digest_of(content)
        if self.immutable and self.tags.get(ref, digest) != digest:
            return None
        self.manifests[digest] = (content, media_type)
        if not ref.startswith("sha256:"):
            self.tags[ref] = digest
        return digest


Shelves = dict[str, Shelf]


def digest_of(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


class FakeRepositories:
    """The catalogue over the shelves. `calls` remembers what would have reached AWS."""

    def __init__(self, shelves: Shelves, host: str = "registry.test") -> None:
        self.shelves = shelves
        self.host = host
        self.calls: list[str] = []
        self.trouble: DeployError | None = None

    def look(self, name: str) -> Repository | None:
        self.calls.append(f"look {name}")
        if self.trouble:
            raise self.trouble
        shelf = self.shelves.get(name)
        if shelf is None:
            return None
        return Repository(name=name, address=f"{self.host}/{name}", immutable=shelf.immutable)

    def create(self, name: str) -> Repository:
        self.calls.append(f"create {name}")
        shelf = self.shelves.setdefault(name, Shelf())
        return Repository(name=name, address=f"{self.host}/{name}", immutable=shelf.immutable)

    def find(self, name: str, ref: str) -> Stored | None:
        self.calls.append(f"find {name}:{ref}")
        shelf = self.shelves.get(name)
        digest = shelf.resolve(ref) if shelf else None
        if shelf is None or digest is None:
            return None
        tags = sorted(tag for tag, there in shelf.tags.items() if there == digest)
        return Stored(digest=digest, tags=tuple(tags))

    def missing(self, name: str) -> str:
        return f"Create it: aws ecr create-repository --repository-name {name}"


class FakeRegistry:
    """The registry's door over the same shelves. `pushed` are `name:tag`, in order."""

    def __init__(self, shelves: Shelves) -> None:
        self.shelves = shelves
        self.pushed: list[str] = []
        self.trouble: DeployError | None = None

    def push(self, address: str, packed: Packed, tags: Sequence[str]) -> str:
        if self.trouble:
            raise self.trouble
        shelf = self._shelf(address)
        for blob in packed.blobs:
            if blob.path:
                shelf.blobs[blob.digest] = Path(blob.path).read_bytes()
            elif blob.digest not in shelf.blobs:
                shelf.blobs[blob.digest] = self.shelves[blob.origin].blobs[blob.digest]
        for tag in tags:
            self._put(address, packed.manifest, packed.media_type, tag)
        return digest_of(packed.manifest)

    def tag(self, address: str, digest: str, tag: str) -> None:
        content, media_type = self._manifest(address, digest)
        self._put(address, content, media_type, tag)

    def base(self, address: str, ref: str, platform: str) -> BaseImage:
        content, _ = self._manifest(address, ref)
        manifest = json.loads(content)
        if "manifests" in manifest:
            fitting = [
                one["digest"]
                for one in manifest["manifests"]
                if f"{one['platform']['os']}/{one['platform']['architecture']}" == platform
            ]
            if not fitting:
                raise Refused(f"{address} has no image for {platform}")
            return self.base(address, fitting[0], platform)
        return BaseImage(
            repository=address.partition("/")[2],
            digest=digest_of(content),
            manifest=content,
            config=self._shelf(address).blobs[manifest["config"]["digest"]],
        )

    def labels(self, address: str, digest: str) -> Mapping[str, str]:
        manifest = json.loads(self._manifest(address, digest)[0])
        if "config" not in manifest:
            return {}
        config = json.loads(self._shelf(address).blobs[manifest["config"]["digest"]])
        return dict(config.get("config", {}).get("Labels", {}))

    def _put(self, address: str, content: bytes, media_type: str, tag: str) -> None:
        if self._shelf(address).put(content, media_type, tag) is None:
            raise Refused(f"{address}:{tag} is another image already and its tags are immutable")
        self.pushed.append(f"{address.partition('/')[2]}:{tag}")

    def _manifest(self, address: str, ref: str) -> tuple[bytes, str]:
        digest = self._shelf(address).resolve(ref)
        if digest is None:
            raise Refused(f"{address} has no image {ref}")
        return self._shelf(address).manifests[digest]

    def _shelf(self, address: str) -> Shelf:
        name = address.partition("/")[2]
        if name not in self.shelves:
            raise Refused(f"the registry has no repository {name}")
        return self.shelves[name]
