"""The `processes` backend behind its thirteen calls, with real processes and the cloud's double."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployctl.sandbox.engine.entrance import Rules
from deployctl.sandbox.engine.launch import ROOT_MARK
from deployctl.sandbox.engine.records import KILLED
from deployctl.sandbox.engine.sweep import marked
from deployctl.sandbox.engine.wire import Refusal
from tests.unit.sandbox.engine.bench import SERVER, SLEEP, Bench
from tests.unit.sandbox.engine.cloud_double import CloudDouble


@pytest.fixture
def bench(tmp_path: Path, cloud: CloudDouble) -> Iterator[Bench]:
    """An engine whose gate waits for a second and whose drain is short."""
    bench = Bench(tmp_path, cloud, Rules(gate_seconds=1.5, drain=0.05))
    yield bench
    bench.engine.close()
    assert marked(ROOT_MARK, str(tmp_path)) == []


def test_a_container_s_life_from_pull_to_removal(bench: Bench) -> None:
    one = bench.made("import sys; print('hello'); sys.exit(3)")
    assert bench.state(one) == ("created", 0)
    assert bench.ask("POST", f"/containers/{one}/start").status == 204
    assert bench.read("POST", f"/containers/{one}/wait")["StatusCode"] == 3
    assert bench.state(one) == ("exited", 3)
    assert bench.lines(one, "&follow=1") == bench.lines(one, "&tail=5") == [b"hello\n"]
    assert bench.ask("POST", f"/containers/{one}/start").status == 304
    assert bench.ask("POST", f"/containers/{one}/stop?t=5").status == 304
    assert bench.ask("DELETE", f"/containers/{one}?force=False").status == 204
    with pytest.raises(Refusal, match="No such container"):
        bench.ask("GET", f"/containers/{one}/json")
    assert list((bench.root / "containers").iterdir()) == []


def test_a_container_is_found_by_id_short_id_and_name_and_listed_by_labels(bench: Bench) -> None:
    one = bench.made(SLEEP)
    bench.ask("POST", f"/containers/{one}/start")
    for name in (one, one[:12], "web"):
        assert bench.read("GET", f"/containers/{name}/json")["Id"] == one
    address = bench.read("GET", "/containers/web/json")["NetworkSettings"]["Networks"]["sandbox"]
    assert address["IPAddress"].startswith("127.62.")
    labels = ["com.amazonaws.ecs.container-name=web", "com.amazonaws.ecs.task-arn"]
    found = bench.read("GET", f"/containers/json?filters={json.dumps({'label': labels})}")
    assert [entry["Id"] for entry in found] == [one]
    assert bench.read("GET", '/containers/json?all=1&filters={"label":["a=b"]}') == []
    with pytest.raises(Refusal, match="filters is not"):
        bench.ask("GET", "/containers/json?filters=[")
    bench.ask("POST", "/containers/web/stop?t=1")
    address = bench.read("GET", "/containers/web/json")["NetworkSettings"]["Networks"]["sandbox"]
    assert address["IPAddress"] == ""
    assert bench.read("GET", "/containers/json") == []


def test_a_name_is_used_once_and_a_running_container_is_not_removed_by_the_way(
    bench: Bench,
) -> None:
    one = bench.made(SLEEP)
    with pytest.raises(Refusal, match="already in use") as clash:
        bench.made(SLEEP)
    assert clash.value.status == 409
    bench.ask("POST", f"/containers/{one}/start")
    with pytest.raises(Refusal, match="running container") as refused:
        bench.ask("DELETE", f"/containers/{one}?force=False")
    assert refused.value.status == 409
    assert bench.ask("DELETE", f"/containers/{one}?force=True").status == 204


def test_the_image_s_command_runs_when_nobody_names_one_and_entry_points_are_restored(
    bench: Bench,
) -> None:
    plain = bench.made(name="plain")
    bench.cloud.container = {
        "name": "web", "entryPoint": ["python3", "-c", "import os; print(os.getcwd())"],
        "workingDirectory": "/app",
    }  # fmt: skip
    restored = bench.made(name="restored")
    for one in (plain, restored):
        bench.ask("POST", f"/containers/{one}/start")
        bench.ask("POST", f"/containers/{one}/wait")
    assert bench.lines(plain) == [b"image\n"]
    assert bench.lines(restored)[0].endswith(b"/rootfs/app\n")


def test_a_service_s_task_is_held_until_its_check_passes(bench: Bench) -> None:
    serve(bench)
    one = bench.made(SERVER.replace("HOST", "os.environ['HOST']"))
    assert bench.ask("POST", f"/containers/{one}/start").status == 204
    assert bench.state(one) == ("running", 0)
    assert bench.ask("POST", f"/containers/{one}/stop?t=5").status == 204
    assert bench.state(one) == ("exited", 143)


def serve(bench: Bench) -> None:
    """Tasks belong to a service behind a target group."""
    bench.cloud.group = "service:shop"
    bench.cloud.container = {"name": "web", "portMappings": [{"containerPort": 18080}]}
    bench.cloud.balancers = [{"targetGroupArn": "tg", "containerPort": 18080}]


def test_a_service_s_task_that_never_listens_is_killed_with_its_last_words(bench: Bench) -> None:
    serve(bench)
    one = bench.made(SLEEP)
    with pytest.raises(Refusal, match=r"failed health checks for 1\.5 s.*last output: up"):
        bench.ask("POST", f"/containers/{one}/start")
    assert gone(bench, one)


def gone(bench: Bench, container: str) -> bool:
    """Whether a container, its files and its processes are no more."""
    with pytest.raises(Refusal, match="No such container"):
        bench.ask("GET", f"/containers/{container}/json")
    left = marked(ROOT_MARK, str(bench.root)) + list((bench.root / "containers").iterdir())
    return not left


def test_a_service_s_task_that_ends_in_the_gate_reports_its_exit_code(bench: Bench) -> None:
    serve(bench)
    one = bench.made("import sys; sys.exit(3)")
    assert bench.ask("POST", f"/containers/{one}/start").status == 204
    assert bench.state(one) == ("exited", 3)


def test_a_program_that_listens_everywhere_is_refused_with_the_cure(bench: Bench) -> None:
    serve(bench)
    one = bench.made(SERVER.replace("HOST", "'0.0.0.0'"))
    with pytest.raises(Refusal, match=r"must listen on \$HOST"):
        bench.ask("POST", f"/containers/{one}/start")
    assert gone(bench, one)


def test_without_a_load_balancer_the_health_command_runs_beside_the_task(bench: Bench) -> None:
    bench.cloud.group = "service:worker"
    check = ["CMD-SHELL", 'test -n "$HOST" && test localhost = "$HOST" && test -e app/x']
    bench.cloud.container = {"name": "web", "healthCheck": {"command": check}}
    one = bench.made(SLEEP)
    assert bench.ask("POST", f"/containers/{one}/start").status == 204
    bench.cloud.container = {"name": "web", "healthCheck": {"command": ["CMD", "/no/such"]}}
    two = bench.made(SLEEP, name="two")
    assert bench.ask("POST", f"/containers/{two}/start").status == 204


def test_a_killed_engine_s_containers_are_ended_and_shown_as_killed(bench: Bench) -> None:
    one = bench.made(SLEEP)
    two = bench.made(SLEEP, name="never-started")
    bench.ask("POST", f"/containers/{one}/start")
    bench.says(one, b"up")
    bench.engine = bench.fresh()  # the first engine is as good as dead: nobody asks it again
    assert marked(ROOT_MARK, str(bench.root)) == []
    assert bench.state(one) == ("exited", KILLED)
    assert bench.lines(one, "&follow=1") == [b"up\n"]
    assert bench.ask("POST", f"/containers/{one}/start").status == 304
    with pytest.raises(Refusal, match="No such container"):
        bench.ask("GET", f"/containers/{two}/json")
    assert bench.ask("DELETE", f"/containers/{one}").status == 204


def test_a_record_of_a_stranger_s_pid_kills_nobody(bench: Bench) -> None:
    one = bench.made(SLEEP)
    path = bench.root / "containers" / one / "record.json"
    record = json.loads(path.read_text()) | {"state": "running", "pid": 1, "born": "not that"}
    path.write_text(json.dumps(record))
    bench.engine = bench.fresh()
    assert bench.state(one) == ("exited", KILLED)


def test_what_the_sandbox_does_not_run_is_refused_in_words(bench: Bench) -> None:
    bench.made(name="first")
    with pytest.raises(Refusal, match="does not serve GET /info") as unknown:
        bench.ask("GET", "/info")
    assert unknown.value.status == 501
    with pytest.raises(Refusal, match="only containers of ECS tasks"):
        bench.made(name="rds", Labels={"ministack": "rds"})
    with pytest.raises(Refusal, match="No such image"):
        bench.made(name="other", Image=f"{bench.cloud.host}/shop:v2")
    with pytest.raises(Refusal, match="not found in the image"):
        bench.made(name="program", Cmd=["no-such-program"])
    assert [path.name for path in (bench.root / "containers").iterdir()] == [
        bench.read("GET", "/containers/first/json")["Id"]
    ]


def test_images_are_looked_up_and_tagged(bench: Bench) -> None:
    bench.made()
    ref = f"{bench.cloud.host}/shop:v1"
    digest = bench.read("GET", f"/distribution/{ref}/json")["Descriptor"]["digest"]
    image = bench.read("GET", f"/images/{bench.cloud.host}/shop@{digest}/json")
    assert image["RepoDigests"] == [f"{bench.cloud.host}/shop@{digest}"]
    assert bench.read("GET", f"/images/{image['Id']}/json")["RepoTags"] == []
    bench.cloud.manifests["stable"] = bench.cloud.manifests["v1"]
    target = f"/images/{image['Id']}/tag?repo={bench.cloud.host}/shop&tag=stable"
    assert bench.ask("POST", target).status == 201
    stable = bench.read("GET", f"/images/{bench.cloud.host}/shop:stable/json")
    assert stable["Id"] == image["Id"]


def test_the_emulator_finds_itself_and_the_version(bench: Bench) -> None:
    itself = bench.read("GET", "/containers/deployctl-sandbox/json")
    assert itself["NetworkSettings"]["Networks"] == {"sandbox": {"IPAddress": "127.0.0.1"}}
    assert bench.read("GET", "/version")["ApiVersion"] == "1.41"


def test_the_end_of_the_engine_stops_what_runs(bench: Bench) -> None:
    bench.cloud.group = "service:worker"
    one = bench.made(SLEEP)
    bench.ask("POST", f"/containers/{one}/start")
    bench.says(one, b"up")
    waiting = threading.Thread(target=bench.ask, args=("POST", f"/containers/{one}/wait"))
    waiting.start()
    bench.engine.close()
    waiting.join(10)
    assert bench.state(one) == ("exited", 143)
