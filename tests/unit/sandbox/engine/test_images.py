"""References, registry and image cache: believed only with the right digest."""

import json
import platform
from pathlib import Path

import pytest

from deployctl.sandbox.engine.images import Images, image_of
from deployctl.sandbox.engine.refs import Ref, is_sandbox, parse
from deployctl.sandbox.engine.registry import Registry
from deployctl.sandbox.engine.wire import Refusal
from tests.unit.sandbox.engine.cloud_double import INDEX, CloudDouble, digest_of, tar_of

DIGEST = "sha256:" + "a" * 64
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.fixture
def images(tmp_path: Path, cloud: CloudDouble) -> Images:
    """A cache on the double's registry."""
    return Images(tmp_path / "images", Registry(cloud.port))


@pytest.mark.parametrize(
    ("text", "tag", "ref"),
    [
        ("127.0.0.1:4/a/b:v1", "", Ref(host="127.0.0.1:4", repository="a/b", tag="v1")),
        ("localhost/shop", "", Ref(host="localhost", repository="shop")),
        (f"{ECR}/shop@{DIGEST}", "", Ref(host=ECR, repository="shop", digest=DIGEST)),
        (f"{ECR}/shop", "v2", Ref(host=ECR, repository="shop", tag="v2")),
        (f"{ECR}/shop", DIGEST, Ref(host=ECR, repository="shop", digest=DIGEST)),
        ("postgres:15-alpine", "", Ref(host="", repository="postgres", tag="15-alpine")),
        ("library/nginx", "", Ref(host="", repository="library/nginx")),
    ],
)
def test_references_are_read_as_docker_reads_them(text: str, tag: str, ref: Ref) -> None:
    assert parse(text, tag) == ref


def test_loopback_and_every_ecr_address_mean_the_sandbox_and_nothing_else_does() -> None:
    assert is_sandbox("127.0.0.1:4566", 4566)
    assert is_sandbox("localhost:4566", 4566)
    assert is_sandbox(ECR, 4566)
    assert not is_sandbox("127.0.0.1:9", 4566)
    assert not is_sandbox("", 4566)
    assert not is_sandbox("ghcr.io", 4566)


def test_a_pulled_image_is_unpacked_once_and_found_by_tag_digest_and_id(
    images: Images, cloud: CloudDouble
) -> None:
    lower, upper = tar_of(("app", b"1")), tar_of(("app", b"2"))
    digest = cloud.push("v1", lower, upper, Cmd=["x"], WorkingDir="/w")
    image = images.pull(parse(f"{cloud.host}/shop:v1"))
    assert (image.rootfs / "app").read_bytes() == b"2"
    assert (image.digest, image.words("Cmd"), image.text("WorkingDir")) == (digest, ("x",), "/w")
    cloud.blobs.clear()
    assert images.pull(parse(f"{ECR}/shop", digest)) == image
    assert image_of(images, f"localhost:{cloud.port}/shop:v1") == image
    assert image_of(images, image.id) == image


def test_a_tag_that_has_moved_counts_as_not_pulled_and_a_silent_registry_does_not(
    tmp_path: Path, cloud: CloudDouble
) -> None:
    images = Images(tmp_path, Registry(cloud.port))
    ref = parse(f"{cloud.host}/shop:v1")
    cloud.push("v1", tar_of(("app", b"1")))
    first = images.pull(ref)
    cloud.status = 503
    assert images.find(ref) == first
    cloud.status = 200
    cloud.push("v1", tar_of(("app", b"2")))
    with pytest.raises(Refusal, match="No such image") as refused:
        images.find(ref)
    assert refused.value.status == 404
    cloud.manifests.clear()
    with pytest.raises(Refusal, match="No such image"):
        images.find(ref)


def test_tags_outlive_the_engine(tmp_path: Path, cloud: CloudDouble) -> None:
    digest = cloud.push("v1", tar_of(("app", b"1")))
    images = Images(tmp_path, Registry(cloud.port))
    images.tag(images.pull(parse(f"{ECR}/shop", digest)), parse(f"{ECR}/shop:v1"))
    assert Images(tmp_path, Registry(cloud.port)).find(parse(f"{ECR}/shop:v1")).digest == digest


def test_the_ecr_host_is_passed_on_because_it_names_account_and_region(
    images: Images, cloud: CloudDouble
) -> None:
    cloud.push("v1", tar_of())
    images.pull(parse(f"{ECR}/shop:v1"))
    images.pull(parse(f"localhost:{cloud.port}/shop:v1"))
    assert set(cloud.hosts) == {ECR, cloud.host}


def test_only_the_sandbox_s_own_images_are_pulled(images: Images) -> None:
    for ask in (images.pull, images.digest):
        with pytest.raises(Refusal, match="only images of its own ECR") as refused:
            ask(parse("postgres:15"))
        assert refused.value.status == 404


def test_an_unknown_image_is_manifest_unknown(images: Images, cloud: CloudDouble) -> None:
    with pytest.raises(Refusal, match="manifest unknown") as refused:
        images.pull(parse(f"{cloud.host}/shop:nope"))
    assert refused.value.status == 404


def test_a_manifest_with_other_bytes_than_its_digest_is_refused(
    images: Images, cloud: CloudDouble
) -> None:
    cloud.manifests[DIGEST] = ("application/json", b"{}")
    with pytest.raises(Refusal, match="has digest"):
        images.pull(parse(f"{cloud.host}/shop", DIGEST))


def test_a_blob_with_other_bytes_than_its_digest_is_refused_and_leaves_nothing(
    tmp_path: Path, images: Images, cloud: CloudDouble
) -> None:
    digest = cloud.push("v1", tar_of(("app", b"1")))
    layer = json.loads(cloud.manifests["v1"][1])["layers"][0]["digest"]
    cloud.blobs[layer] = b"tampered"
    with pytest.raises(Refusal, match=f"blob {layer} has digest"):
        images.pull(parse(f"{cloud.host}/shop", digest))
    assert list((tmp_path / "images").iterdir()) == []


def test_zstd_layers_and_broken_documents_are_refused_in_words(
    images: Images, cloud: CloudDouble
) -> None:
    cloud.push("zstd", tar_of(), kind="application/vnd.oci.image.layer.v1.tar+zstd")
    with pytest.raises(Refusal, match="zstd layers are not supported"):
        images.pull(parse(f"{cloud.host}/shop:zstd"))
    for body in (b"[]", b"no json"):
        cloud.put("odd", "application/json", body)
        with pytest.raises(Refusal, match="not a JSON document"):
            images.pull(parse(f"{cloud.host}/shop:odd"))


def test_an_index_gives_the_manifest_of_this_machine_under_the_index_s_digest(
    images: Images, cloud: CloudDouble
) -> None:
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    machine = names.get(platform.machine(), platform.machine())
    mine = cloud.push("mine", tar_of(("app", b"mine")))
    other = cloud.push("other", tar_of(("app", b"other")))
    entries = [
        {"digest": other, "platform": {"os": "linux", "architecture": "riscv64"}},
        {"digest": mine, "platform": {"os": "linux", "architecture": machine}},
        {"digest": other, "platform": {"os": "unknown", "architecture": "unknown"}},
    ]
    index = cloud.put("all", INDEX, json.dumps({"manifests": entries}).encode())
    image = images.pull(parse(f"{cloud.host}/shop:all"))
    assert (image.digest, (image.rootfs / "app").read_bytes()) == (index, b"mine")
    cloud.put("lone", INDEX, json.dumps({"manifests": entries[:1]}).encode())
    assert (images.pull(parse(f"{cloud.host}/shop:lone")).rootfs / "app").read_bytes() == b"other"
    cloud.put("none", INDEX, json.dumps({"manifests": [entries[0], entries[0]]}).encode())
    with pytest.raises(Refusal, match="no matching manifest"):
        images.pull(parse(f"{cloud.host}/shop:none"))


def test_a_registry_that_is_not_there_is_named(tmp_path: Path, cloud: CloudDouble) -> None:
    images = Images(tmp_path, Registry(1))
    with pytest.raises(Refusal, match="registry does not answer"):
        images.pull(parse("127.0.0.1:1/shop:v1"))
    cloud.put("v1", "application/json", b"{}")
    cloud.status = 500
    with pytest.raises(Refusal, match="answered 500"):
        Images(tmp_path, Registry(cloud.port)).pull(parse(f"{cloud.host}/shop:v1"))


def test_the_digest_of_a_reference_is_the_registry_s_own(
    images: Images, cloud: CloudDouble
) -> None:
    digest = cloud.push("v1", tar_of())
    body = cloud.manifests["v1"][1]
    found = images.digest(parse(f"{cloud.host}/shop:v1"))
    assert found == (digest, "application/vnd.oci.image.manifest.v1+json", len(body))
    assert digest == digest_of(body)
