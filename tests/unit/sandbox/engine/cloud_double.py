"""Stands in for the embedded cloud: its registry, and the four API calls that the engine makes."""

import contextlib
import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
TASK_ARN = "arn:aws:ecs:eu-west-1:111122223333:task/shop/0123456789abcdef"
LABELS = {
    "com.amazonaws.ecs.task-arn": TASK_ARN,
    "com.amazonaws.ecs.cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
    "com.amazonaws.ecs.container-name": "web",
    "com.amazonaws.ecs.task-definition-family": "shop",
    "com.amazonaws.ecs.task-definition-version": "7",
}


def digest_of(blob: bytes) -> str:
    """The digest of a blob."""
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def tar_of(*members: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    """A tar of files (name, content) and of ready-made members."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size, info.mode = len(member[1]), 0o755
            archive.addfile(info, io.BytesIO(member[1]))
    return packed.getvalue()


@dataclass(slots=True)
class CloudDouble:
    """What the double answers; tests change the fields."""

    port: int = 0
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    container: dict[str, Any] = field(default_factory=lambda: {"name": "web"})
    group: str = ""
    task_status: str = "PENDING"
    balancers: list[dict[str, Any]] = field(default_factory=list)
    target_group: dict[str, str] = field(default_factory=dict)
    status: int = 200
    hosts: list[str] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The registry's loopback name."""
        return f"127.0.0.1:{self.port}"

    def push(self, tag: str, *layers: bytes, kind: str = LAYER, **config: Any) -> str:
        """Push an image of uncompressed layers; its manifest digest."""
        settings = json.dumps({"config": config}).encode()
        packed = [gzip.compress(layer, mtime=0) for layer in layers]
        for blob in (settings, *packed):
            self.blobs[digest_of(blob)] = blob
        document = {
            "mediaType": MANIFEST,
            "config": {"digest": digest_of(settings)},
            "layers": [{"mediaType": kind, "digest": digest_of(blob)} for blob in packed],
        }
        return self.put(tag, MANIFEST, json.dumps(document).encode())

    def put(self, tag: str, kind: str, body: bytes) -> str:
        """Store a manifest under a tag and its digest."""
        self.manifests[tag] = self.manifests[digest_of(body)] = (kind, body)
        return digest_of(body)

    def registry(self, path: str) -> tuple[int, str, bytes]:
        """GET /v2/…"""
        what, _, name = path.rpartition("/")
        if what.endswith("/manifests") and name in self.manifests:
            kind, body = self.manifests[name]
            return self.status, kind, body
        if what.endswith("/blobs") and name in self.blobs:
            return self.status, "application/octet-stream", self.blobs[name]
        return 404, "application/json", b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'

    def api(self, target: str) -> tuple[int, str, bytes]:
        """POST / of ECS and of the load balancer."""
        self.asked.append(target)
        if target == "elb":
            xml = "".join(f"<{k}>{v}</{k}>" for k, v in self.target_group.items())
            return self.status, "text/xml", xml.encode()
        answers: dict[str, Any] = {
            "DescribeTaskDefinition": {
                "taskDefinition": {"containerDefinitions": [self.container]}
            },
            "DescribeTasks": {"tasks": [{"group": self.group, "lastStatus": self.task_status}]},
            "DescribeServices": {"services": [{"loadBalancers": self.balancers}]},
        }
        return self.status, "application/json", json.dumps(answers[target]).encode()


@contextlib.contextmanager
def cloud_double() -> Iterator[CloudDouble]:
    """The double, listening on 127.0.0.1."""
    cloud = CloudDouble()

    class Line(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cloud.hosts.append(self.headers["Host"])
            self.reply(*cloud.registry(self.path))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            cloud.signed.append(self.headers["Authorization"])
            self.reply(*cloud.api(self.headers.get("X-Amz-Target", ".elb").rpartition(".")[2]))

        def reply(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    cloud.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
