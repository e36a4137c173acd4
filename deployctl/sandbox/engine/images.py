"""The image cache: pulled by digest, unpacked once, found again by reference or by id."""

import contextlib
import json
import shutil
import tempfile
import threading
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from deployctl.sandbox.engine.refs import Ref, is_ecr, is_sandbox, parse
from deployctl.sandbox.engine.registry import Registry
from deployctl.sandbox.engine.unpack import unpack_layer
from deployctl.sandbox.engine.wire import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An unpacked image. `id` is the config's digest, `digest` the manifest's."""

    id: str
    digest: str
    config: dict[str, Any]
    rootfs: Path

    def words(self, key: str) -> tuple[str, ...]:
        """A list member of the image's config: Entrypoint, Cmd or Env."""
        return tuple(self.config.get(key) or ())

    def text(self, key: str) -> str:
        """A text member of the image's config: WorkingDir, StopSignal or User."""
        return str(self.config.get(key) or "")


class Images:
    """Images below `root`: one folder a manifest digest, and a table of pulled tags."""

    def __init__(self, root: Path, registry: Registry) -> None:
        self._root = root
        self._registry = registry
        self._lock = threading.Lock()
        root.mkdir(parents=True, exist_ok=True)
        self._tags_file = root / "tags.json"
        self._tags: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            self._tags = json.loads(self._tags_file.read_text())

    def digest(self, ref: Ref) -> tuple[str, str, int]:
        """Digest, media type and size of the manifest that a reference names now."""
        self._ours(ref)
        manifest = self._registry.manifest(ref)
        return manifest.digest, manifest.kind, manifest.size

    def pull(self, ref: Ref) -> Image:
        """Fetch, check and unpack an image; nothing is fetched twice. Raises Refusal."""
        self._ours(ref)
        if ref.digest and (known := self._read(ref.digest)):
            return known
        named, real = self._registry.image(ref)
        with self._lock:
            image = self._read(named.digest) or self._unpack(ref, named.digest, real.document)
        if not ref.digest:
            self.tag(image, ref)
        return image

    def find(self, ref: Ref) -> Image:
        """A pulled image. A tag that has moved in the registry since then counts as not pulled.

        Real ECS pulls before every start; a tag found only in the cache would run old code.
        Raises Refusal 404 "No such image", the text that makes the emulator pull.
        """
        digest = ref.digest or self._tags.get(_key(ref), "")
        image = self._read(digest) if digest else None
        if image is None or (not ref.digest and self._moved(ref, image.digest)):
            raise Refusal(404, f"No such image: {ref.name}")
        return image

    def by_id(self, text: str) -> Image | None:
        """The pulled image with this id (config digest), if any."""
        for folder in self._root.glob("*/image.json"):
            image = self._read(f"sha256:{folder.parent.name}")
            if image is not None and image.id == text:
                return image
        return None

    def tag(self, image: Image, ref: Ref) -> None:
        """Remember that a reference means this image."""
        with self._lock:
            self._tags[_key(ref)] = image.digest
            _write_json(self._tags_file, self._tags)

    def _moved(self, ref: Ref, digest: str) -> bool:
        try:
            return self._registry.manifest(ref).digest != digest
        except Refusal as refusal:
            return (
                refusal.status == HTTPStatus.NOT_FOUND
            )  # a silent registry does not make the cache wrong

    def _ours(self, ref: Ref) -> None:
        if not is_sandbox(ref.host, self._registry.port):
            raise Refusal(
                404,
                f"pull access denied for {ref.name}: the sandbox runs only images of its own ECR",
            )

    def _read(self, digest: str) -> Image | None:
        folder = self._root / digest.removeprefix("sha256:")
        try:
            document = json.loads((folder / "image.json").read_text())
        except (OSError, ValueError):
            return None
        return Image(
            id=document["id"], digest=digest, config=document["config"], rootfs=folder / "rootfs"
        )

    def _unpack(self, ref: Ref, digest: str, manifest: dict[str, Any]) -> Image:
        """Unpack beside the final place and rename: a half-unpacked image is never found."""
        where = Ref(host=ref.host, repository=ref.repository)
        config_digest = str((manifest.get("config") or {}).get("digest", ""))
        config = self._registry.config(where, config_digest)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._root))
        try:
            draft.chmod(0o755)
            rootfs = draft / "rootfs"
            rootfs.mkdir()
            for layer in manifest.get("layers") or ():
                self._lay(where, layer, rootfs)
            document = {"id": config_digest, "config": config.get("config") or {}}
            _write_json(draft / "image.json", document)
            final = self._root / digest.removeprefix("sha256:")
            shutil.rmtree(final, ignore_errors=True)
            draft.rename(final)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        image = self._read(digest)
        if image is None:
            raise Refusal(500, f"the unpacked image {ref.name} cannot be read back")
        return image

    def _lay(self, ref: Ref, layer: dict[str, Any], rootfs: Path) -> None:
        if "zstd" in str(layer.get("mediaType", "")):
            raise Refusal(500, "layer refused: zstd layers are not supported, push with gzip")
        with tempfile.TemporaryFile(dir=self._root) as file:
            self._registry.blob(ref, str(layer["digest"]), file)
            file.seek(0)
            unpack_layer(file, rootfs)


def image_of(images: Images, text: str) -> Image:
    """The pulled image that a path or a create call names: a reference or an id."""
    known = images.by_id(text) if text.startswith("sha256:") else None
    return known or images.find(parse(text))


def _key(ref: Ref) -> str:
    """Loopback names mean one registry; an ECR host also names account and region."""
    host = ref.host if is_ecr(ref.host) else "local"
    return f"{host}/{ref.repository}:{ref.tag or 'latest'}"


def _write_json(path: Path, document: object) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(json.dumps(document))
    draft.replace(path)
