"""The calls the sandbox makes to a container engine."""

from pathlib import Path

import pytest

from deployctl.model.errors import Refused, Unanswered
from deployctl.sandbox.docker_socket import DockerSocket, local_sockets
from tests.fakes.docker_engine import FakeDockerEngine, Table, listening

BRIDGE = '{"IPAM":{"Config":[{},{"Subnet":"10.9.0.0/16","Gateway":"10.9.0.1"}]}}'
NO_GATEWAY = '{"IPAM":{"Config":[{"Subnet":"10.9.0.0/16"}]}}'


def test_an_engine_that_answers_is_recognised(tmp_path: Path) -> None:
    with listening(FakeDockerEngine({"GET /version": (200, "{}")}), tmp_path / "s") as path:
        assert DockerSocket(path).answers()
    assert not DockerSocket(path).answers()


def test_a_silent_socket_is_told_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(Unanswered, match="does not answer") as caught:
        DockerSocket(str(tmp_path / "none")).ask("GET", "/version")
    assert "--backend processes" in caught.value.hint


@pytest.mark.parametrize(
    ("answers", "gateway"),
    [
        ({"GET /networks/bridge": (200, BRIDGE)}, "10.9.0.1"),
        ({"GET /networks/podman": (200, BRIDGE)}, "10.9.0.1"),
        ({"GET /networks/bridge": (200, NO_GATEWAY)}, "10.9.0.1"),
        ({"GET /networks/bridge": (200, '{"IPAM":{"Config":null}}')}, ""),
        ({}, ""),
    ],
)
def test_the_hosts_address_is_read_from_the_default_network(
    tmp_path: Path, answers: Table, gateway: str
) -> None:
    with listening(FakeDockerEngine(answers), tmp_path / "s") as path:
        assert DockerSocket(path).gateway() == gateway


def test_an_error_inside_the_news_of_a_pull_is_an_error(tmp_path: Path) -> None:
    news = '{"status":"Pulling"}\n{"error":"manifest unknown"}\n'
    with (
        listening(FakeDockerEngine({"POST /images/create": (200, news)}), tmp_path / "s") as path,
        pytest.raises(Refused, match="manifest unknown"),
    ):
        DockerSocket(path).pull("127.0.0.1:1/x", "3")


def test_a_good_pull_is_silent_and_asks_for_the_tag(tmp_path: Path) -> None:
    engine = FakeDockerEngine({"POST /images/create": (200, '{"status":"ok"}')})
    with listening(engine, tmp_path / "s") as path:
        DockerSocket(path).pull("127.0.0.1:1/x", "3")
    assert engine.asked == ["POST /images/create?fromImage=127.0.0.1%3A1%2Fx&tag=3"]


def test_an_image_that_is_not_there_gets_no_name(tmp_path: Path) -> None:
    with (
        listening(FakeDockerEngine({}), tmp_path / "s") as path,
        pytest.raises(Refused, match="no such thing"),
    ):
        DockerSocket(path).tag("x:1", repository="y", tag="2")


@pytest.mark.parametrize(("names", "gone"), [("null", True), ('["mine:1"]', False)])
def test_only_an_image_without_a_name_is_dropped(tmp_path: Path, names: str, gone: bool) -> None:
    known = f'{{"Id":"i1","RepoTags":{names}}}'
    engine = FakeDockerEngine({"GET /images/i1/json": (200, known)})
    with listening(engine, tmp_path / "s") as path:
        assert DockerSocket(path).image_id("i1") == "i1"
        assert DockerSocket(path).image_id("none") == ""
        DockerSocket(path).drop_unnamed("i1")
        DockerSocket(path).drop_unnamed("")
    assert ("DELETE /images/i1" in engine.asked) == gone


def test_containers_are_removed_by_their_label_only(tmp_path: Path) -> None:
    engine = FakeDockerEngine({"GET /containers/json": (200, '[{"Id":"a"},{"Id":"b"}]')})
    with listening(engine, tmp_path / "s") as path:
        assert DockerSocket(path).remove_containers("k=v") == 2
    assert "k%3Dv" in engine.asked[0]
    assert engine.asked[1:] == [
        "DELETE /containers/a?v=1&force=1",
        "DELETE /containers/b?v=1&force=1",
    ]


def test_only_the_images_of_one_registry_are_forgotten(tmp_path: Path) -> None:
    images = """[{"RepoTags":["127.0.0.1:1/a:1","mine:1"],"RepoDigests":["127.0.0.1:1/a@sha256:x"]},
        {"RepoTags":null,"RepoDigests":["127.0.0.1:11/b@sha256:y"]}]"""
    engine = FakeDockerEngine({"GET /images/json": (200, images)})
    with listening(engine, tmp_path / "s") as path:
        DockerSocket(path).forget_images("127.0.0.1:1")
    assert engine.asked[1:] == [
        "DELETE /images/127.0.0.1%3A1/a%3A1",
        "DELETE /images/127.0.0.1%3A1/a%40sha256%3Ax",
    ]


def test_the_users_own_engine_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(FakeDockerEngine({}), tmp_path / "s") as path:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        assert local_sockets()[0] == path
        monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere:2375")
        assert path not in local_sockets()
