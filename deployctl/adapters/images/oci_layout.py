"""Takes one platform's image out of an OCI layout or a `docker save` tar."""

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from deployctl.adapters.images.archive import Archive, document, opened
from deployctl.adapters.images.blobs import (
    GZIP,
    MANIFEST,
    ZSTD,
    assembled,
    digest_of,
    keep,
    parsed,
    pour,
    short,
    written,
)
from deployctl.adapters.images.pressing import Pressing
from deployctl.model.errors import CheckFailed
from deployctl.ports.images import Blob, Packed

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS: Final = (MANIFEST, "application/vnd.docker.distribution.manifest.v2+json")
_SQUEEZED: Final = ((b"\x1f\x8b", GZIP), (b"\x28\xb5\x2f\xfd", ZSTD))


def layout_digest(path: Path, platform: str) -> str:
    """What names the image's content: its manifest's digest, or its config's in a saved tar."""
    with opened(path) as archive:
        if archive.has("index.json"):
            return str(_chosen(archive, platform)["digest"])
        return digest_of(document(archive, str(_saved(archive, path)["Config"])))


def pack_layout(path: Path, platform: str, folder: Path, pressing: Pressing) -> Packed:
    """The image as it is, byte for byte; every blob is checked against its digest.

    Blobs are written to `folder`. Raises CheckFailed for a broken or ambiguous layout.
    """
    with opened(path) as archive:
        if not archive.has("index.json"):
            return pack_saved(path, platform, folder, pressing, maker="saved image")
        chosen = _chosen(archive, platform)
        content = _blob_document(archive, chosen)
        manifest = parsed(content, f"manifest {chosen['digest']}")
        named = [manifest.get("config"), *manifest.get("layers", [])]
        _refuse_other(_blob_document(archive, named[0]), platform)
        blobs = [_kept(archive, one, folder) for one in named]
    return Packed(
        digest=str(chosen["digest"]),
        manifest=content,
        media_type=str(chosen["mediaType"]),
        blobs=tuple({blob.digest: blob for blob in blobs}.values()),
        maker="OCI layout",
    )


def pack_saved(
    path: Path, platform: str, folder: Path, pressing: Pressing, *, maker: str
) -> Packed:
    """An engine's `save` tar as an OCI image: layers are compressed, its config stays as it is."""
    with opened(path) as archive:
        saved = _saved(archive, path)
        config = document(archive, str(saved["Config"]))
        told = _refuse_other(config, platform)
        wanted = told.get("rootfs", {}).get("diff_ids") or []
        names = saved["Layers"] or []
        if len(names) != len(wanted):
            raise CheckFailed(f"{path}: {len(names)} layers for {len(wanted)} in the config")
        layers = [
            _layer(archive, str(name), str(diff_id), folder, pressing)
            for name, diff_id in zip(names, wanted, strict=True)
        ]
    return assembled(written(config, folder), layers, maker=maker)


def _refuse_other(config: bytes, platform: str) -> dict[str, Any]:
    """The config, when it is for this platform: another one dies with `exec format error`."""
    told = parsed(config, "the image's config")
    wanted, here = short(platform).rpartition("/")[2], told.get("architecture", "")
    if here and here != wanted:
        raise CheckFailed(
            f"the image is for {told.get('os', 'linux')}/{here}, not for {platform}",
            hint=f"Build it for {platform}, or set `platform:` of the build "
            "(and runtimePlatform of the task definition).",
        )
    return told


def _saved(archive: Archive, path: Path) -> dict[str, Any]:
    if not archive.has("manifest.json"):
        raise CheckFailed(
            f"{path} is no image: there is neither index.json nor manifest.json in it",
            hint="Point `path:` to an OCI layout (folder or tar) or a `docker save` tar.",
        )
    images = json.loads(document(archive, "manifest.json"))
    if not isinstance(images, list) or len(images) != 1 or "Config" not in images[0]:
        raise CheckFailed(f"{path} does not hold exactly one image", hint="Save one image.")
    return dict(images[0])


def _layer(
    archive: Archive, name: str, diff_id: str, folder: Path, pressing: Pressing
) -> tuple[Blob, str]:
    """Blob and media type. What is compressed already stays as it is."""
    with archive.open(name) as stream:
        head = stream.read(4)
        stream.seek(0)
        for magic, media_type in _SQUEEZED:
            if head.startswith(magic):
                return keep(stream, folder), media_type
        return pressing.blob(diff_id, partial(pour, stream)), GZIP


def _chosen(archive: Archive, platform: str) -> dict[str, Any]:
    """The descriptor of the one image that fits."""
    images = _images(archive, parsed(document(archive, "index.json"), "index.json"), depth=0)
    fitting = [image for image in images if _platform(image) in {short(platform), ""}]
    unique = {image["digest"]: image for image in (fitting if len(images) > 1 else images)}
    if len(unique) != 1:
        there = ", ".join(sorted(_platform(image) or "unnamed" for image in images)) or "none"
        raise CheckFailed(
            f"the OCI layout holds {len(unique)} images for {platform} (there are: {there})",
            hint="Write one image into the layout, or set `platform:` to one of these.",
        )
    return dict(*unique.values())


def _images(archive: Archive, index: Mapping[str, Any], depth: int) -> list[dict[str, Any]]:
    """All image descriptors, through nested indexes; attestations are not images."""
    found: list[dict[str, Any]] = []
    for one in index.get("manifests", []):
        media_type = one.get("mediaType", MANIFEST)
        if "vnd.docker.reference.type" in one.get("annotations", {}):
            continue
        if media_type in _INDEXES and depth < 4:  # noqa: PLR2004 - deeper than anything real
            inner = parsed(_blob_document(archive, one), "an index in the layout")
            found += _images(archive, inner, depth + 1)
        elif media_type in _MANIFESTS:
            found.append({**one, "mediaType": media_type})
    return found


def _platform(image: Mapping[str, Any]) -> str:
    named = image.get("platform", {})
    return "/".join(str(named[key]) for key in ("os", "architecture") if key in named)


def _name(one: Any) -> str:
    digest = one.get("digest", "") if isinstance(one, dict) else ""
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise CheckFailed(f"the OCI layout names a blob by {digest!r}, which is no sha256 digest")
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def _blob_document(archive: Archive, one: Any) -> bytes:
    content = document(archive, _name(one))
    _check(one, digest_of(content), len(content))
    return content


def _kept(archive: Archive, one: Any, folder: Path) -> Blob:
    with archive.open(_name(one)) as stream:
        blob = keep(stream, folder)
    _check(one, blob.digest, blob.size)
    return blob


def _check(one: Mapping[str, Any], digest: str, size: int) -> None:
    if digest != one["digest"] or size != one.get("size", size):
        raise CheckFailed(
            f"blob {one['digest']} of the OCI layout is damaged: its content is {digest}",
            hint="Let your tool write the layout again.",
        )
