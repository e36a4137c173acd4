"""A client of the OCI distribution protocol: puts images into a registry and reads them back."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from deployctl.adapters.images.blobs import digest_of, parsed, short
from deployctl.adapters.images.wire import Ask, Login, Wire, complaint
from deployctl.model.errors import Refused, Unanswered
from deployctl.ports.images import BaseImage, Blob, Packed

_ACCEPT: Final = (
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json"
)
_ABSENT: Final = frozenset({404})
_BAD_REQUEST: Final = frozenset({400, 409})
_CREATED: Final = 201


class RegistryClient:
    """The registry's HTTP door; addresses are `host/name`, plain http on this machine.

    Safe for several threads. `login` gives user and password (ECR: AWS and its token); `sleep` is
    how it waits between attempts.
    """

    def __init__(self, *, login: Login, sleep: Callable[[float], None]) -> None:
        self._wire = Wire(login=login, sleep=sleep)

    def close(self) -> None:
        """Give the connections back."""
        self._wire.close()

    def push(self, address: str, packed: Packed, tags: Sequence[str]) -> str:
        """Blobs, then the manifest under each tag in order, then what the registry says it has.

        Everything may be repeated: what is there already is not sent again.
        """
        if self._digest(address, packed.digest) is None:
            for blob in packed.blobs:
                self._wire.patiently(partial(self._bring, address, blob))
        for tag in tags:
            self._put_manifest(address, packed.manifest, packed.media_type, tag)
        there = self._digest(address, tags[-1] if tags else packed.digest)
        if there != packed.digest:
            raise Refused(
                f"{address}:{tags[-1]} is {there or 'gone'} right after {packed.digest} was pushed",
                hint="Does another pipeline push the same tag? Let one of them finish first.",
            )
        return there

    def tag(self, address: str, digest: str, tag: str) -> None:
        """One more name for an image that is there."""
        manifest, media_type = self._manifest(address, digest)
        self._put_manifest(address, manifest, media_type, tag)

    def base(self, address: str, ref: str, platform: str) -> BaseImage:
        """Manifest and config of one platform's image, both checked against their digests."""
        content, _ = self._manifest(address, ref)
        manifest = parsed(content, f"the manifest of {address}@{ref}")
        if "manifests" in manifest:
            content, _ = self._manifest(address, _of_platform(address, manifest, platform))
            manifest = parsed(content, f"the manifest of {address}@{ref}")
        wanted = str(manifest.get("config", {}).get("digest", ""))
        config = self._small_blob(address, wanted)
        return BaseImage(
            repository=address.partition("/")[2],
            digest=digest_of(content),
            manifest=content,
            config=config,
        )

    def labels(self, address: str, digest: str) -> Mapping[str, str]:
        """The labels in an image's config."""
        manifest = parsed(self._manifest(address, digest)[0], f"the manifest of {address}")
        if "config" not in manifest:
            return {}
        config = parsed(self._small_blob(address, manifest["config"]["digest"]), "an image config")
        return dict((config.get("config") or {}).get("Labels") or {})

    def _digest(self, address: str, ref: str) -> str | None:
        ask = Ask(
            method="HEAD", address=address, path=f"/manifests/{ref}", headers={"Accept": _ACCEPT}
        )
        response = self._wire.patiently(lambda: self._wire.ask(ask, fine=_ABSENT))
        if response.status_code in _ABSENT:
            return None
        told = response.headers.get("docker-content-digest")
        return str(told) if told else digest_of(self._manifest(address, ref)[0])

    def _manifest(self, address: str, ref: str) -> tuple[bytes, str]:
        ask = Ask(
            method="GET", address=address, path=f"/manifests/{ref}", headers={"Accept": _ACCEPT}
        )
        response = self._wire.patiently(lambda: self._wire.ask(ask, fine=_ABSENT))
        if response.status_code in _ABSENT:
            code, _ = complaint(response)
            raise Refused(
                f"{address} has no image {ref} ({code or 404})",
                hint="Push it, or correct its name.",
            )
        if ref.startswith("sha256:") and digest_of(response.content) != ref:
            raise Unanswered(f"{address}@{ref} came damaged: {digest_of(response.content)}")
        return response.content, str(response.headers.get("content-type", ""))

    def _put_manifest(self, address: str, content: bytes, media_type: str, tag: str) -> None:
        ask = Ask(
            method="PUT",
            address=address,
            path=f"/manifests/{tag}",
            headers={"Content-Type": media_type},
            body=content,
        )
        response = self._wire.patiently(lambda: self._wire.ask(ask, fine=_BAD_REQUEST))
        if response.is_success:
            return
        there = self._digest(address, tag)
        if there is None:
            raise Refused(f"{address} refused the image: {': '.join(complaint(response))}")
        if there != digest_of(content):
            raise tag_taken(address, tag, there)

    def _bring(self, address: str, blob: Blob) -> None:
        """See to it that the repository has the blob, sending as little as possible."""
        ask = Ask(method="HEAD", address=address, path=f"/blobs/{blob.digest}")
        if self._wire.ask(ask, fine=_ABSENT).is_success:
            return
        if not blob.origin:
            self._upload(address, blob, Path(blob.path), self._begin(address))
            return
        begun = self._begin(address, mount=blob.digest, origin=blob.origin)
        if begun is None:
            return
        with tempfile.NamedTemporaryFile(prefix="deployctl-blob-") as copy:
            host = address.partition("/")[0]
            path = f"/blobs/{blob.digest}"
            origin = Ask(method="GET", address=f"{host}/{blob.origin}", path=path)
            self._wire.fetch(origin, copy.file)
            copy.flush()
            self._upload(address, blob, Path(copy.name), begun)

    def _begin(self, address: str, *, mount: str = "", origin: str = "") -> str | None:
        """Where to send the blob; None when it was mounted from `origin` and nothing is to do."""
        params = {"mount": mount, "from": origin} if mount else {}
        response = self._wire.ask(
            Ask(method="POST", address=address, path="/blobs/uploads/", params=params)
        )
        if mount and response.status_code == _CREATED:
            return None
        return str(response.headers.get("location", ""))

    def _upload(self, address: str, blob: Blob, path: Path, location: str | None) -> None:
        """One streamed PUT, whatever the size.

        Not in pieces: ECR drops all but the first PATCH of an upload (aws/containers-roadmap 2831).
        """
        if not location:
            raise Unanswered(f"the registry named no place to send {blob.digest} to")
        self._wire.ask(
            Ask(
                method="PUT",
                address=address,
                path=location,
                params={"digest": blob.digest},
                headers={"Content-Type": "application/octet-stream"},
                body=lambda: path.open("rb"),
            )
        )

    def _small_blob(self, address: str, digest: str) -> bytes:
        return self._wire.patiently(partial(self._fetched, address, digest))

    def _fetched(self, address: str, digest: str) -> bytes:
        with tempfile.TemporaryFile(prefix="deployctl-blob-") as copy:
            self._wire.fetch(Ask(method="GET", address=address, path=f"/blobs/{digest}"), copy)
            copy.seek(0)
            content = copy.read()
        if digest_of(content) != digest:
            raise Unanswered(f"blob {digest} of {address} came damaged")
        return content


def tag_taken(address: str, tag: str, there: str) -> Refused:
    """The tag is immutable and names something else."""
    name = address.partition("/")[2]
    return Refused(
        f"{address}:{tag} is another image already ({there}), and its tags are immutable",
        hint=f"Release a new commit, or use what is there: `digest: {there}`; to throw it away: "
        f"aws ecr batch-delete-image --repository-name {name} --image-ids imageTag={tag}",
    )


def _of_platform(address: str, index: Mapping[str, Any], platform: str) -> str:
    for one in index["manifests"]:
        named = one.get("platform", {})
        if f"{named.get('os')}/{named.get('architecture')}" == short(platform):
            return str(one["digest"])
    raise Refused(
        f"{address} has no image for {platform} in that index",
        hint="Set `platform:` of the build to one that the base image has.",
    )
