"""What must not be sent into an image is refused before anything is built."""

from pathlib import Path

import pytest

from deployctl.adapters.images.workshop import Workbench
from deployctl.adapters.processes import Processes
from deployctl.model.build import Dockerfile, Layer
from deployctl.model.errors import CheckFailed
from tests.fakes.listener import Listener


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
    return folder


@pytest.mark.parametrize("target", ["../outside", "/etc/passwd", "pages/../../outside"])
def test_a_link_out_of_the_context_is_refused(app: Path, bench: Workbench, target: str) -> None:
    (app / "link").symlink_to(target)
    with pytest.raises(CheckFailed, match="leaves it") as caught:
        bench.content(Dockerfile(context=str(app)), "")
    assert ".dockerignore" in caught.value.hint


def test_a_link_through_a_folder_link_cannot_leave_either(app: Path, bench: Workbench) -> None:
    (app / "deep").symlink_to("pages")
    (app / "sly").symlink_to("deep/../../outside")
    with pytest.raises(CheckFailed, match="sly"):
        bench.content(Dockerfile(context=str(app)), "")


def test_links_in_a_circle_are_refused(app: Path, bench: Workbench) -> None:
    (app / "a").symlink_to("b")
    (app / "b").symlink_to("a")
    with pytest.raises(CheckFailed, match="leaves it"):
        bench.content(Dockerfile(context=str(app)), "")


@pytest.mark.parametrize("secret", [".env", "deep/.env.local", ".aws/credentials", "id_ed25519"])
def test_credentials_in_the_context_are_refused(app: Path, bench: Workbench, secret: str) -> None:
    path = app / secret
    path.parent.mkdir(exist_ok=True)
    path.write_text("AWS_SECRET_ACCESS_KEY=…")
    with pytest.raises(CheckFailed, match="credentials") as caught:
        bench.content(Dockerfile(context=str(app)), "")
    (app / ".dockerignore").write_text(caught.value.hint.rpartition(": ")[2])
    assert bench.content(Dockerfile(context=str(app)), "")


def test_a_template_of_an_env_file_is_no_secret(app: Path, bench: Workbench) -> None:
    (app / ".env.example").write_text("TOKEN=")
    assert bench.content(Dockerfile(context=str(app)), "")


def test_git_in_the_context_is_warned_of(app: Path, bench: Workbench, listener: Listener) -> None:
    (app / ".git").mkdir()
    bench.content(Layer(context=str(app)), "")
    assert "add .git to" in listener.warnings[0]
