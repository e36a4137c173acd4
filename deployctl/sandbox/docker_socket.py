"""The few calls of the Docker Engine API the sandbox itself makes, over a unix socket."""

import http.client
import ipaddress
import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from deployctl.model.errors import Refused, Unanswered

_BRIDGES = ("bridge", "podman")


class DockerSocket:
    """A Docker-compatible engine (Docker, Podman, ours) behind the unix socket `path`."""

    def __init__(self, path: str, *, timeout: float = 5) -> None:
        self.path = path
        self._timeout = timeout

    def ask(
        self, method: str, path: str, *, timeout: float = 0, query: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request: (status, body). Raises Unanswered when nobody answers in time."""
        connection = http.client.HTTPConnection("localhost")
        line = connection.sock = socket.socket(socket.AF_UNIX)
        line.settimeout(timeout or self._timeout)
        try:
            line.connect(self.path)
            connection.request(method, f"{path}?{urlencode(query)}" if query else path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(
                f"the container engine at {self.path} does not answer: {error}",
                hint="Start it, or use plain processes: deployctl sandbox up --backend processes",
            ) from error
        finally:
            connection.close()

    def answers(self) -> bool:
        """Somebody at the socket speaks the Engine API."""
        with suppress(Unanswered):
            return self.ask("GET", "/version", timeout=2)[0] == http.HTTPStatus.OK
        return False

    def gateway(self) -> str:
        """The host's address on the engine's default network; "" when it tells none."""
        for name in _BRIDGES:
            status, body = self.ask("GET", f"/networks/{name}")
            if status != http.HTTPStatus.OK:
                continue
            plans: list[dict[str, Any]] = json.loads(body).get("IPAM", {}).get("Config") or []
            return next(filter(None, map(_gateway, plans)), "")
        return ""

    def image_id(self, reference: str) -> str:
        """The id of an image by its name; "" when the engine does not hold it."""
        return str(self._image(reference).get("Id", ""))

    def drop_unnamed(self, image: str) -> None:
        """Remove an image by its id, unless a name, a container or another image still needs it."""
        if image and not self._image(image).get("RepoTags"):
            self.ask("DELETE", f"/images/{quote(image)}", timeout=30)

    def _image(self, reference: str) -> dict[str, Any]:
        status, body = self.ask("GET", f"/images/{quote(reference)}/json")
        found: dict[str, Any] = json.loads(body) if status == http.HTTPStatus.OK else {}
        return found

    def pull(self, repository: str, tag: str) -> None:
        """Fetch an image. Raises Refused with the engine's own words."""
        query = {"fromImage": repository, "tag": tag}
        status, body = self.ask("POST", "/images/create", timeout=120, query=query)
        news = [json.loads(line) for line in body.splitlines() if line.strip()]
        wrong = next((str(one["error"]) for one in news if "error" in one), "")
        if status != http.HTTPStatus.OK or wrong:
            raise Refused(f"the container engine cannot fetch {repository}:{tag}: {wrong or news}")

    def tag(self, reference: str, *, repository: str, tag: str) -> None:
        """Give an image another name. Raises Refused when the engine does not have it."""
        query = {"repo": repository, "tag": tag}
        status, body = self.ask("POST", f"/images/{quote(reference)}/tag", query=query)
        if status != http.HTTPStatus.CREATED:
            raise Refused(f"the container engine cannot tag {reference}: {body.decode()}")

    def forget_images(self, registry: str) -> None:
        """Drop the names of all images of a registry; content stays while another name holds it."""
        status, body = self.ask("GET", "/images/json")
        images: list[dict[str, Any]] = json.loads(body) if status == http.HTTPStatus.OK else []
        for image in images:
            names = [*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ())]
            for name in names:
                if name.startswith(f"{registry}/"):
                    self.ask("DELETE", f"/images/{quote(name)}", timeout=30)

    def remove_containers(self, label: str) -> int:
        """Remove, running or not, all containers with `label` (key=value); their number."""
        query = {"all": "1", "filters": json.dumps({"label": [label]})}
        status, body = self.ask("GET", "/containers/json", query=query)
        found: list[dict[str, Any]] = json.loads(body) if status == http.HTTPStatus.OK else []
        for container in found:
            self.ask(
                "DELETE",
                f"/containers/{container['Id']}",
                timeout=30,
                query={"v": "1", "force": "1"},
            )
        return len(found)


def _gateway(plan: Mapping[str, str]) -> str:
    # a daemon that made its bridge itself names only the subnet; it takes the first address
    if plan.get("Gateway") or not plan.get("Subnet"):
        return str(plan.get("Gateway") or "")
    return str(ipaddress.ip_network(plan["Subnet"])[1])


def local_sockets() -> list[str]:
    """Where a container engine of this machine listens, most specific first."""
    named = os.environ.get("DOCKER_HOST", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    places = [
        named.removeprefix("unix://") if named.startswith("unix://") else "",
        "/var/run/docker.sock",
        f"{runtime}/podman/podman.sock" if runtime else "",
        "/run/podman/podman.sock",
    ]
    return [place for place in places if place and Path(place).is_socket()]
