"""A bench for the `processes` backend: an engine on a fresh folder, asked call by call."""

import json
import sys
from pathlib import Path
from typing import Any

from deployctl.sandbox.engine.api import parse
from deployctl.sandbox.engine.entrance import Rules
from deployctl.sandbox.engine.images import Images
from deployctl.sandbox.engine.launch import Host
from deployctl.sandbox.engine.logs import frames
from deployctl.sandbox.engine.net import Addresses, Octet
from deployctl.sandbox.engine.places import OwnAddresses
from deployctl.sandbox.engine.registry import Registry
from deployctl.sandbox.engine.routes import ProcessEngine
from deployctl.sandbox.engine.taskinfo import Cloud
from deployctl.sandbox.engine.tasks import Ground, Tasks
from deployctl.sandbox.engine.wire import Answer
from tests.unit.sandbox.engine.cloud_double import LABELS, CloudDouble, tar_of

SERVER = """
import os, http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer((HOST, int(os.environ["PORT"])), Page).serve_forever()
"""
SLEEP = "print('up', flush=True); import time; time.sleep(60)"


class Bench:
    """An engine on a fresh folder, asked by method and target."""

    def __init__(self, root: Path, cloud: CloudDouble, rules: Rules) -> None:
        self.root, self.cloud, self.rules = root, cloud, rules
        cloud.push("v1", tar_of(("app/x", b"")), Cmd=["python3", "-c", "print('image')"])
        self.engine = self.fresh()

    def fresh(self) -> ProcessEngine:
        """A new engine on the same folder."""
        images = Images(self.root / "images", Registry(self.cloud.port))
        octet = Octet(self.root, 62)
        ground = Ground(
            root=self.root, images=images, cloud=Cloud(self.cloud.port),
            places=OwnAddresses(Addresses(octet, self.root / "addresses")),
            host=Host(python=sys.executable), rules=self.rules,
        )  # fmt: skip
        return ProcessEngine(Tasks(ground), images)

    def ask(self, method: str, target: str, wish: dict[str, Any] | None = None) -> Answer:
        """One call."""
        body = json.dumps(wish).encode() if wish is not None else b""
        return self.engine.answer(parse(method, target, {}, body))

    def read(self, method: str, target: str) -> Any:
        """One call's JSON answer."""
        return json.loads(self.ask(method, target).body)

    def made(self, code: str = "", *, name: str = "web", **wish: Any) -> str:
        """Pull the image and create a container that runs some Python; its id."""
        self.ask("POST", f"/images/create?fromImage={self.cloud.host}/shop&tag=v1")
        command = ["python3", "-c", code] if code else None
        image = f"{self.cloud.host}/shop:v1"
        body = {"Image": image, "Cmd": command, "Labels": LABELS, **wish}
        answer = self.ask("POST", f"/containers/create?name={name}", body)
        assert answer.status == 201
        return str(json.loads(answer.body)["Id"])

    def state(self, container: str) -> tuple[str, int]:
        """Status and exit code."""
        state = self.read("GET", f"/containers/{container}/json")["State"]
        return state["Status"], state["ExitCode"]

    def lines(self, container: str, more: str = "") -> list[bytes]:
        """The lines of a container's log."""
        answer = self.ask("GET", f"/containers/{container}/logs?stdout=1&stderr=1{more}")
        return [line for _, line in frames(b"".join(answer.stream or ()))]

    def says(self, container: str, word: bytes) -> None:
        """Wait until a container has said a word."""
        answer = self.ask("GET", f"/containers/{container}/logs?stdout=1&stderr=1&follow=1")
        assert any(word in piece for piece in answer.stream or ())
