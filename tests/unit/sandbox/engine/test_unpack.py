"""A layer is laid over the image; nothing of it leaves the image."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from deployctl.sandbox.engine.unpack import unpack_layer
from deployctl.sandbox.engine.wire import Refusal
from tests.unit.sandbox.engine.cloud_double import tar_of


def member(name: str, kind: bytes, link: str = "", mode: int = 0o755) -> tarfile.TarInfo:
    """A member without content."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def unpack(root: Path, *members: tuple[str, bytes] | tarfile.TarInfo) -> None:
    """Lay one layer of these members over `root`."""
    unpack_layer(io.BytesIO(tar_of(*members)), root)


def test_files_keep_their_time_and_rights_but_no_set_uid_bit(tmp_path: Path) -> None:
    info = member("app/run", tarfile.REGTYPE, mode=0o4755)
    info.mtime = 1_700_000_000
    unpack(tmp_path, info, member("closed", tarfile.DIRTYPE, mode=0o000), ("./a/./b", b"deep"))
    run = tmp_path / "app/run"
    assert run.stat().st_mode & 0o7777 == 0o755
    assert run.stat().st_mtime == 1_700_000_000
    assert (tmp_path / "closed").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a/b").read_bytes() == b"deep"


def test_a_packed_layer_is_recognised_by_its_bytes(tmp_path: Path) -> None:
    unpack_layer(io.BytesIO(gzip.compress(tar_of(("x", b"1")))), tmp_path)
    assert (tmp_path / "x").read_bytes() == b"1"


def test_a_later_layer_replaces_files_folders_and_links(tmp_path: Path) -> None:
    unpack(tmp_path, ("a/file", b"1"), ("b", b"2"), member("c", tarfile.SYMTYPE, "b"))
    unpack(tmp_path, ("a", b"now a file"), ("b/inner", b"now a folder"), ("c", b"now itself"))
    assert (tmp_path / "a").read_bytes() == b"now a file"
    assert (tmp_path / "b/inner").read_bytes() == b"now a folder"
    assert not (tmp_path / "c").is_symlink()


def test_whiteouts_remove_what_lower_layers_brought_and_keep_what_this_one_brings(
    tmp_path: Path,
) -> None:
    unpack(tmp_path, ("keep", b""), ("gone", b""), ("dir/old", b""), ("tree/x/y", b""))
    unpack(tmp_path, (".wh.gone", b""), ("dir/new", b""), ("dir/.wh..wh..opq", b""))
    unpack(tmp_path, (".wh.tree", b""), (".wh.never-was", b""))
    assert sorted(os.listdir(tmp_path)) == ["dir", "keep"]  # noqa: PTH208 - names are what counts
    assert [p.name for p in (tmp_path / "dir").iterdir()] == ["new"]


def test_links_stay_inside_and_absolute_ones_start_at_the_image(tmp_path: Path) -> None:
    unpack(
        tmp_path,
        ("usr/bin/real", b"program"),
        member("bin/absolute", tarfile.SYMTYPE, "/usr/bin/real"),
        member("usr/lib/relative", tarfile.SYMTYPE, "../bin/real"),
        member("hard", tarfile.LNKTYPE, "usr/bin/real"),
    )
    for name in ("bin/absolute", "usr/lib/relative", "hard"):
        assert (tmp_path / name).read_bytes() == b"program"
    assert not (tmp_path / "bin/absolute").readlink().is_absolute()


@pytest.mark.parametrize(
    "hostile",
    [
        [("../../evil", b"")],
        [("a/../../evil", b"")],
        [member("out", tarfile.SYMTYPE, "../../etc")],
        [member("hard", tarfile.LNKTYPE, "../../etc/passwd")],
        [member("hard", tarfile.LNKTYPE, "/")],
        [member("dev", tarfile.CHRTYPE)],
        [member("pipe", tarfile.FIFOTYPE)],
        [("a/.wh...", b"")],
        [("a/.wh.", b"")],
        [
            member("d1/d2/up", tarfile.SYMTYPE, "../../"),
            member("out", tarfile.SYMTYPE, "d1/d2/up/../.."),
            ("out/evil", b"x"),
        ],
    ],
    ids=lambda members: str(members[0] if isinstance(members[0], tuple) else members[0].name),
)
def test_a_hostile_layer_is_refused_and_writes_nothing_outside(
    tmp_path: Path, hostile: list[tuple[str, bytes] | tarfile.TarInfo]
) -> None:
    root = tmp_path / "one" / "two" / "image"
    root.mkdir(parents=True)
    with pytest.raises(Refusal, match="layer refused"):
        unpack(root, *hostile)
    assert list(tmp_path.rglob("evil")) == []


def test_what_is_no_tar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="not a tar archive"):
        unpack_layer(io.BytesIO(b"x" * 2048), tmp_path)
    with pytest.raises(Refusal, match="layer refused"):
        unpack_layer(io.BytesIO(gzip.compress(b"y" * 4096)[:30]), tmp_path)


def test_a_link_to_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="layer refused"):
        unpack(tmp_path, member("hard", tarfile.LNKTYPE, "nowhere"))
