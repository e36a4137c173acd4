"""What decides whether an image has to be built: its content, and nothing else."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from deployctl.adapters.images.workshop import Workbench
from deployctl.adapters.processes import Processes
from deployctl.model.build import (
    Dockerfile,
    Entry,
    Layer,
    OciLayout,
    Pinned,
    Sort,
    built_from,
    content_hash,
    content_tag,
    is_commit_tag,
    resolved,
)
from deployctl.model.errors import CheckFailed
from deployctl.model.release import Commit
from tests.fakes.listener import Listener

SHA = "3f9c1ab" + "0" * 33


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def bench(listener: Listener) -> Workbench:
    return Workbench(processes=Processes({}), tell=listener)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "pages").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (folder / "main.py").write_text("print('hello')\n")
    (folder / "pages" / "index.html").write_text("<h1>shop</h1>")
    return folder


def _add_file(app: Path) -> None:
    (app / "new.py").touch()


def _change_byte(app: Path) -> None:
    (app / "main.py").write_text("print('hallo')\n")


def _make_program(app: Path) -> None:
    (app / "main.py").chmod(0o755)


def _rename(app: Path) -> None:
    (app / "main.py").rename(app / "app.py")


def _change_dockerfile(app: Path) -> None:
    (app / "Dockerfile").write_text("FROM scratch\nCOPY . /srv\n")


def _add_link(app: Path) -> None:
    (app / "start").symlink_to("main.py")


def _add_empty_folder(app: Path) -> None:
    (app / "cache").mkdir()


@pytest.mark.parametrize(
    "change",
    [
        _add_file,
        _change_byte,
        _make_program,
        _rename,
        _change_dockerfile,
        _add_link,
        _add_empty_folder,
    ],
)
def test_whatever_reaches_the_image_changes_the_content(
    app: Path, bench: Workbench, change: Callable[[Path], None]
) -> None:
    source = Dockerfile(context=str(app))
    before = bench.content(source, "")
    change(app)
    assert bench.content(source, "") != before


def test_time_umask_place_and_ignored_files_do_not_count(
    app: Path, bench: Workbench, tmp_path: Path
) -> None:
    (app / ".dockerignore").write_text("# comment\n\n*.log\n.git\n")
    before = bench.content(Dockerfile(context=str(app)), "")
    os.utime(app / "main.py", (1, 1))
    (app / "main.py").chmod(0o600)
    (app / "debug.log").write_text("noise")
    (app / ".git").mkdir()
    (app / ".git" / "HEAD").write_text("ref")
    moved = app.rename(tmp_path / "elsewhere")
    assert bench.content(Dockerfile(context=str(moved)), "") == before


def test_a_socket_is_left_out(app: Path, bench: Workbench) -> None:
    before = bench.content(Dockerfile(context=str(app)), "")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(app / "s"))
        assert bench.content(Dockerfile(context=str(app)), "") == before


def test_settings_and_base_count(app: Path, bench: Workbench) -> None:
    context = str(app)
    contents = {
        bench.content(Dockerfile(context=context), ""),
        bench.content(Dockerfile(context=context), "sha256:base"),
        bench.content(Dockerfile(context=context, target="prod"), ""),
        bench.content(Dockerfile(context=context, args={"A": "1"}), ""),
        bench.content(Dockerfile(context=context, args={"A": "2"}), ""),
        bench.content(Dockerfile(context=context, platform="linux/arm64"), ""),
        bench.content(Layer(context=context), ""),
        bench.content(Layer(context=context, files={"pages": "/srv"}), ""),
    }
    assert len(contents) == 8


def test_the_placeholder_counts_not_the_commit(app: Path, bench: Workbench) -> None:
    source = Dockerfile(context=str(app), args={"GIT_SHA": "$git_sha", "V": "v-$git_sha-$$x"})
    filled = resolved(source, Commit(sha=SHA, dirty="abc"))
    assert isinstance(filled, Dockerfile)
    assert filled.args == {"GIT_SHA": f"{SHA}-dirty-abc", "V": f"v-{SHA}-dirty-abc-$x"}
    assert bench.content(filled, "") != bench.content(source, "")
    layer = resolved(Layer(context=str(app), env={"S": "$git_sha"}), Commit(sha=SHA))
    assert isinstance(layer, Layer)
    assert layer.env == {"S": SHA}
    pinned = Pinned(digest="sha256:1")
    assert resolved(pinned, Commit(sha=SHA)) is pinned


def test_the_order_in_which_files_are_found_does_not_count() -> None:
    one = Entry(path="a", sort=Sort.FILE, content="1")
    two = Entry(path="b", sort=Sort.PROGRAM, content="2")
    source = OciLayout(path="/x")
    assert content_hash(source, [one, two]) == content_hash(source, [two, one])
    assert content_tag("abc") == "ctx-abc"


def test_only_the_files_a_layer_takes_count(app: Path, bench: Workbench) -> None:
    source = Layer(context=str(app), files={"./pages/": "/srv"})
    before = bench.content(source, "")
    _change_byte(app)
    (app / ".dockerignore").write_text("nothing\n")
    assert bench.content(source, "") == before
    (app / "pages" / "index.html").write_text("<h1>sale</h1>")
    assert bench.content(source, "") != before


def test_a_dockerfile_outside_the_context_counts(app: Path, bench: Workbench) -> None:
    (app.parent / "api.Dockerfile").write_text("FROM scratch\n")
    source = Dockerfile(context=str(app), dockerfile="../api.Dockerfile")
    before = bench.content(source, "")
    (app.parent / "api.Dockerfile").write_text("FROM base\n")
    assert bench.content(source, "") != before


def test_an_ignored_dockerfile_counts_and_its_own_ignore_file_wins(
    app: Path, bench: Workbench
) -> None:
    (app / ".dockerignore").write_text("Dockerfile\n")
    (app / "Dockerfile.dockerignore").write_text("main.py\nDockerfile\n")
    source = Dockerfile(context=str(app))
    before = bench.content(source, "")
    _change_byte(app)
    assert bench.content(source, "") == before
    _change_dockerfile(app)
    assert bench.content(source, "") != before


def test_a_missing_folder_or_dockerfile_is_named(app: Path, bench: Workbench) -> None:
    with pytest.raises(CheckFailed, match="no folder"):
        bench.content(Dockerfile(context=str(app / "none")), "")
    with pytest.raises(CheckFailed, match=r"there is no prod\.Dockerfile"):
        bench.content(Dockerfile(context=str(app), dockerfile="prod.Dockerfile"), "")
    with pytest.raises(CheckFailed, match="pinned"):
        bench.content(Pinned(digest="sha256:1"), "")


def test_the_commit_an_image_was_built_from() -> None:
    other = "a" * 40
    assert is_commit_tag(SHA)
    assert is_commit_tag(f"{SHA}-dirty-12ab")
    assert not is_commit_tag("ctx-abcdef0")
    assert built_from(["ctx-1", other], ours=SHA) == other
    assert built_from([other, SHA], ours=SHA) == SHA
    assert built_from([other, SHA], ours="x", revision=SHA) == SHA
    assert built_from(["ctx-1"], ours=SHA) == SHA
    assert built_from(["ctx-1"], ours=SHA, revision=other) == other
