"""A container's record in the shapes of the Docker Engine API."""

import json
from collections.abc import Mapping

from deployctl.sandbox.engine.images import Image
from deployctl.sandbox.engine.records import CREATED, RUNNING, Record
from deployctl.sandbox.engine.wire import Refusal

API_VERSION = "1.41"
SELF = "deployctl-sandbox"  # the emulator looks for itself under this name (its HOSTNAME)
NETWORK = "sandbox"


def version() -> dict[str, object]:
    """GET /version."""
    return {
        "ApiVersion": API_VERSION,
        "MinAPIVersion": "1.24",
        "Version": "deployctl-sandbox",
        "Os": "linux",
        "Platform": {"Name": "deployctl sandbox engine (processes)"},
    }


def inspected(record: Record) -> dict[str, object]:
    """GET /containers/{id}/json. Only a running container has an address: no other is a target."""
    running = record.state == RUNNING
    return {
        "Id": record.id,
        "Name": f"/{record.name}",
        "Created": record.created,
        "Image": record.image_id,
        "State": {
            "Status": record.state,
            "Running": running,
            "Pid": record.pid if running else 0,
            "ExitCode": record.exit_code,
            "StartedAt": record.started,
            "FinishedAt": record.finished,
        },
        "Config": {"Image": record.image, "Labels": record.labels, "Tty": False},
        "HostConfig": {"NetworkMode": NETWORK, "LogConfig": {"Type": "json-file"}},
        "NetworkSettings": _network(record.address if running else ""),
    }


def itself(address: str, network: str = NETWORK) -> dict[str, object]:
    """The answer to the emulator that looks for its own container: where tasks can reach it."""
    return {
        "Id": SELF,
        "Name": f"/{SELF}",
        "State": {"Status": RUNNING, "Running": True, "ExitCode": 0},
        "Config": {"Labels": {}, "Tty": False, "Image": ""},
        "NetworkSettings": {"Networks": {network: {"IPAddress": address}}},
    }


def listed(record: Record) -> dict[str, object]:
    """One entry of GET /containers/json."""
    return {
        "Id": record.id,
        "Names": [f"/{record.name}"],
        "Image": record.image,
        "ImageID": record.image_id,
        "Labels": record.labels,
        "State": record.state,
        "Status": record.state.capitalize() if record.state == CREATED else record.state,
        "NetworkSettings": _network(record.address if record.state == RUNNING else ""),
    }


def pictured(image: Image, names: tuple[str, ...]) -> dict[str, object]:
    """GET /images/{name}/json."""
    return {
        "Id": image.id,
        "RepoTags": [name for name in names if "@" not in name],
        "RepoDigests": [name for name in names if "@" in name],
        "Config": image.config,
        "Os": "linux",
    }


def labels_wanted(filters: str) -> tuple[str, ...]:
    """The label filters of a list call, `k` or `k=v`. Raises Refusal 400."""
    try:
        chosen = json.loads(filters or "{}").get("label") or ()
    except (ValueError, AttributeError):
        raise Refusal(400, f"filters is not a JSON object: {filters}") from None
    return tuple(chosen)


def has_labels(labels: Mapping[str, str], wanted: tuple[str, ...]) -> bool:
    """Whether every wanted label is there."""
    for entry in wanted:
        name, has_value, value = entry.partition("=")
        if name not in labels or (has_value and labels[name] != value):
            return False
    return True


def _network(address: str) -> dict[str, object]:
    return {"IPAddress": address, "Networks": {NETWORK: {"IPAddress": address}}}
