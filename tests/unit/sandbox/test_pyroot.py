"""The Python base image made from this machine's own Python."""

import gzip
import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from deployctl.sandbox import pyroot
from deployctl.sandbox.layer import Layer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is made on Linux only")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def layer(cache: Path) -> Layer:
    return pyroot.base_layer(lambda _: None, cache)


@pytest.fixture(scope="module")
def names(layer: Layer) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer.packed))) as tar:
        return set(tar.getnames())


def test_it_holds_python_a_shell_and_what_they_are_linked_with(names: set[str]) -> None:
    assert {"usr/local/bin/python3", "bin/sh", "etc/passwd", "tmp"} <= names
    assert any(Path(name).name.startswith("libc.") for name in names)
    assert any(Path(name).name.startswith("ld-") for name in names)


def test_it_holds_the_library_without_tests_windows_and_other_peoples_packages(
    names: set[str],
) -> None:
    home = f"usr/local/lib/python{sys.version_info.major}.{sys.version_info.minor}"
    inside = {name.removeprefix(f"{home}/") for name in names if name.startswith(f"{home}/")}
    assert {"os.py", "json/decoder.py", "site-packages"} <= inside
    unwanted = ("test/", "tkinter/", "idlelib/", "site-packages/", "ensurepip/")
    assert not [name for name in inside if name.startswith(unwanted)]


def test_it_holds_what_wheels_of_an_older_c_library_ask_for(names: set[str]) -> None:
    libraries = {Path(name).name for name in names}
    if "libc.so.6" not in libraries:
        pytest.skip("this machine's C library is not glibc")
    assert {"libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"} <= libraries


def test_the_second_time_it_comes_from_the_cache(cache: Path, layer: Layer) -> None:
    said: list[str] = []
    assert pyroot.base_layer(said.append, cache) == layer
    assert said == []


def test_a_damaged_cache_is_made_again_and_gives_the_same_bytes(cache: Path, layer: Layer) -> None:
    kept = next(cache.glob("python-*.tar.gz"))
    kept.write_bytes(b"damaged")
    said: list[str] = []
    assert pyroot.base_layer(said.append, cache) == layer
    assert len(said) == 1


def test_a_cache_that_cannot_be_written_costs_only_time(
    cache: Path, layer: Layer, tmp_path: Path
) -> None:
    closed = tmp_path / "file"
    closed.touch()
    pyroot._keep(closed / "x.tar.gz", layer)
    assert pyroot._cached(closed / "x.tar.gz") is None


def test_two_marks_make_two_images_of_one_layer(layer: Layer) -> None:
    one, two = pyroot.base_image(layer, mark="a"), pyroot.base_image(layer, mark="b")
    assert one.layers == two.layers
    assert one.config != two.config
    assert json.loads(one.config)["config"]["Cmd"] == ["python3"]


def test_the_cache_follows_the_xdg_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert pyroot.cache_folder() == tmp_path / "deployctl"
