"""A small embedded cloud for the engine's contract tests: engine, emulator, images."""

import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

SERVER = """
import os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def do_GET(self):
        body = os.environ.get("VERSION", "?").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
class Server(ThreadingHTTPServer):
    request_queue_size = 256
print("booting", os.getcwd(), flush=True)
time.sleep(0.3)
server = Server((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))), Page)
def leave(*_):
    print("leaving at", time.time(), flush=True)
    threading.Thread(target=server.shutdown).start()
signal.signal(signal.SIGTERM, leave)
print("serving", flush=True)
server.serve_forever(poll_interval=0.05)
"""


def layer(files: dict[str, str]) -> bytes:
    """A reproducible layer: the same files give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text.encode()), 0o755
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def digest_of(blob: bytes) -> str:
    """The digest of a blob."""
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(question: Callable[[], object], seconds: float = 15.0) -> Any:
    """Ask until the answer is truthy; the answer."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        if answer := question():
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s: {question}"
        pause.wait(0.05)


@dataclass(slots=True)
class Cloud:
    """The engine and the emulator as two processes, and clients for the emulator."""

    home: Path
    backend: str
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    engine: "subprocess.Popen[bytes] | None" = None
    ministack: "subprocess.Popen[bytes] | None" = None

    @property
    def socket(self) -> Path:
        """The engine's socket."""
        return self.home / "e.sock"

    @property
    def root(self) -> Path:
        """The engine's state folder."""
        return self.home / "engine"

    def start_engine(self) -> None:
        """Start the engine and wait for GET /version."""
        words = [sys.executable, "-m", "deployctl.sandbox.engine", "--backend", self.backend]
        words += ["--root", str(self.root), "--socket", str(self.socket), "--trace"]
        words += ["--aws", f"http://127.0.0.1:{self.port}", *self.options]
        self.engine = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
        until(lambda: self._answers() or self.engine is None or self.engine.poll() is not None)
        assert self.engine.poll() is None, "the engine did not start"

    def start_ministack(self) -> None:
        """Start the emulator on our engine and wait until it is ready."""
        env = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - the test starts processes
            "HOME": str(self.home),
            "DOCKER_HOST": f"unix://{self.socket}",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_HOSTNAME": "deployctl-sandbox",
            "HOSTNAME": "deployctl-sandbox",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "MINISTACK_DOCKER_TIMEOUT": "60",
        }
        with (self.home / "ministack.log").open("ab") as log:
            self.ministack = subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: self._get("/_ministack/ready") == 200, 30)

    def stop(self) -> None:
        """The emulator first, then the engine, as `sandbox down` does."""
        for process in (self.ministack, self.engine):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator."""
        return boto3.client(
            service,  # type: ignore[call-overload] # any service, by name
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="000000000000",
            aws_secret_access_key="sandbox",
            config=Config(retries={"max_attempts": 0}, read_timeout=90),
        )

    def push(self, tag: str, files: dict[str, str], **config: Any) -> str:
        """Push a one-layer image to repository `shop`; its reference by tag."""
        with contextlib.suppress(self.client("ecr").exceptions.RepositoryAlreadyExistsException):
            self.client("ecr").create_repository(repositoryName="shop")
        packed = layer(files)
        settings = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": config,
                "rootfs": {"type": "layers", "diff_ids": [digest_of(gzip.decompress(packed))]},
            }
        ).encode()
        for blob in (packed, settings):
            _, headers, _ = self.call("POST", "/v2/shop/blobs/uploads/", b"")
            self.call("PUT", f"{headers['location']}?digest={digest_of(blob)}", blob)
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "size": len(settings), "digest": digest_of(settings)},
            "layers": [{"mediaType": LAYER, "size": len(packed), "digest": digest_of(packed)}],
        }
        body = json.dumps(manifest).encode()
        status, _, _ = self.call("PUT", f"/v2/shop/manifests/{tag}", body, kind=MANIFEST)
        assert status == 201
        return f"127.0.0.1:{self.port}/shop:{tag}"

    def call(
        self, method: str, target: str, body: bytes, *, kind: str = "application/octet-stream"
    ) -> tuple[int, dict[str, str], bytes]:
        """One plain HTTP call to the emulator."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request(method, target, body=body, headers={"Content-Type": kind})
        response = line.getresponse()
        answer = response.read()
        line.close()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, answer

    def _get(self, target: str) -> int:
        try:
            return self.call("GET", target, b"")[0]
        except OSError:
            return 0

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.socket))
                line.sendall(b"GET /version HTTP/1.1\r\nHost: engine\r\n\r\n")
                return line.recv(64).startswith(b"HTTP/1.1 200")
            except OSError:
                return False
