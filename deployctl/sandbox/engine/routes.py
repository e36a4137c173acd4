"""The `processes` backend's answers to the thirteen calls of the Docker Engine API."""

import re
from collections.abc import Callable, Iterator

from deployctl.sandbox.engine import shape
from deployctl.sandbox.engine.images import Images, image_of
from deployctl.sandbox.engine.net import LOOPBACK
from deployctl.sandbox.engine.processes import Container
from deployctl.sandbox.engine.refs import parse
from deployctl.sandbox.engine.tasks import Tasks
from deployctl.sandbox.engine.wire import (
    NO_CONTENT,
    NOT_MODIFIED,
    Answer,
    Call,
    Refusal,
    json_answer,
)

RAW_STREAM = "application/vnd.docker.multiplexed-stream"
Route = Callable[["ProcessEngine", Call, str], Answer]


class ProcessEngine:
    """Answers for containers that are local processes."""

    def __init__(self, tasks: Tasks, images: Images) -> None:
        self._tasks = tasks
        self._images = images

    def answer(self, call: Call) -> Answer:
        """Find the call's route; 501 for what the sandbox does not need."""
        for method, pattern, route in _ROUTES:
            found = pattern.fullmatch(call.path)
            if found and method == call.method:
                return route(self, call, found.group(1) if pattern.groups else "")
        raise Refusal(501, f"the sandbox engine does not serve {call.method} {call.path}")

    def close(self) -> None:
        """End every container."""
        self._tasks.close()

    def version(self, _call: Call, _name: str) -> Answer:
        """GET /version."""
        return json_answer(shape.version())

    def distribution(self, _call: Call, name: str) -> Answer:
        """GET /distribution/{ref}/json: the digest that the registry has now."""
        digest, kind, size = self._images.digest(parse(name))
        return json_answer({"Descriptor": {"digest": digest, "mediaType": kind, "size": size}})

    def pull(self, call: Call, _name: str) -> Answer:
        """POST /images/create: everything is done before the status goes out."""
        ref = parse(call.query.get("fromImage", ""), call.query.get("tag", ""))
        image = self._images.pull(ref)
        line = f'{{"status":"Digest: {image.digest}"}}\r\n'.encode()
        return Answer(status=200, stream=(line,))

    def image(self, _call: Call, name: str) -> Answer:
        """GET /images/{ref or id}/json."""
        image = image_of(self._images, name)
        return json_answer(shape.pictured(image, (name,) if "/" in name else ()))

    def tag(self, call: Call, name: str) -> Answer:
        """POST /images/{ref or id}/tag."""
        image = image_of(self._images, name)
        self._images.tag(image, parse(call.query.get("repo", ""), call.query.get("tag", "")))
        return Answer(status=201)

    def containers(self, call: Call, _name: str) -> Answer:
        """GET /containers/json."""
        found = self._tasks.all(shape.labels_wanted(call.query.get("filters", "")))
        every = call.query.get("all", "").lower() in ("1", "true")
        return json_answer([shape.listed(c.record) for c in found if every or c.running])

    def create(self, call: Call, _name: str) -> Answer:
        """POST /containers/create."""
        container = self._tasks.create(call.query.get("name", ""), call.json())
        return json_answer({"Id": container, "Warnings": []}, status=201)

    def inspect(self, _call: Call, name: str) -> Answer:
        """GET /containers/{id}/json; the emulator's look for itself included."""
        if name == shape.SELF:
            return json_answer(shape.itself(LOOPBACK))
        return json_answer(shape.inspected(self._tasks.get(name).record))

    def start(self, _call: Call, name: str) -> Answer:
        """POST /containers/{id}/start: comes back when a service's task is ready."""
        return NO_CONTENT if self._tasks.start(self._tasks.get(name)) else NOT_MODIFIED

    def stop(self, call: Call, name: str) -> Answer:
        """POST /containers/{id}/stop: comes back when the process is gone."""
        seconds = call.query.get("t", "10")
        asked = float(seconds) if seconds.isdigit() else 10.0
        return NO_CONTENT if self._tasks.stop(self._tasks.get(name), asked) else NOT_MODIFIED

    def wait(self, _call: Call, name: str) -> Answer:
        """POST /containers/{id}/wait: comes back with the exit code."""
        container = self._tasks.get(name)
        container.wait(None)
        return json_answer({"StatusCode": container.record.exit_code, "Error": None})

    def logs(self, call: Call, name: str) -> Answer:
        """GET /containers/{id}/logs: framed, one frame a line."""
        container = self._tasks.get(name)
        return Answer(status=200, kind=RAW_STREAM, stream=_logs(container, call))

    def remove(self, call: Call, name: str) -> Answer:
        """DELETE /containers/{id}."""
        force = call.query.get("force", "").lower() in ("1", "true")
        self._tasks.remove(self._tasks.get(name), force=force)
        return NO_CONTENT


def _logs(container: Container, call: Call) -> Iterator[bytes]:
    wants = {1: call.query.get("stdout", "0"), 2: call.query.get("stderr", "0")}
    streams = frozenset(n for n, said in wants.items() if said.lower() in ("1", "true"))
    tail = call.query.get("tail", "all")
    whole = len(streams) == len(wants) and not tail.isdigit()
    if whole and call.query.get("follow", "0").lower() in ("1", "true"):
        return container.log.follow(lambda: container.running)
    return iter((container.log.read(streams=streams, tail=int(tail) if tail.isdigit() else None),))


_ROUTES: tuple[tuple[str, re.Pattern[str], Route], ...] = (
    ("GET", re.compile(r"/version"), ProcessEngine.version),
    ("GET", re.compile(r"/distribution/(.+)/json"), ProcessEngine.distribution),
    ("POST", re.compile(r"/images/create"), ProcessEngine.pull),
    ("GET", re.compile(r"/images/(.+)/json"), ProcessEngine.image),
    ("POST", re.compile(r"/images/(.+)/tag"), ProcessEngine.tag),
    ("GET", re.compile(r"/containers/json"), ProcessEngine.containers),
    ("POST", re.compile(r"/containers/create"), ProcessEngine.create),
    ("GET", re.compile(r"/containers/([^/]+)/json"), ProcessEngine.inspect),
    ("POST", re.compile(r"/containers/([^/]+)/start"), ProcessEngine.start),
    ("POST", re.compile(r"/containers/([^/]+)/stop"), ProcessEngine.stop),
    ("POST", re.compile(r"/containers/([^/]+)/wait"), ProcessEngine.wait),
    ("GET", re.compile(r"/containers/([^/]+)/logs"), ProcessEngine.logs),
    ("DELETE", re.compile(r"/containers/([^/]+)"), ProcessEngine.remove),
)
