"""Reads manifests and blobs from the sandbox's registry and believes none without its digest."""

import hashlib
import http.client
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from deployctl.sandbox.engine.refs import Ref, is_ecr
from deployctl.sandbox.engine.wire import Refusal

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        *_INDEXES,
    )
)
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One manifest: its digest is the sha256 of exactly these bytes."""

    digest: str
    kind: str
    size: int
    document: dict[str, Any]


class Registry:
    """The registry (HTTP API v2) that the embedded cloud serves on 127.0.0.1:`port`."""

    def __init__(self, port: int, *, timeout: float = 20.0) -> None:
        self.port = port
        self._timeout = timeout

    def manifest(self, ref: Ref) -> Manifest:
        """What the reference names. Raises Refusal: 404 unknown, 500 broken or silent."""
        with self._get(ref, f"manifests/{ref.reference}") as response:
            body = response.read()
            kind = response.headers.get("Content-Type") or ""
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        if ref.digest and digest != ref.digest:
            raise Refusal(500, f"manifest of {ref.name} has digest {digest}")
        document = _object(body, ref)
        kind = str(document.get("mediaType") or kind)
        return Manifest(digest=digest, kind=kind, size=len(body), document=document)

    def image(self, ref: Ref) -> tuple[Manifest, Manifest]:
        """The named manifest, and the one for this machine (the same unless it is an index)."""
        named = self.manifest(ref)
        if named.kind not in _INDEXES and "manifests" not in named.document:
            return named, named
        entry = _for_this_machine(named.document.get("manifests") or [], ref)
        inner = Ref(host=ref.host, repository=ref.repository, digest=str(entry["digest"]))
        return named, self.manifest(inner)

    def config(self, ref: Ref, digest: str) -> dict[str, Any]:
        """The image's config blob."""
        with self._get(ref, f"blobs/{digest}") as response:
            body = response.read()
        _same(digest, hashlib.sha256(body).hexdigest(), ref)
        return _object(body, ref)

    def blob(self, ref: Ref, digest: str, into: IO[bytes]) -> None:
        """Copy a blob into a file. Raises Refusal when its bytes are not what was promised."""
        seen = hashlib.sha256()
        with self._get(ref, f"blobs/{digest}") as response:
            while piece := response.read(_PIECE):
                seen.update(piece)
                into.write(piece)
        _same(digest, seen.hexdigest(), ref)

    @contextmanager
    def _get(self, ref: Ref, what: str) -> Iterator[http.client.HTTPResponse]:
        """GET from the registry. An ECR host is passed on: it names the account and region."""
        host = ref.host if is_ecr(ref.host) else f"127.0.0.1:{self.port}"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self._timeout)
        try:
            try:
                target = f"/v2/{ref.repository}/{what}"
                line.request("GET", target, headers={"Host": host, "Accept": _ACCEPT})
                response = line.getresponse()
            except (OSError, http.client.HTTPException) as error:
                raise Refusal(500, f"the sandbox registry does not answer: {error}") from None
            if response.status != http.HTTPStatus.OK:
                raise _refusal(ref, response)
            yield response
        finally:
            line.close()


def _refusal(ref: Ref, response: http.client.HTTPResponse) -> Refusal:
    """Docker's own sentence for an unknown manifest, the registry's words for the rest."""
    words = response.read(500).decode(errors="replace")
    if response.status == http.HTTPStatus.NOT_FOUND:
        return Refusal(404, f"manifest for {ref.name} not found: manifest unknown: {words}")
    return Refusal(500, f"the registry answered {response.status} for {ref.name}: {words}")


def _object(body: bytes, ref: Ref) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Refusal(500, f"{ref.name} is not a JSON document")
    return document


def _same(promised: str, seen: str, ref: Ref) -> None:
    if promised != f"sha256:{seen}":
        raise Refusal(500, f"{ref.name}: blob {promised} has digest sha256:{seen}")


def _for_this_machine(entries: list[dict[str, Any]], ref: Ref) -> dict[str, Any]:
    """The entry for our architecture; a lone entry is taken as it is."""
    wanted = _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
    real = [e for e in entries if (e.get("platform") or {}).get("os") != "unknown"]
    for entry in real:
        found = entry.get("platform") or {}
        if found.get("os") == "linux" and found.get("architecture") == wanted:
            return entry
    if len(real) == 1:
        return real[0]
    raise Refusal(404, f"no matching manifest for linux/{wanted} in {ref.name}")
