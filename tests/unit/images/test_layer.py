"""Without any engine: the same files give the same image, on a base or on nothing."""

import gzip
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from deployctl.adapters.images.workshop import Workbench
from deployctl.adapters.processes import Processes
from deployctl.model.build import Layer, Pinned, Source
from deployctl.model.errors import CheckFailed
from deployctl.ports.images import BaseImage, Job, Packed
from tests.fakes.listener import Listener
from tests.fakes.registry import digest_of


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "pages").mkdir(parents=True)
    (folder / "main.py").write_text("print('hello')\n")
    (folder / "start.sh").write_text("#!/bin/sh\n")
    (folder / "start.sh").chmod(0o700)
    (folder / "pages" / "index.html").write_text("<h1>shop</h1>")
    (folder / "latest").symlink_to("main.py")
    (folder / ".dockerignore").write_text("*.log\n")
    (folder / "noise.log").write_text("…")
    return folder


class Made:
    """A packed image, its files read."""

    def __init__(self, packed: Packed) -> None:
        self.packed = packed
        self.manifest = json.loads(packed.manifest)
        blobs = {blob.digest: Path(blob.path).read_bytes() for blob in packed.blobs if blob.path}
        assert all(digest_of(content) == digest for digest, content in blobs.items())
        self.config: dict[str, Any] = json.loads(blobs[self.manifest["config"]["digest"]])
        self.layer = gzip.decompress(blobs[self.manifest["layers"][-1]["digest"]])
        with tarfile.open(fileobj=io.BytesIO(self.layer)) as tar:
            self.members = {member.name: member for member in tar}


def made(source: Source, base: BaseImage | None = None) -> Made:
    bench = Workbench(processes=Processes({}), tell=Listener())
    job = Job(name="api", source=source, content="c", labels={"colour": "red"}, base=base)
    with bench.pack(job) as packed:
        return Made(packed)


def test_the_layer_holds_the_files_and_nothing_of_this_machine(app: Path) -> None:
    members = made(Layer(context=str(app))).members
    assert sorted(members) == [
        "app",
        "app/latest",
        "app/main.py",
        "app/pages",
        "app/pages/index.html",
        "app/start.sh",
    ]
    assert {(m.uid, m.gid, m.mtime, m.uname) for m in members.values()} == {(0, 0, 0, "")}
    modes = {name.removeprefix("app/"): oct(member.mode) for name, member in members.items()}
    assert (modes["main.py"], modes["start.sh"], modes["pages"]) == ("0o644", "0o755", "0o755")
    assert members["app/latest"].linkname == "main.py"


def test_the_same_files_give_the_same_digest(app: Path, tmp_path: Path) -> None:
    source = Layer(context=str(app), entrypoint=("python3", "main.py"))
    first = made(source).packed.digest
    os.utime(app / "main.py", (1, 1))
    (app / "pages").chmod(0o700)
    moved = app.rename(tmp_path / "elsewhere")
    again = Layer(context=str(moved), entrypoint=("python3", "main.py"))
    assert made(again).packed.digest == first


def test_the_config_says_how_to_run_it(app: Path) -> None:
    image = made(
        Layer(
            context=str(app),
            entrypoint=("python3",),
            command=("main.py",),
            env={"SHA": "abc"},
            workdir="/app",
            user="1000",
            platform="linux/arm64",
        )
    )
    assert (image.config["os"], image.config["architecture"]) == ("linux", "arm64")
    config = image.config["config"]
    assert (config["Entrypoint"], config["Cmd"]) == (["python3"], ["main.py"])
    assert (config["WorkingDir"], config["User"]) == ("/app", "1000")
    assert config["Labels"] == {"colour": "red"}
    assert config["Env"][-1] == "SHA=abc"
    assert config["Env"][0].startswith("PATH=")
    assert image.config["rootfs"]["diff_ids"] == [digest_of(image.layer)]
    assert image.packed.maker == "layer, no engine"


def test_files_that_are_not_there_are_named(app: Path) -> None:
    with pytest.raises(CheckFailed, match=r"noise\.log` names nothing"):
        made(Layer(context=str(app), files={"noise.log": "/x"}))


def test_files_go_where_they_are_told_to(app: Path) -> None:
    files = {"pages": "/srv/www", "main.py": "/usr/bin/shop", "start.sh": "/"}
    members = made(Layer(context=str(app), files=files)).members
    assert sorted(members) == [
        "srv",
        "srv/www",
        "srv/www/index.html",
        "start.sh",
        "usr",
        "usr/bin",
        "usr/bin/shop",
    ]


BASE_CONFIG = {
    "config": {
        "Env": ["PATH=/opt/bin", "LANG=C"],
        "Cmd": ["python3"],
        "WorkingDir": "/base",
        "Labels": {"colour": "blue", "from": "base"},
    },
    "rootfs": {"type": "layers", "diff_ids": ["sha256:d1", "sha256:d2"]},
    "history": [{"created_by": "somebody"}],
}


def base_image() -> BaseImage:
    old = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    new = "application/vnd.oci.image.layer.v1.tar+zstd"
    layers = [
        {"mediaType": old, "digest": "sha256:l1", "size": 1},
        {"mediaType": new, "digest": "sha256:l2", "size": 2},
    ]
    return BaseImage(
        repository="shop/python",
        digest="sha256:b",
        manifest=json.dumps({"layers": layers}).encode(),
        config=json.dumps(BASE_CONFIG).encode(),
    )


def test_a_base_keeps_its_layers_and_what_is_not_replaced(app: Path) -> None:
    image = made(Layer(context=str(app), env={"LANG": "en"}), base_image())
    borrowed = [blob for blob in image.packed.blobs if blob.origin]
    assert [(b.digest, b.size, b.origin) for b in borrowed] == [
        ("sha256:l1", 1, "shop/python"),
        ("sha256:l2", 2, "shop/python"),
    ]
    types = [layer["mediaType"].rpartition("+")[2] for layer in image.manifest["layers"]]
    assert types == ["gzip", "zstd", "gzip"]
    assert image.config["rootfs"]["diff_ids"][:2] == ["sha256:d1", "sha256:d2"]
    assert len(image.config["history"]) == 2
    config = image.config["config"]
    assert config["Env"] == ["PATH=/opt/bin", "LANG=en"]
    assert (config["Cmd"], config["WorkingDir"]) == (["python3"], "/base")
    assert config["Labels"] == {"colour": "red", "from": "base"}


def test_a_new_entrypoint_drops_the_command_of_the_base(app: Path) -> None:
    image = made(Layer(context=str(app), entrypoint=("/start.sh",)), base_image())
    assert "Cmd" not in image.config["config"]


def test_a_base_that_is_no_image_is_refused(app: Path) -> None:
    for manifest, config, words in ((b"{}", b"{", "not JSON"), (b"[]", b"{}", "no JSON object")):
        broken = BaseImage(repository="b", digest="b", manifest=manifest, config=config)
        with pytest.raises(CheckFailed, match=words):
            made(Layer(context=str(app)), broken)


def test_there_is_nothing_to_make_of_a_pinned_image() -> None:
    with pytest.raises(CheckFailed, match="already"):
        made(Pinned(digest="sha256:1"))
