"""What runs in the image runs here: command line, environment, folder."""

import sys
from pathlib import Path

import pytest

from deployctl.sandbox.engine.images import Image
from deployctl.sandbox.engine.launch import Host, Place, command_line, environment, working_dir
from deployctl.sandbox.engine.prepare import Order, words_of
from deployctl.sandbox.engine.taskinfo import Task
from deployctl.sandbox.engine.wire import Refusal

HOST = Host(python=sys.executable, path="/usr/bin:/bin", lang="C.UTF-8")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A container's copy of an image with one program of each sort."""
    for name, text in {
        "app/main.py": "print(1)",
        "usr/local/bin/alembic": "#!/usr/local/bin/python3\n",
        "usr/bin/tool": "#!/bin/sh\n",
        "usr/local/lib/python3.11/site-packages/x.py": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    marks = {"DEPLOYCTL_SANDBOX_ROOT": "/state"}
    return Place(
        rootfs=tmp_path, address="127.9.0.2", ports={8080: 8080}, hostname="abc", marks=marks
    )


def line(place: Place, *words: str) -> tuple[str, ...]:
    """The command line here for `words` in the image."""
    env = environment((), (), place, HOST)
    return command_line(words, env=env, cwd=place.rootfs / "app", place=place, host=HOST)


@pytest.mark.parametrize("python", ["python", "python3", "python3.12", "/usr/local/bin/python3"])
def test_python_is_this_machine_s_and_paths_of_the_image_point_into_its_copy(
    place: Place, python: str
) -> None:
    assert line(place, python, "/app/main.py", "/not/there", "-v") == (
        sys.executable, str(place.rootfs / "app/main.py"), "/not/there", "-v",
    )  # fmt: skip


def test_scripts_of_the_image_are_found_on_its_path_and_run_with_this_machine_s_python(
    place: Place,
) -> None:
    alembic = str(place.rootfs / "usr/local/bin/alembic")
    assert line(place, "alembic", "upgrade") == (sys.executable, alembic, "upgrade")
    assert line(place, "/usr/local/bin/alembic") == (sys.executable, alembic)
    assert line(place, "tool") == (str(place.rootfs / "usr/bin/tool"),)
    assert line(place, "./main.py")[-1] == str(place.rootfs / "app/main.py")
    assert line(place, "/bin/sh", "-c", "true") == ("/bin/sh", "-c", "true")


@pytest.mark.parametrize("words", [(), ("no-such-program",), ("/no/such",), ("./no",)])
def test_a_command_that_is_nowhere_is_refused_in_docker_s_words(
    place: Place, words: tuple[str, ...]
) -> None:
    with pytest.raises(Refusal, match=r"not found|No command"):
        line(place, *words)


def test_the_environment_is_the_image_s_then_the_task_s_then_the_place_s(place: Place) -> None:
    image_env = ("A=image", "B=image", "PYTHONPATH=/app:/elsewhere", "LD_LIBRARY_PATH=/usr/lib")
    env = environment(image_env, ("B=task", "HOST=0.0.0.0", "EMPTY=", "U=a=b"), place, HOST)
    assert (env["A"], env["B"], env["EMPTY"], env["U"]) == ("image", "task", "", "a=b")
    assert env["HOST"] == "127.9.0.2"
    assert env["PORT"] == env["PORT_8080"] == "8080"
    assert env["HOSTNAME"] == "abc"
    assert env["DEPLOYCTL_SANDBOX_ROOT"] == "/state"
    assert "LD_LIBRARY_PATH" not in env
    assert env["PYTHONPATH"].split(":") == [
        str(place.rootfs / "app"),
        "/elsewhere",
        str(place.rootfs / "usr/local/lib/python3.11/site-packages"),
    ]
    assert env["PATH"].endswith(":/usr/bin:/bin")


def test_a_task_s_own_port_is_kept_unless_the_relay_moved_it(place: Place) -> None:
    assert environment((), ("PORT=9",), place, HOST)["PORT"] == "9"
    moved = Place(
        rootfs=place.rootfs, address="127.0.0.1", ports={8080: 40001}, hostname="h", marks={}
    )
    assert environment((), ("PORT=9",), moved, HOST)["PORT"] == "40001"
    silent = Place(rootfs=Path("/nowhere"), address="a", ports={}, hostname="h", marks={})
    env = environment((), (), silent, HOST)
    assert "PORT" not in env
    assert "PYTHONPATH" not in env


def test_the_working_folder_is_the_first_that_is_named_and_stays_in_the_image(
    place: Place,
) -> None:
    assert working_dir(place, "", "/new/dir", "/app") == place.rootfs / "new/dir"
    assert working_dir(place, "", "") == place.rootfs
    with pytest.raises(Refusal, match="leaves the image"):
        working_dir(place, "../../etc")


def test_an_entry_point_of_the_task_definition_drops_the_image_s_command(tmp_path: Path) -> None:
    config = {"Entrypoint": ["image-entry"], "Cmd": ["image-command"]}
    image = Image(id="i", digest="d", config=config, rootfs=tmp_path)
    task = Task(arn="a", cluster="c", container="web")
    own = Task(arn="a", cluster="c", container="web", entry_point=("own",))

    def words(task: Task, **wish: object) -> tuple[str, ...]:
        return words_of(Order(image=image, task=task, wish=wish))

    assert words(task) == ("image-entry", "image-command")
    assert words(task, Cmd=["x"]) == ("image-entry", "x")
    assert words(own) == ("own",)
    assert words(own, Cmd="one") == ("own", "one")
