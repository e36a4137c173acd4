"""Images that another tool made are taken as they are, and only when they are whole."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from deployctl.adapters.images.workshop import Workbench
from deployctl.adapters.processes import Processes
from deployctl.model.build import OciLayout
from deployctl.model.errors import CheckFailed
from deployctl.ports.images import Job, Packed
from tests.fakes.listener import Listener
from tests.fakes.registry import digest_of

AMD = {"os": "linux", "architecture": "amd64"}
ARM = {"os": "linux", "architecture": "arm64"}
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Tree:
    """The files of an OCI layout in the making."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def blob(self, content: bytes, **more: Any) -> dict[str, Any]:
        digest = digest_of(content)
        self.files[f"blobs/sha256/{digest[7:]}"] = content
        return {"digest": digest, "size": len(content), **more}

    def image(self, text: str = "x", arch: str = "", **more: Any) -> dict[str, Any]:
        told = json.dumps({"architecture": arch, "x": text}).encode()
        config, layer = self.blob(told), self.blob(text.encode())
        manifest = {"schemaVersion": 2, "config": config, "layers": [layer, layer]}
        return self.blob(json.dumps(manifest).encode(), mediaType=MANIFEST, **more)

    def index(self, *images: Mapping[str, Any]) -> "Tree":
        self.files["index.json"] = json.dumps({"manifests": list(images)}).encode()
        return self

    def folder(self, root: Path) -> Path:
        for name, content in self.files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        return root

    def tar(self, root: Path) -> Path:
        path = root / "image.tar"
        with tarfile.open(path, "w") as tar:
            for name, content in self.files.items():
                member = tarfile.TarInfo(f"./{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return path


Writer = Callable[[Tree, Path], Path]
BOTH = pytest.mark.parametrize("write", [Tree.folder, Tree.tar])
bench = Workbench(processes=Processes({}), tell=Listener())


def packed(path: Path, platform: str = "linux/amd64") -> Packed:
    source = OciLayout(path=str(path), platform=platform)
    with bench.pack(Job(name="api", source=source, content="c", labels={})) as image:
        assert all(digest_of(Path(blob.path).read_bytes()) == blob.digest for blob in image.blobs)
        return image


@BOTH
def test_the_one_image_is_taken_byte_for_byte(tmp_path: Path, write: Writer) -> None:
    tree = Tree()
    image = tree.image(arch="amd64")
    path = write(tree.index(image), tmp_path)
    taken = packed(path)
    assert taken.digest == image["digest"] == digest_of(taken.manifest)
    assert len(taken.blobs) == 2
    content = bench.content(OciLayout(path=str(path)), "")
    assert content == bench.content(OciLayout(path=str(path)), "")


@BOTH
def test_the_platform_is_chosen_through_indexes_and_past_attestations(
    tmp_path: Path, write: Writer
) -> None:
    tree = Tree()
    amd, arm = tree.image("amd", platform=AMD), tree.image("arm", platform=ARM)
    note = tree.image("note", annotations={"vnd.docker.reference.type": "attestation-manifest"})
    inner = tree.blob(json.dumps({"manifests": [amd, note, arm]}).encode(), mediaType=INDEX)
    signature = tree.blob(b"{}", mediaType="application/vnd.example")
    path = write(tree.index(inner, signature), tmp_path)
    assert packed(path).digest == amd["digest"]
    assert packed(path, "linux/arm64/v8").digest == arm["digest"]
    with pytest.raises(CheckFailed, match=r"0 images for linux/s390x .*linux/amd64, linux/arm64"):
        packed(path, "linux/s390x")


def test_an_image_for_another_platform_is_refused(tmp_path: Path) -> None:
    tree = Tree()
    path = tree.index(tree.image(arch="arm64")).folder(tmp_path)
    with pytest.raises(CheckFailed, match="is for linux/arm64, not for linux/amd64") as caught:
        packed(path)
    assert "platform" in caught.value.hint
    assert packed(path, "linux/arm64").blobs


def test_two_images_for_one_platform_are_ambiguous(tmp_path: Path) -> None:
    tree = Tree()
    path = tree.index(tree.image("a"), tree.image("b")).folder(tmp_path)
    with pytest.raises(CheckFailed, match="2 images"):
        packed(path)


@BOTH
def test_a_damaged_blob_is_refused(tmp_path: Path, write: Writer) -> None:
    tree = Tree()
    tree.index(tree.image("layer"))
    tree.files[f"blobs/sha256/{digest_of(b'layer')[7:]}"] = b"evil!"
    with pytest.raises(CheckFailed, match="damaged"):
        packed(write(tree, tmp_path))


@BOTH
def test_a_missing_blob_is_named(tmp_path: Path, write: Writer) -> None:
    tree = Tree()
    tree.index(tree.image("layer"))
    del tree.files[f"blobs/sha256/{digest_of(b'layer')[7:]}"]
    with pytest.raises(CheckFailed, match="has no file blobs/sha256"):
        packed(write(tree, tmp_path))


@pytest.mark.parametrize("digest", ["sha256:../../../etc/passwd", "sha256:12", "", None, "md5:x"])
def test_a_name_that_is_no_digest_is_refused(tmp_path: Path, digest: str | None) -> None:
    path = Tree().index({"digest": digest, "mediaType": MANIFEST}).folder(tmp_path)
    with pytest.raises(CheckFailed, match="no sha256 digest"):
        packed(path)


def test_a_link_in_a_folder_does_not_lead_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"layer")
    tree = Tree()
    root = tree.index(tree.image("layer")).folder(tmp_path / "layout")
    blob = root / f"blobs/sha256/{digest_of(b'layer')[7:]}"
    blob.unlink()
    blob.symlink_to(outside)
    with pytest.raises(CheckFailed, match="has no file"):
        packed(root)


def test_what_is_no_image_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "index.json").write_text("{")
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "index.json").write_bytes(b" " * (5 << 20))
    for name, words in (
        ("none", "is no image"),
        ("text", "is no image"),
        ("empty", "neither"),
        ("bad", "not JSON"),
        ("big", "larger"),
    ):
        with pytest.raises(CheckFailed, match=words):
            packed(tmp_path / name)


def saved(path: Path, *, layers: Mapping[str, bytes | str], diffs: list[str]) -> Path:
    """A `docker save` tar; a text stands for a link to another layer."""
    config = json.dumps({"rootfs": {"diff_ids": diffs}, "config": {}}).encode()
    told = [{"Config": "c.json", "RepoTags": None, "Layers": list(layers)}]
    with tarfile.open(path, "w") as tar:
        for name, content in {"c.json": config, **layers}.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        manifest = json.dumps(told).encode()
        member = tarfile.TarInfo("manifest.json")
        member.size = len(manifest)
        tar.addfile(member, io.BytesIO(manifest))
    return path


def test_a_saved_image_is_compressed_the_same_way_each_time(tmp_path: Path) -> None:
    one, two = b"first layer" * 99, b"second"
    squeezed = gzip.compress(two)
    path = saved(
        tmp_path / "image.tar",
        layers={"a/layer.tar": one, "b/layer.tar": "../a/layer.tar", "c/layer.tar": squeezed},
        diffs=[digest_of(one), digest_of(one), digest_of(two)],
    )
    image = packed(path)
    layers = json.loads(image.manifest)["layers"]
    assert layers[0] == layers[1]
    assert layers[2]["digest"] == digest_of(squeezed)
    assert packed(path).digest == image.digest
    assert bench.content(OciLayout(path=str(path)), "")


def test_a_layer_that_several_images_share_is_compressed_once(tmp_path: Path) -> None:
    shared = b"base" * 999
    one, two = (
        saved(
            tmp_path / f"{name}.tar",
            layers={"base": shared, "own": name.encode()},
            diffs=[digest_of(shared), digest_of(name.encode())],
        )
        for name in ("one", "two")
    )
    first, second = packed(one).blobs[0], packed(two).blobs[0]
    assert first == second
    assert gzip.decompress(Path(first.path).read_bytes()) == shared


def test_a_saved_image_with_a_damaged_or_missing_layer_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "1.tar", layers={"l": b"evil"}, diffs=[digest_of(b"good")])
    with pytest.raises(CheckFailed, match="damaged"):
        packed(path)
    path = saved(tmp_path / "2.tar", layers={}, diffs=[digest_of(b"good")])
    with pytest.raises(CheckFailed, match="0 layers for 1"):
        packed(path)
    for target in ("../../../etc/passwd", "l", "m"):
        path = saved(tmp_path / "3.tar", layers={"l": target, "m": "l"}, diffs=["sha256:1"] * 2)
        with pytest.raises(CheckFailed, match="has no file"):
            packed(path)
