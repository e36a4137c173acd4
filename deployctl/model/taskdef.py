"""Task definitions as data: what can be registered again, what is equal, where an image goes."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from deployctl.model.errors import CheckFailed

Body = Mapping[str, object]
"""The members of a RegisterTaskDefinition request, without tags, named as AWS names them."""

HASH_TAG = "deployctl:hash"
RELEASE_TAG = "deployctl:release"

_DEFAULTS = {
    "essential": True,
    "cpu": 0,
    "hostPort": 0,
    "protocol": "tcp",
    "versionConsistency": "enabled",
}
_UNORDERED = {
    "containerDefinitions",
    "dependsOn",
    "environment",
    "extraHosts",
    "mountPoints",
    "placementConstraints",
    "portMappings",
    "requiresCompatibilities",
    "resourceRequirements",
    "secrets",
    "systemControls",
    "ulimits",
    "volumes",
    "volumesFrom",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One registered revision. `body` is what would have to be sent to register it again."""

    arn: str
    family: str
    active: bool
    body: Body
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """The hash of the body itself, whatever its tags claim."""
        return body_hash(self.body)

    def has_body(self, wanted: str) -> bool:
        """Whether its content has that hash, or was registered as having it.

        ECS may fill in a default we do not know; then only the tag still tells.
        """
        return wanted in {self.hash, self.tags.get(HASH_TAG)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where CloudWatch Logs keeps what a container of a task wrote. `region` "" = the task's."""

    group: str
    stream: str
    region: str = ""


def registrable(described: Body, members: Collection[str]) -> Body:
    """Keep what the register call takes (`members` come from the service model), drop the rest.

    Tags travel apart. Members without a value are left out; an empty environment value stays.
    """
    return {
        name: value
        for name, value in described.items()
        if name in members and name != "tags" and value not in (None, "")
    }


def containers(body: Body) -> tuple[Body, ...]:
    """The container definitions of a body."""
    return tuple(cast("Sequence[Body]", body.get("containerDefinitions") or ()))


def essential_containers(body: Body) -> tuple[str, ...]:
    """The names of the containers whose end is the end of the task."""
    return tuple(str(each["name"]) for each in containers(body) if each.get("essential", True))


def chosen_container(body: Body, wanted: str) -> str:
    """The container that gets the image: the named one, or the only one that can be meant.

    Raises CheckFailed, naming the containers there are.
    """
    names = [str(each.get("name")) for each in containers(body)]
    needed = list(essential_containers(body))
    listed = ", ".join(names) or "none"
    if wanted:
        if wanted not in names:
            raise CheckFailed(
                f"task definition {body.get('family')} has no container {wanted!r}",
                hint=f"Set `container:` to one of: {listed}",
            )
        return wanted
    for candidates in (names, needed):
        if len(candidates) == 1:
            return candidates[0]
    raise CheckFailed(
        f"task definition {body.get('family')} has several containers and none is chosen",
        hint=f"Set `container:` to one of: {listed}",
    )


def image_of(body: Body, container: str) -> str:
    """The image reference of a container, "" when there is no such container."""
    return next((str(c.get("image", "")) for c in containers(body) if c["name"] == container), "")


def with_images(
    body: Body, images: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> Body:
    """The body with other images (container → reference), everything else as it is.

    `environment` sets plain variables of the same containers and leaves their others alone.
    """
    changed = [
        {**each, "image": images[str(each["name"])], **_environment(each, environment or {})}
        if each["name"] in images
        else each
        for each in containers(body)
    ]
    return {**body, "containerDefinitions": changed}


def _environment(container: Body, wanted: Mapping[str, str]) -> Body:
    if not wanted:
        return {}
    there = cast("Sequence[Mapping[str, str]]", container.get("environment") or ())
    kept = [{**each, "value": wanted.get(each["name"], each.get("value", ""))} for each in there]
    known = {each["name"] for each in there}
    added = [{"name": name, "value": wanted[name]} for name in wanted if name not in known]
    return {"environment": [*kept, *added]}


def body_hash(body: Body) -> str:
    """sha256 (hex) of the normalised body: equal for bodies that mean the same to ECS."""
    text = json.dumps(normalised(body), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def normalised(body: Body) -> Body:
    """The body without what ECS fills in by itself and without orders that mean nothing."""
    sized = {
        name: _units(name, str(value)) if name in {"cpu", "memory"} else value
        for name, value in body.items()
    }
    network = str(body.get("networkMode", ""))
    return cast("Body", _plain(_own_ports(sized, network), ""))


def _own_ports(body: Body, network: str) -> Body:
    """In awsvpc and host mode ECS fills in a host port equal to the container port."""
    if network not in {"awsvpc", "host"}:
        return body
    stripped = []
    for each in containers(body):
        ports = cast("Sequence[Body]", each.get("portMappings") or ())
        own = [{k: v for k, v in port.items() if k != "hostPort"} for port in ports]
        stripped.append({**each, "portMappings": own})
    return {**body, "containerDefinitions": stripped}


def _units(name: str, text: str) -> str:
    """`1 vCPU` is 1024 and `2 GB` is 2048 to ECS, which stores the plain numbers."""
    number, _, unit = text.strip().partition(" ")
    if {"cpu": "vcpu", "memory": "gb"}[name] == unit.strip().lower():
        return str(int(float(number) * 1024))
    return text


def _plain(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        # an environment entry is kept whole: its empty value is a value
        if set(value) <= {"name", "value"}:
            return {"name": value.get("name", ""), "value": value.get("value", "")}
        pairs = {str(key): _plain(each, str(key)) for key, each in value.items()}
        return {k: v for k, v in pairs.items() if not _is_default(k, v)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [_plain(each, "") for each in value]
        if name in _UNORDERED:
            return sorted(items, key=lambda each: json.dumps(each, sort_keys=True))
        return items
    return value


def _is_default(name: str, value: object) -> bool:
    if name in _DEFAULTS:
        return value == _DEFAULTS[name] or value is None
    # every other flag of ECS is off unless it is set; a number is never left out
    return value is False or value is None or value in ("", [], {})


def log_place(body: Body, container: str, task_id: str) -> LogPlace | None:
    """Where the container's lines go, when it uses the awslogs driver with a stream prefix."""
    for each in containers(body):
        logging = cast("Mapping[str, object]", each.get("logConfiguration") or {})
        if each["name"] != container or logging.get("logDriver") != "awslogs":
            continue
        options = cast("Mapping[str, str]", logging.get("options") or {})
        prefix, group = options.get("awslogs-stream-prefix"), options.get("awslogs-group")
        if prefix and group:
            stream = f"{prefix}/{container}/{task_id}"
            return LogPlace(group=group, stream=stream, region=options.get("awslogs-region", ""))
    return None
