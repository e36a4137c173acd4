"""Stands in for a real Docker Engine: a unix socket that remembers what it was asked."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployctl.sandbox.engine.api import open_door
from deployctl.sandbox.engine.logs import frame
from deployctl.sandbox.engine.wire import NO_CONTENT, Answer, Call, Refusal, json_answer

ONE = "c" * 64


@dataclass(slots=True)
class DockerDouble:
    """One container, always the same; tests change the fields."""

    calls: list[Call] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    running: bool = True
    address: str = "127.0.0.1"
    ipam: dict[str, str] = field(default_factory=lambda: {"Subnet": "127.0.0.0/16"})
    exit_code: int = 0
    networks: bool = True

    def answer(self, call: Call) -> Answer:
        """As Docker would, for what the backend may send."""
        self.calls.append(call)
        what = f"{call.method} {call.path}"
        if what.endswith("/logs"):
            return Answer(status=200, kind="x/raw", stream=iter((frame(1, b"last words\n"),)))
        if what.endswith("/exec") or what == "POST /containers/create":
            return json_answer({"Id": ONE}, status=201)
        if "/exec/" in what and what.endswith("/start"):
            return Answer(status=200, stream=iter((b"output",)))
        document = self.document(what)
        return NO_CONTENT if document is None else json_answer(document)

    def document(self, what: str) -> Any:
        """The JSON answers; None for 204."""
        if what == "GET /networks/bridge":
            if not self.networks:
                raise Refusal(404, "network bridge not found")
            return {"IPAM": {"Config": [self.ipam]}}
        if what == "GET /containers/json":
            return [{"Id": ONE, "Labels": self.labels}]
        if what == "GET /version":
            return {"Version": "20.10", "ApiVersion": "1.41"}
        if what.startswith("GET /containers/"):
            return {
                "State": {"Running": self.running},
                "Config": {"Labels": self.labels},
                "NetworkSettings": {"Networks": {"bridge": {"IPAddress": self.address}}},
            }
        return {"ExitCode": self.exit_code} if what.startswith("GET ") else None

    def close(self) -> None:
        """Nothing runs."""

    def asked(self, start: str) -> list[Call]:
        """The calls that begin with a method and path."""
        return [call for call in self.calls if f"{call.method} {call.path}".startswith(start)]

    def body(self, start: str) -> dict[str, Any]:
        """The JSON body of the last such call."""
        found: dict[str, Any] = json.loads(self.asked(start)[-1].body)
        return found


@contextlib.contextmanager
def docker_double(path: Path) -> Iterator[DockerDouble]:
    """The double, listening on a socket."""
    double = DockerDouble()
    server = open_door(path, double)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
