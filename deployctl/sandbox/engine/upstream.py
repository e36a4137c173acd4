"""The real container engine behind the `containers` backend, spoken to over its unix socket."""

import http.client
import ipaddress
import json
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from deployctl.sandbox.engine.logs import frames
from deployctl.sandbox.engine.wire import Answer, Refusal

_PASSED_ON = ("content-type", "x-registry-auth", "accept")
_PIECE = 1 << 16


class Upstream:
    """One Docker-compatible engine. Every method raises Refusal when it says no or nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def forward(
        self, method: str, target: str, *, body: bytes = b"", headers: Mapping[str, str]
    ) -> Answer:
        """Send a call on and give back the answer, streamed when the engine streams it."""
        line, response = self._send(method, target, body, headers)
        kind = response.headers.get("Content-Type") or "application/json"
        if response.headers.get("Content-Length") is None and response.status not in (204, 304):
            return Answer(status=response.status, kind=kind, stream=_pieces(line, response))
        try:
            return Answer(status=response.status, kind=kind, body=response.read())
        finally:
            line.close()

    def inspect(self, container: str) -> dict[str, Any]:
        """GET /containers/{id}/json."""
        found = self._json("GET", f"/containers/{quote(container)}/json")
        return found if isinstance(found, dict) else {}

    def labelled(self, label: str) -> list[dict[str, Any]]:
        """Every container, running or not, with a label `name=value`."""
        query = urlencode({"all": "1", "filters": json.dumps({"label": [label]})})
        found = self._json("GET", f"/containers/json?{query}")
        return found if isinstance(found, list) else []

    def gateway(self) -> str:
        """The bridge's address on this machine, "" when the engine has no such network.

        A default bridge names only its subnet; its gateway is the first host in it.
        """
        try:
            found = self._json("GET", "/networks/bridge")
        except Refusal:
            return ""
        ipam = (found.get("IPAM") or {}) if isinstance(found, dict) else {}
        for entry in ipam.get("Config") or ():
            network = ipaddress.ip_network(str(entry.get("Subnet") or "::/128"), strict=False)
            if network.version == 4:  # noqa: PLR2004 - IPv4
                return str(entry.get("Gateway") or network[1])
        return ""

    def last_words(self, container: str, lines: int) -> tuple[bytes, ...]:
        """The last lines of a container's output."""
        query = urlencode({"stdout": "1", "stderr": "1", "tail": lines})
        answer = self.forward("GET", f"/containers/{container}/logs?{query}", headers={})
        raw = b"".join(answer.stream) if answer.stream is not None else answer.body
        try:
            return tuple(line for _, line in frames(raw))
        except struct.error:
            return (raw,)

    def run(self, container: str, words: tuple[str, ...]) -> int:
        """Run a command inside a container and wait: its exit code."""
        wish = {"Cmd": list(words), "AttachStdout": True, "AttachStderr": True}
        made = self._json("POST", f"/containers/{container}/exec", wish)
        run = str(made["Id"]) if isinstance(made, dict) else ""
        answer = self._post(f"/exec/{run}/start", {"Detach": False, "Tty": False})
        for _ in answer.stream or ():
            pass
        done = self._json("GET", f"/exec/{run}/json")
        return int((done.get("ExitCode") if isinstance(done, dict) else None) or 0)

    def remove(self, container: str) -> None:
        """Kill and remove; a container that is gone already is fine."""
        self.forward("DELETE", f"/containers/{container}?force=1&v=1", headers={})

    def version(self) -> dict[str, Any]:
        """GET /version."""
        found = self._json("GET", "/version")
        return found if isinstance(found, dict) else {}

    def _post(self, target: str, document: object) -> Answer:
        body = json.dumps(document).encode()
        return self.forward("POST", target, body=body, headers={"Content-Type": "application/json"})

    def _json(self, method: str, target: str, document: object = None) -> object:
        body = json.dumps(document).encode() if document is not None else b""
        headers = {"Content-Type": "application/json"} if body else {}
        answer = self.forward(method, target, body=body, headers=headers)
        text = b"".join(answer.stream) if answer.stream is not None else answer.body
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise Refusal(answer.status, _words(text))
        return json.loads(text)

    def _send(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """One connection a call: the engine's answers may last for a container's whole life."""
        line = http.client.HTTPConnection("localhost")
        chosen = {k: v for k, v in headers.items() if k.lower() in _PASSED_ON}
        try:
            line.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.sock.connect(str(self._path))
            line.request(method, target, body=body or None, headers=chosen)
            return line, line.getresponse()
        except (OSError, http.client.HTTPException) as error:
            line.close()
            raise Refusal(500, f"the container engine at {self._path} is silent: {error}") from None


def _pieces(
    line: http.client.HTTPConnection, response: http.client.HTTPResponse
) -> Iterator[bytes]:
    try:
        while piece := response.read1(_PIECE):
            yield piece
    except (OSError, http.client.HTTPException):
        return  # the engine went away in mid-answer: what came is all there is
    finally:
        line.close()


def _words(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.decode(errors="replace")[:300]
