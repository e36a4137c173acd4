"""CloudFront and the fake keep the same promises: by recorded answers, and on a live emulator."""

import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployctl.adapters.aws.clients import Clients
from deployctl.adapters.aws.cloudfront import CloudFront
from deployctl.model.errors import Refused
from deployctl.ports.cdn import Cdn
from tests.fakes.cdn import FakeCdn, distribution
from tests.unit.edge.ports import free_port

PATHS = ("/", "/assets/*")


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A CDN with one distribution that serves."""

    cdn: Cdn
    distribution: str


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """MiniStack on a free port, for this module alone."""
    pytest.importorskip("ministack", reason="the sandbox extra is not installed")
    folder, port = tmp_path_factory.mktemp("emulator"), free_port()
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0"}
    environ = {"PATH": os.defpath, "HOME": str(folder), **settings}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("ministack")],
            env=environ,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _until(lambda: _answers(f"{endpoint}/_ministack/ready"))
            yield Clients(region="us-east-1", endpoint=endpoint, keys=("sandbox", "sandbox"))
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _until(question: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "the emulator does not start"
        threading.Event().wait(0.05)


@pytest.fixture
def emulated(emulator: Clients) -> Edge:
    config = {
        "CallerReference": f"{time.monotonic_ns()}",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "shop.example"}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"},
    }
    made = emulator.client("cloudfront").create_distribution(DistributionConfig=config)
    return Edge(cdn=CloudFront(emulator), distribution=made["Distribution"]["Id"])


@pytest.fixture
def faked() -> Edge:
    return Edge(cdn=FakeCdn(distributions={"E1": distribution("E1")}), distribution="E1")


@pytest.fixture(params=["emulated", "faked"])
def edge(request: pytest.FixtureRequest) -> Edge:
    found: Edge = request.getfixturevalue(request.param)
    return found


def test_a_distribution_is_seen_as_it_is(edge: Edge) -> None:
    found = edge.cdn.look(edge.distribution)
    assert found is not None
    assert (found.id, found.enabled, found.is_deployed) == (edge.distribution, True, True)
    assert found.domain.endswith(".cloudfront.net")


def test_a_distribution_that_is_not_there_is_none(edge: Edge) -> None:
    assert edge.cdn.look("ENONE") is None


def test_an_order_is_watched_until_it_is_done(edge: Edge) -> None:
    id_ = edge.cdn.invalidate(edge.distribution, PATHS, "r1/invalidate:E1")
    order = edge.cdn.invalidation(edge.distribution, id_)
    assert order.is_done
    assert set(order.paths) == set(PATHS)
    assert order.reference == "r1/invalidate:E1"


def test_the_same_order_again_is_the_same_order(edge: Edge) -> None:
    first = edge.cdn.invalidate(edge.distribution, PATHS, "r2")
    assert edge.cdn.invalidate(edge.distribution, PATHS, "r2") == first
    assert edge.cdn.invalidate(edge.distribution, PATHS, "r2-rb") != first


def test_the_same_reference_for_other_paths_is_refused_with_a_cure(edge: Edge) -> None:
    edge.cdn.invalidate(edge.distribution, PATHS, "r3")
    with pytest.raises(Refused, match="InvalidationBatchAlreadyExists") as caught:
        edge.cdn.invalidate(edge.distribution, ("/other",), "r3")
    assert "new release" in caught.value.hint


def test_an_order_is_found_by_its_reference_and_nothing_is_ordered(edge: Edge) -> None:
    assert edge.cdn.find(edge.distribution, "r4") is None
    made = edge.cdn.invalidate(edge.distribution, PATHS, "r4")
    edge.cdn.invalidate(edge.distribution, PATHS, "r5")
    assert edge.cdn.find(edge.distribution, "r4") == made
    assert edge.cdn.find(edge.distribution, "r6") is None


def test_an_order_to_nobody_is_refused(edge: Edge) -> None:
    with pytest.raises(Refused, match="NoSuchDistribution") as caught:
        edge.cdn.invalidate("ENONE", PATHS, "r7")
    assert "cdn.distribution" in caught.value.hint
    with pytest.raises(Refused):
        edge.cdn.find("ENONE", "r7")


def test_an_unknown_order_is_refused(edge: Edge) -> None:
    with pytest.raises(Refused, match="NoSuchInvalidation"):
        edge.cdn.invalidation(edge.distribution, "INONE")
