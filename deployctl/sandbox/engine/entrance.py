"""When a service's task may take requests, and how it lets go of them; alike in both backends."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deployctl.sandbox.engine.gate import (
    Gate,
    Probe,
    Waited,
    health_command,
    probe_of,
    wait_ready,
)
from deployctl.sandbox.engine.taskinfo import Cloud, Task
from deployctl.sandbox.engine.wire import Refusal

LOG = logging.getLogger(__name__)
_MOST_STOP = 50.0  # seconds on top of the caller's own: its client waits that much longer
_WORDS = 3  # last lines of a container that never became ready
_WORDS_LENGTH = 600
_CANNOT_RUN = (126, 127)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long a service's task may take to become ready, and how long it drains. In seconds."""

    gate: bool = True
    gate_seconds: float = 10.0
    drain: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """The container behind the gate, as the gate needs it."""

    address: str
    ports: Mapping[int, int]
    alive: Callable[[], bool]
    run: Callable[[tuple[str, ...]], int]  # a command beside the main process → its exit code
    last_words: Callable[[int], tuple[bytes, ...]]


def await_ready(cloud: Cloud, task: Task, runner: Runner, rules: Rules) -> Gate:
    """Hold a service's task until its health checks pass.

    Returns OPEN, or GONE when the process ended first (its exit code says more than we could).
    Raises Refusal with what the last check saw and the container's last words.
    """
    if not rules.gate or not task.service:
        return Gate.OPEN
    began = time.monotonic()
    probes = _probes(cloud, task, runner)
    waited = wait_ready(probes, alive=runner.alive, seconds=rules.gate_seconds)
    seconds = time.monotonic() - began
    LOG.info("gate %s %s: %s after %.2f s", task.service, task.arn, waited.gate.value, seconds)
    if waited.gate is Gate.SHUT:
        raise Refusal(500, _verdict(waited, runner, rules))
    return waited.gate


def stop_seconds(task: Task | None, asked: float) -> float:
    """The task definition's stopTimeout, which the create call left out; bounded."""
    if task is None or task.stop_timeout is None:
        return asked
    return min(float(task.stop_timeout), asked + _MOST_STOP)


def _probes(cloud: Cloud, task: Task, runner: Runner) -> tuple[Probe, ...]:
    """The target groups' checks; where no load balancer asks, the container's own health check."""
    checks = cloud.checks(task)
    if checks:
        return tuple(
            probe_of(check, runner.address, runner.ports.get(check.port, check.port))
            for check in checks
        )
    command = health_command(task.health)
    return (_command_probe(command, runner),) if command else ()


def _command_probe(command: tuple[str, ...], runner: Runner) -> Probe:
    """A command that cannot run here (no curl on this machine) says nothing about the task."""

    def look() -> str:
        code = runner.run(command)
        if code in _CANNOT_RUN:
            LOG.warning("health check %s cannot run here: taken as passed", command[:4])
            return ""
        return "" if code == 0 else f"health check command exited {code}"

    return look


def _verdict(waited: Waited, runner: Runner, rules: Rules) -> str:
    words = b" | ".join(line.strip() for line in runner.last_words(_WORDS))
    said = words.decode(errors="replace")[-_WORDS_LENGTH:]
    tail = f"; last output: {said}" if said else "; it printed nothing"
    return f"Task failed health checks for {rules.gate_seconds:g} s: {waited.last}{tail}"
