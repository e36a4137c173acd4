"""Containers or plain processes."""

import sys
from pathlib import Path

import pytest

from deployctl.model.errors import CheckFailed
from deployctl.sandbox.backend import NOT_ISOLATED, choose
from tests.fakes.docker_engine import FakeDockerEngine, Table, listening


def engine_at(gateway: str) -> Table:
    network = f'{{"IPAM":{{"Config":[{{"Gateway":"{gateway}"}}]}}}}'
    return {"GET /version": (200, "{}"), "GET /networks/bridge": (200, network)}


OURS, FAR, NONE = engine_at("127.0.0.1"), engine_at("192.0.2.1"), engine_at("")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="containers are for Linux only")


def test_processes_are_said_once_to_be_not_isolated() -> None:
    said: list[str] = []
    assert choose("processes", said.append) == ("processes", "")
    assert said == [NOT_ISOLATED]


def test_an_engine_of_this_machine_is_taken(tmp_path: Path) -> None:
    said: list[str] = []
    with listening(FakeDockerEngine(OURS), tmp_path / "s") as path:
        assert choose("auto", said.append, lambda: [path]) == ("containers", path)
    assert path in said[0]


@pytest.mark.parametrize("answers", [FAR, NONE])
def test_an_engine_whose_containers_cannot_be_reached_is_not(
    tmp_path: Path, answers: Table
) -> None:
    said: list[str] = []
    with listening(FakeDockerEngine(answers), tmp_path / "s") as path:
        assert choose("auto", said.append, lambda: [path]) == ("processes", "")
    assert "not on a network of this machine" in said[0]
    assert NOT_ISOLATED in said[0]


def test_with_no_engine_containers_are_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="no Docker-compatible engine") as caught:
        choose("containers", print, lambda: [str(tmp_path / "dead")])
    assert "--backend processes" in caught.value.hint
