"""Ask a shop for pages at a steady rate while it is being released, and count what failed.

Use: python examples/shop/witness.py URL [--host NAME] [--seconds N] [--until FILE] [--at-least N]

The rate does not wait for slow answers: times are counted from the moment a request was due, so
that a stall of a second shows as the two hundred late answers it was.
"""

import argparse
import http.client
import json
import math
import signal
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

# What visitors do: two page views (each calls the API too), two calls of the API, two questions
# for the version.
PATHS = ("/", "/api/products", "/version", "/products/1", "/api/products/3", "/api/version")
VERSION_HEADER = "X-Shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was seen. Times are milliseconds, of answered requests, from when they were due.

    `errors` counts the failed requests by kind ("refused", "reset", "timeout", "HTTP 502", …).
    `reconnects` counts keep-alive connections found closed before a byte of the answer came; the
    request went again on a new one, as browsers do, and is a failure only if that failed too.
    `versions` counts good answers by what their X-Shop header said.
    """

    requests: int
    failed: int
    errors: Mapping[str, int]
    reconnects: int
    seconds: float
    p50: float
    p95: float
    p99: float
    slowest: float
    versions: Mapping[str, int]

    def as_json(self) -> str:
        """The report, indented."""
        return json.dumps(asdict(self), indent=2)


@dataclass(slots=True)
class Line:
    """A keep-alive connection to the shop."""

    url: str
    host: str
    timeout: float
    reconnects: int = 0
    _open: http.client.HTTPConnection | None = None

    def get(self, path: str) -> tuple[str, str]:
        """Ask once; returns the kind of error, or "", and the version that answered, or ""."""
        try:
            response = self._ask(path)
            response.read()
        except (OSError, http.client.HTTPException) as error:
            self.hang_up()
            return kind_of(error), ""
        if response.will_close:
            self.hang_up()
        if not 200 <= response.status < 400:
            return f"HTTP {response.status}", ""
        return "", response.headers.get(VERSION_HEADER, "")

    def hang_up(self) -> None:
        """Close; the next request connects again."""
        if self._open:
            self._open.close()
        self._open = None

    def _ask(self, path: str) -> http.client.HTTPResponse:
        if self._open is None:
            return self._send(path)
        try:
            return self._send(path)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.reconnects += 1
            self.hang_up()
            return self._send(path)

    def _send(self, path: str) -> http.client.HTTPResponse:
        base = urlsplit(self.url)
        if self._open is None:
            secure = base.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self._open = kind(base.hostname or "", base.port, timeout=self.timeout)
        headers = {"Host": self.host} if self.host else {}
        self._open.request("GET", base.path.rstrip("/") + path, headers=headers)
        return self._open.getresponse()


def kind_of(error: Exception) -> str:
    """A word for an error, the same for all errors of a kind."""
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):  # RemoteDisconnected too
        return "reset"
    if isinstance(error, TimeoutError):
        return "timeout"
    return type(error).__name__


@dataclass(slots=True)
class Tally:
    """What the threads have counted together."""

    times: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)


class Witness:
    """Eight visitors who together send `rate` requests a second to `url`.

    `host` is the Host header where it differs from the url's; `timeout` is in seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        host: str = "",
        rate: float = 200,
        paths: Sequence[str] = PATHS,
        timeout: float = 10,
        threads: int = 8,
    ) -> None:
        self.url, self.host, self.rate = url, host, rate
        self.paths, self.timeout = paths, timeout
        self._lines = [Line(url, host, timeout) for _ in range(threads)]
        self._threads = [threading.Thread(target=self._visit, args=[line]) for line in self._lines]
        self._lock = threading.Lock()
        self._tally = Tally()
        self._next = 0
        self._told_to_stop = threading.Event()
        self._begun = self._ended = 0.0

    def start(self) -> "Witness":
        """Begin to ask."""
        self._begun = monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> Report:
        """Ask no more, wait for the answers that are due, and report."""
        self._told_to_stop.set()
        for thread in self._threads:
            thread.join()
        self._ended = monotonic()
        return self.report()

    def asked(self) -> int:
        """How many requests have been answered or have failed so far."""
        with self._lock:
            return len(self._tally.times) + self._tally.errors.total()

    def report(self) -> Report:
        """What has been seen so far."""
        with self._lock:
            times = sorted(self._tally.times)
            errors, versions = dict(self._tally.errors), dict(self._tally.versions)
        return Report(
            requests=len(times) + sum(errors.values()),
            failed=sum(errors.values()),
            errors=errors,
            reconnects=sum(line.reconnects for line in self._lines),
            seconds=round((self._ended or monotonic()) - self._begun, 2),
            p50=percentile(times, 50),
            p95=percentile(times, 95),
            p99=percentile(times, 99),
            slowest=percentile(times, 100),
            versions=versions,
        )

    def _visit(self, line: Line) -> None:
        while True:
            with self._lock:
                turn = self._next
                self._next += 1
            due = self._begun + turn / self.rate
            if self._told_to_stop.wait(max(0.0, due - monotonic())):
                line.hang_up()
                return
            error, version = line.get(self.paths[turn % len(self.paths)])
            self._count(error, version, monotonic() - due)

    def _count(self, error: str, version: str, seconds: float) -> None:
        with self._lock:
            if error:
                self._tally.errors[error] += 1
                return
            self._tally.times.append(seconds)
            if version:
                self._tally.versions[version] += 1


def percentile(times: Sequence[float], percent: float) -> float:
    """The time that `percent` of the sorted `times` do not exceed, in milliseconds."""
    if not times:
        return 0.0
    return round(1000 * times[max(0, math.ceil(len(times) * percent / 100) - 1)], 1)


def main() -> int:
    """The command line: ask until told to stop; exit 1 when a request failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("url")
    parser.add_argument("--host", default="", help="Host header")
    parser.add_argument("--rate", type=float, default=200, help="requests per second")
    parser.add_argument("--seconds", type=float, default=math.inf, help="ask this long")
    parser.add_argument("--until", type=Path, help="ask until this file appears")
    parser.add_argument("--at-least", type=int, default=0, help="never stop before so many")
    parser.add_argument("--report", type=Path, help="write the report here too")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    witness = Witness(given.url, host=given.host, rate=given.rate).start()
    end = monotonic() + given.seconds
    try:
        while not (
            (monotonic() >= end or (given.until is not None and given.until.exists()))
            and witness.asked() >= given.at_least
        ):
            sleep(0.05)
    except KeyboardInterrupt:
        pass  # somebody has seen enough: report what there is
    report = witness.stop()
    if given.report:
        given.report.write_text(report.as_json() + "\n")
    print(report.as_json())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
