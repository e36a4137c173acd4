"""The `processes` backend's work: ECS containers created, started, stopped, removed, healed."""

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deployctl.sandbox.engine.entrance import Rules, Runner, await_ready, stop_seconds
from deployctl.sandbox.engine.gate import Gate
from deployctl.sandbox.engine.images import Images, image_of
from deployctl.sandbox.engine.launch import ROOT_MARK, Host
from deployctl.sandbox.engine.places import Places
from deployctl.sandbox.engine.prepare import Order, ports_of, prepare, run_beside
from deployctl.sandbox.engine.processes import Container, timestamp
from deployctl.sandbox.engine.records import CREATED, EXITED, KILLED, RUNNING, Record, Records
from deployctl.sandbox.engine.shape import has_labels
from deployctl.sandbox.engine.sweep import birth, kill_group, kill_marked
from deployctl.sandbox.engine.taskinfo import Cloud, Task
from deployctl.sandbox.engine.wire import Refusal

LOG = logging.getLogger(__name__)
_TASK = "com.amazonaws.ecs.task-arn"
_LEAVE_SECONDS = 3.0  # for tasks that still run when the engine is told to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What containers stand on: folder, images, the cloud, places, this machine, the rules."""

    root: Path
    images: Images
    cloud: Cloud
    places: Places
    host: Host
    rules: Rules
    user: tuple[int, int] | None = None


class Tasks:
    """Every container of this sandbox."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._records = Records(ground.root / "containers")
        self._lock = threading.Lock()
        self._containers: dict[str, Container] = {}
        self._tasks: dict[str, Task] = {}
        self._heal()

    def get(self, name: str) -> Container:
        """By id, by its first 12 digits, or by name. Raises Refusal 404."""
        found = self._containers.get(name)
        if found is not None:
            return found
        for container in tuple(self._containers.values()):
            record = container.record
            if record.name == name or record.id[:12] == name:
                return container
        raise Refusal(404, f"No such container: {name}")

    def all(self, labels: tuple[str, ...] = ()) -> list[Container]:
        """The containers that have every label."""
        return [c for c in tuple(self._containers.values()) if has_labels(c.record.labels, labels)]

    def create(self, name: str, wish: Mapping[str, Any]) -> str:
        """Make a container of a create call's body; returns its id. Raises Refusal."""
        labels = {str(k): str(v) for k, v in (wish.get("Labels") or {}).items()}
        image = image_of(self._ground.images, str(wish.get("Image") or ""))
        task = self._ground.cloud.task(labels)
        if task is None:
            raise Refusal(501, "the sandbox engine runs only containers of ECS tasks")
        if any(c.record.name == name for c in self.all()):
            raise Refusal(409, f'Conflict. The container name "/{name}" is already in use')
        address, ports = self._ground.places.take(task)
        record = Record(
            id=secrets.token_hex(32),
            name=name,
            image=str(wish.get("Image")),
            image_id=image.id,
            labels=labels,
            created=timestamp(),
            address=address,
            ports={str(inside): outside for inside, outside in ports.items()},
        )
        try:
            launch = prepare(
                record,
                Order(image=image, task=task, wish=wish),
                folder=self._records.folder(record.id),
                root=self._ground.root,
                host=self._ground.host,
                user=self._ground.user,
            )
        except BaseException:
            self._records.drop(record.id)
            raise
        with self._lock:
            self._containers[record.id] = Container(record, launch, self._records)
            self._tasks[record.id] = task
        return record.id

    def start(self, container: Container) -> bool:
        """Start it and hold the caller until it is ready. False: it was started before.

        A container that cannot start is gone afterwards: the emulator forgets it unseen.
        """
        task = self._tasks.get(container.record.id)
        if task is None or container.record.state != CREATED:
            return False
        try:
            return self._start(container, task)
        except Refusal:
            self.remove(container, force=True)
            raise

    def _start(self, container: Container, task: Task) -> bool:
        if not container.start():
            return False
        record, rules = container.record, self._ground.rules
        ports = ports_of(record)
        runner = Runner(
            address=record.address,
            ports=ports,
            alive=lambda: container.running,
            run=lambda words: _beside(container, words),
            last_words=container.log.tail,
        )
        gate = await_ready(self._ground.cloud, task, runner, rules)
        if gate is Gate.OPEN:
            if rules.gate and task.service:
                self._ground.places.check(ports)
            self._ground.places.admit(record.address, ports)
        return True

    def stop(self, container: Container, seconds: float) -> bool:
        """Drain (services only), then the stop ladder. False: it did not run."""
        if not container.running:
            return False
        record, task = container.record, self._tasks.get(container.record.id)
        self._ground.places.dismiss(record.address, ports_of(record))
        if task is not None and task.service and self._ground.rules.drain > 0:
            LOG.info("container %s: drains", record.id[:12])
            container.wait(self._ground.rules.drain)
        container.stop(stop_seconds(task, seconds))
        return True

    def remove(self, container: Container, *, force: bool) -> None:
        """Forget it. Raises Refusal 409 while it runs, unless forced."""
        record = container.record
        if container.running:
            if not force:
                raise Refusal(409, f"You cannot remove a running container {record.id}.")
            self._ground.places.dismiss(record.address, ports_of(record))
            container.kill()
        with self._lock:
            self._containers.pop(record.id, None)
            self._tasks.pop(record.id, None)
            arn = record.labels.get(_TASK, "")
            last = all(c.record.labels.get(_TASK) != arn for c in self._containers.values())
        container.log.close()
        self._records.drop(record.id)
        if last:
            self._ground.places.give_back(arn)

    def close(self) -> None:
        """End all that runs: a short stop ladder for each at once, then the sweep."""
        ladders = [
            threading.Thread(target=container.stop, args=(_LEAVE_SECONDS,), daemon=True)
            for container in self.all()
        ]
        for ladder in ladders:
            ladder.start()
        for ladder in ladders:
            ladder.join(_LEAVE_SECONDS + 2)
        kill_marked(ROOT_MARK, str(self._ground.root))

    def _heal(self) -> None:
        """End what a dead engine left running; the emulator then hears 137 and starts anew."""
        ended = kill_marked(ROOT_MARK, str(self._ground.root))
        for record in self._records.all():
            ended += _end(record)
            if record.state == CREATED:
                self._records.drop(record.id)  # its start call failed with the engine
                continue
            if record.state == RUNNING:
                record = replace(  # noqa: PLW2901 - the healed record is what counts from here
                    record, state=EXITED, exit_code=KILLED, finished=timestamp()
                )
            self._containers[record.id] = Container(record, None, self._records)
            self._ground.places.hold(record.labels.get(_TASK, ""), record.address)
        if ended:
            LOG.warning("an earlier engine left %d processes: ended", ended)


def _end(record: Record) -> int:
    """SIGKILL to a recorded process group, if it is still the same process."""
    if record.state != RUNNING or not record.born or birth(record.pid) != record.born:
        return 0
    kill_group(record.pid)
    return 1


def _beside(container: Container, words: tuple[str, ...]) -> int:
    launch = container.launch
    return run_beside(launch, container.record.address, words) if launch is not None else 0
