"""The `containers` backend: forwards to a real engine and adds what the emulator leaves out."""

import json
import logging
import re
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from deployctl.sandbox.engine import shape
from deployctl.sandbox.engine.entrance import Rules, Runner, await_ready, stop_seconds
from deployctl.sandbox.engine.following import Following
from deployctl.sandbox.engine.gate import Gate
from deployctl.sandbox.engine.refs import Ref, is_sandbox, parse
from deployctl.sandbox.engine.registry import Registry
from deployctl.sandbox.engine.taskinfo import Cloud, Task
from deployctl.sandbox.engine.upstream import Upstream
from deployctl.sandbox.engine.wire import Answer, Call, Refusal, json_answer

LOG = logging.getLogger(__name__)
OWNER = "deployctl.sandbox"  # label: the state folder of the sandbox that made a container
HOST_NAME = "host.docker.internal"
Route = Callable[["ContainerEngine", Call, str], Answer]


class ContainerEngine:
    """Answers for containers of a Docker-compatible engine."""

    def __init__(
        self, upstream: Upstream, *, cloud: Cloud, rules: Rules, owner: str, gateway: str
    ) -> None:
        self._upstream = upstream
        self._cloud = cloud
        self._registry = Registry(cloud.port)
        self._rules = rules
        self._owner = owner
        self._gateway = gateway  # where containers reach this machine
        self._tasks: dict[str, Task | None] = {}
        self._lock = threading.Lock()
        self._following = Following()

    def answer(self, call: Call) -> Answer:
        """Do the calls that need more than the engine gives; pass all others on."""
        for method, pattern, route in _ROUTES:
            found = pattern.fullmatch(call.path)
            if found and method == call.method:
                return route(self, call, found.group(1) if pattern.groups else "")
        return self._pass_on(call)

    def heal(self) -> None:
        """Remove containers whose start an earlier engine did not live to see through."""
        for entry in self._mine():
            try:
                wanted = self._cloud.alive(entry.get("Labels") or {})
            except Refusal:
                return  # the cloud is not up: its own sweep comes first
            if not wanted:
                LOG.warning("container %s belongs to no task: removed", entry["Id"][:12])
                self._upstream.remove(entry["Id"])

    def close(self) -> None:
        """Remove what is left of this sandbox."""
        for entry in self._mine():
            self._upstream.remove(str(entry["Id"]))

    def itself(self, _call: Call, _name: str) -> Answer:
        """The emulator looks for its own container, to learn where tasks can reach it."""
        return json_answer(shape.itself(self._gateway, "bridge"))

    def distribution(self, call: Call, name: str) -> Answer:
        """GET /distribution/{ref}/json, from the sandbox's registry where the ref means it."""
        ref = parse(name)
        if not self._is_ours(ref):
            return self._pass_on(call)
        found = self._registry.manifest(ref)
        descriptor = {"digest": found.digest, "mediaType": found.kind, "size": found.size}
        return json_answer({"Descriptor": descriptor})

    def pull(self, call: Call, _name: str) -> Answer:
        """POST /images/create: the engine pulls from the loopback name of the registry."""
        ref = parse(call.query.get("fromImage", ""))
        return self._pass_on(call, query={**call.query, "fromImage": self._bare(ref)})

    def image(self, call: Call, name: str) -> Answer:
        """GET /images/{ref or id}/json."""
        return self._pass_on(call, path=f"/images/{self._local(name)}/json")

    def tag(self, call: Call, name: str) -> Answer:
        """POST /images/{ref or id}/tag."""
        repository = self._bare(parse(call.query.get("repo", "")))
        path = f"/images/{self._local(name)}/tag"
        return self._pass_on(call, path=path, query={**call.query, "repo": repository})

    def create(self, call: Call, _name: str) -> Answer:
        """POST /containers/create, with the members that the emulator drops."""
        wish = call.json()
        task = self._cloud.task(wish.get("Labels") or {})
        wish["Image"] = self._local(str(wish.get("Image") or ""))
        wish["Labels"] = {**(wish.get("Labels") or {}), OWNER: self._owner}
        _complete(wish, task)
        answer = self._pass_on(call, body=json.dumps(wish).encode())
        if answer.status == HTTPStatus.CREATED:
            with self._lock:
                self._tasks[str(json.loads(answer.body)["Id"])] = task
        return answer

    def start(self, call: Call, name: str) -> Answer:
        """POST /containers/{id}/start, held until a service's task is ready."""
        answer = self._pass_on(call)
        task = self._task(name)
        if answer.status != HTTPStatus.NO_CONTENT or task is None:
            return answer
        try:
            gate = await_ready(self._cloud, task, self._runner(name, task), self._rules)
        except Refusal:
            self._upstream.remove(name)
            raise
        if gate is Gate.GONE:
            LOG.info("container %s ended before it was ready", name[:12])
        return answer

    def stop(self, call: Call, name: str) -> Answer:
        """POST /containers/{id}/stop: drain (services only), then with the task's stopTimeout."""
        task = self._task(name)
        asked = call.query.get("t", "10")
        seconds = stop_seconds(task, float(asked) if asked.isdigit() else 10.0)
        if task is not None and task.service and self._rules.drain > 0 and self._alive(name):
            LOG.info("container %s: drains", name[:12])
            threading.Event().wait(self._rules.drain)
        LOG.info("container %s: stop signal", name[:12])
        return self._pass_on(call, query={**call.query, "t": f"{seconds:.0f}"})

    def remove(self, call: Call, name: str) -> Answer:
        """DELETE /containers/{id}, once its log was read to the end."""
        self._following.await_end(name)
        with self._lock:
            self._tasks.pop(name, None)
        return self._pass_on(call)

    def logs(self, call: Call, name: str) -> Answer:
        """GET /containers/{id}/logs; a followed log is given to its last line."""
        answer = self._pass_on(call)
        if call.query.get("follow", "0") in ("0", "false") or answer.status != HTTPStatus.OK:
            return answer

        def whole() -> bytes:
            query = {**call.query, "follow": "0"}
            return b"".join(self._pass_on(call, query=query).stream or ())

        stream = self._following.complete(name, answer, whole)
        return Answer(status=answer.status, kind=answer.kind, stream=stream)

    def _runner(self, name: str, task: Task) -> Runner:
        networks = self._upstream.inspect(name).get("NetworkSettings", {}).get("Networks") or {}
        addresses = [str(n.get("IPAddress") or "") for n in networks.values()]
        return Runner(
            address=next(filter(None, addresses), "127.0.0.1"),  # none: the host's own network
            ports={port: port for port in task.ports},
            alive=lambda: self._alive(name),
            run=lambda words: self._upstream.run(name, words),
            last_words=lambda lines: self._upstream.last_words(name, lines),
        )

    def _alive(self, name: str) -> bool:
        return bool(self._upstream.inspect(name).get("State", {}).get("Running"))

    def _task(self, name: str) -> Task | None:
        """The task of a container; asked again after a restart of this engine."""
        with self._lock:
            if name in self._tasks:
                return self._tasks[name]
        try:
            labels = self._upstream.inspect(name).get("Config", {}).get("Labels") or {}
            task = self._cloud.task(labels)
        except Refusal:
            return None  # the container or the cloud is gone: nothing to be careful with
        with self._lock:
            self._tasks[name] = task
        return task

    def _mine(self) -> list[dict[str, Any]]:
        return self._upstream.labelled(f"{OWNER}={self._owner}")

    def _is_ours(self, ref: Ref) -> bool:
        return is_sandbox(ref.host, self._cloud.port)

    def _local(self, text: str) -> str:
        """A reference to the sandbox's registry under its loopback name; others as they are."""
        ref = parse(text)
        return ref.on(f"127.0.0.1:{self._cloud.port}").name if self._is_ours(ref) else text

    def _bare(self, ref: Ref) -> str:
        """The repository's name alone, where tag or digest travel beside it."""
        host = f"127.0.0.1:{self._cloud.port}" if self._is_ours(ref) else ref.host
        return f"{host}/{ref.repository}" if host else ref.repository

    def _pass_on(
        self,
        call: Call,
        *,
        path: str | None = None,
        query: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        target = call.target
        if path is not None or query is not None:
            version = call.target[: call.target.index("/", 1)] if call.target[1:2] == "v" else ""
            chosen = urlencode(call.query if query is None else query)
            target = f"{version}{quote(call.path if path is None else path)}?{chosen}"
        sent = call.body if body is None else body
        return self._upstream.forward(call.method, target, body=sent, headers=call.headers)


def _complete(wish: dict[str, Any], task: Task | None) -> None:
    """Put back what the emulator drops, and take out what would collide on one machine."""
    settings = wish.setdefault("HostConfig", {})
    settings.pop("PortBindings", None)  # three tasks cannot publish one port; the ALB dials the IP
    wish.pop("NetworkingConfig", None)  # NetworkMode says it already
    extra = [e for e in settings.get("ExtraHosts") or () if not e.startswith(HOST_NAME)]
    settings["ExtraHosts"] = [*extra, f"{HOST_NAME}:host-gateway"]
    if task is None:
        return
    if task.entry_point is not None:
        wish["Entrypoint"] = list(task.entry_point)
    if task.working_dir:
        wish["WorkingDir"] = task.working_dir
    if task.stop_timeout is not None:
        wish["StopTimeout"] = task.stop_timeout


_ROUTES: tuple[tuple[str, re.Pattern[str], Route], ...] = (
    ("GET", re.compile(rf"/containers/{shape.SELF}/json"), ContainerEngine.itself),
    ("GET", re.compile(r"/distribution/(.+)/json"), ContainerEngine.distribution),
    ("POST", re.compile(r"/images/create"), ContainerEngine.pull),
    ("GET", re.compile(r"/images/(.+)/json"), ContainerEngine.image),
    ("POST", re.compile(r"/images/(.+)/tag"), ContainerEngine.tag),
    ("POST", re.compile(r"/containers/create"), ContainerEngine.create),
    ("POST", re.compile(r"/containers/([^/]+)/start"), ContainerEngine.start),
    ("POST", re.compile(r"/containers/([^/]+)/stop"), ContainerEngine.stop),
    ("GET", re.compile(r"/containers/([^/]+)/logs"), ContainerEngine.logs),
    ("DELETE", re.compile(r"/containers/([^/]+)"), ContainerEngine.remove),
)
