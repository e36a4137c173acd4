"""Image layers whose bytes depend on their content alone."""

import gzip
import io
import json
import tarfile
from pathlib import Path

from deployctl.sandbox.layer import digest, make_image, make_tar, pack
from deployctl.sandbox.placeholder import placeholder_image


def entries(tar: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {entry.name: entry for entry in archive}


def test_the_order_in_which_files_come_does_not_matter() -> None:
    one, two = ("a/x", b"1", 0o644), ("b", b"2", 0o755)
    assert make_tar([one, two]) == make_tar([two, one])


def test_folders_come_before_what_is_in_them() -> None:
    assert list(entries(make_tar([("a/b/c", b"", 0o644)]))) == ["a", "a/b", "a/b/c"]


def test_files_folders_and_links_keep_their_kind(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"words")
    made = entries(make_tar([("f", tmp_path / "f", 0o755), ("d", tmp_path, 0o1777)], {"l": "f"}))
    assert (made["f"].size, made["f"].mode, made["f"].mtime) == (5, 0o755, 0)
    assert made["d"].isdir()
    assert made["d"].mode == 0o1777
    assert (made["l"].issym(), made["l"].linkname) == (True, "f")


def test_a_folder_named_by_itself_comes_once() -> None:
    tar = make_tar([("d/x", b"", 0o644), ("d", Path("/"), 0o700)])
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        assert archive.getnames() == ["d", "d/x"]


def test_a_layer_knows_the_digest_of_what_is_packed() -> None:
    layer = pack(b"tar")
    assert gzip.decompress(layer.packed) == b"tar"
    assert layer.diff_id == digest(b"tar")
    assert layer == pack(b"tar")


def test_an_images_manifest_names_exactly_its_blobs() -> None:
    image = make_image([pack(b"1"), pack(b"2")], {"Cmd": ["x"]})
    manifest = json.loads(image.manifest)
    named = [manifest["config"]["digest"], *(one["digest"] for one in manifest["layers"])]
    assert sorted(named) == sorted(image.blobs)
    config = json.loads(image.config)
    assert config["config"] == {"Cmd": ["x"]}
    assert config["rootfs"]["diff_ids"] == [digest(b"1"), digest(b"2")]


def test_the_placeholder_holds_its_server_and_starts_it() -> None:
    image = placeholder_image()
    config = json.loads(image.config)["config"]
    assert config["Entrypoint"] == ["python3", "/placeholder/server.py"]
    assert "placeholder/server.py" in entries(gzip.decompress(image.layers[0].packed))


def test_on_a_base_the_placeholder_is_the_last_layer() -> None:
    base = pack(b"base")
    assert placeholder_image((base,)).layers[0] == base
