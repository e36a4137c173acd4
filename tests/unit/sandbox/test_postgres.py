"""Setting PostgreSQL up, where it can go wrong."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployctl.model.errors import CheckFailed
from deployctl.sandbox import postgres
from deployctl.sandbox.state import State, make_root

pytest.importorskip(postgres.WHEEL, reason="the sandbox extra is not installed")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    folder = make_root(tmp_path / "box")
    yield folder
    for left in postgres.folders_of(folder):
        shutil.rmtree(left)


def test_it_never_runs_as_root() -> None:
    user = postgres.user()
    assert user is None if os.geteuid() else user is not None and user[0] > 0


def test_its_own_words_tell_why_it_cannot_be_set_up(root: Path) -> None:
    folder = postgres.make_folder(root)
    (folder / "data").mkdir()
    (folder / "data" / "something").touch()
    with pytest.raises(CheckFailed, match=r"initdb ended with 1(?s:.*)not empty") as caught:
        postgres.create(root, folder, "secret")
    assert "--root" in caught.value.hint


def test_a_program_below_a_closed_folder_is_not_open_to_all(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    program = closed / "postgres"
    program.touch(mode=0o755)
    assert not postgres._open_to_all(program)
    assert postgres._open_to_all(Path("/bin/sh").resolve())


def test_nobody_answers_on_a_port_where_nothing_listens() -> None:
    state = State(port=1, backend="processes", docker="", socket=Path("/x"), postgres_port=1)
    assert not postgres.answers(state)


def test_a_sandbox_with_no_database_has_no_address_for_it() -> None:
    state = State(port=1, backend="processes", docker="", socket=Path("/x"))
    assert postgres.url(state) == ""
