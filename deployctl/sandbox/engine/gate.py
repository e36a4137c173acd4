"""The readiness gate: what a load balancer asks a new target before it sends it a request."""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from deployctl.sandbox.engine.taskinfo import Check

_PAUSE = 0.05  # seconds between two looks
_BRIEF = 2.0  # seconds for one look, unless the target group allows less


class Gate(Enum):
    """How waiting for a task ended."""

    OPEN = "ready"
    SHUT = "not ready in time"
    GONE = "the process ended first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """The end of the wait, and what the last look saw."""

    gate: Gate
    last: str = ""


Probe = Callable[[], str]  # one look: "" when well, else what was seen


def wait_ready(
    probes: tuple[Probe, ...],
    *,
    alive: Callable[[], bool],
    seconds: float,
    wake: threading.Event | None = None,
) -> Waited:
    """Look until every probe was well once (a new ALB target needs one passing check)."""
    deadline = time.monotonic() + seconds
    pause = wake or threading.Event()
    open_ones, last = list(probes), ""
    while open_ones:
        if not alive():
            return Waited(gate=Gate.GONE)
        last = open_ones[0]()
        if not last:
            open_ones.pop(0)
        elif time.monotonic() >= deadline:
            return Waited(gate=Gate.SHUT, last=last)
        else:
            pause.wait(_PAUSE)
    return Waited(gate=Gate.OPEN)


def probe_of(check: Check, host: str, port: int) -> Probe:
    """The look that a target group's health check prescribes, at one address."""

    def look() -> str:
        timeout = min(check.timeout, _BRIEF)
        if not check.path:
            return _connect(host, port, timeout)
        return _fetch(check, host, port, timeout)

    return look


def _connect(host: str, port: int, timeout: float) -> str:
    try:
        socket.create_connection((host, port), timeout).close()
    except OSError as error:
        return f"connect to {host}:{port}: {_words(error)}"
    return ""


def _fetch(check: Check, host: str, port: int, timeout: float) -> str:
    asked = f"GET http://{host}:{port}{check.path}"
    line = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        headers = {"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close"}
        line.request("GET", check.path, headers=headers)
        status = line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{asked}: {_words(error)}"
    finally:
        line.close()
    return "" if matches(status, check.matcher) else f"{asked}: {status}, not {check.matcher}"


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def matches(status: int, matcher: str) -> bool:
    """Whether a status is in a target group's matcher: "200", "200,302" or "200-299"."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low.isdigit() and int(low) <= status <= int(high if high.isdigit() else low):
            return True
    return False


def health_command(words: tuple[str, ...]) -> tuple[str, ...]:
    """The argv of a container health check (CMD, CMD-SHELL or a bare list); () for NONE."""
    if not words or words[0] == "NONE":
        return ()
    if words[0] == "CMD":
        return words[1:]
    if words[0] == "CMD-SHELL":
        return ("/bin/sh", "-c", " ".join(words[1:]))
    return ("/bin/sh", "-c", words[0]) if len(words) == 1 else words
