"""Load for the engine's contract tests: counted, never retried."""

import contextlib
import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Load:
    """Open-loop load through the load balancer: statuses are counted, nothing is retried."""

    port: int
    host: str
    rate: int = 200
    seen: Counter[str] = field(default_factory=Counter)
    bodies: Counter[str] = field(default_factory=Counter)

    @contextlib.contextmanager
    def on(self, workers: int = 8) -> Iterator[None]:
        """Keep the load on inside the block."""
        over = threading.Event()
        began = time.monotonic()
        threads = [
            threading.Thread(target=self._work, args=(over, began, n, workers))
            for n in range(workers)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    @property
    def failed(self) -> int:
        """Everything that was not a 200."""
        return sum(count for status, count in self.seen.items() if status != "200")

    def _work(self, over: threading.Event, began: float, number: int, workers: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        turn = number
        while not over.wait(max(0.0, began + turn / self.rate - time.monotonic())):
            turn += workers
            try:
                line.request("GET", "/", headers={"Host": self.host})
                response = line.getresponse()
                body = response.read().decode(errors="replace")
                self.seen[str(response.status)] += 1
                self.bodies[body[:40]] += 1
            except (OSError, http.client.HTTPException) as error:
                self.seen[type(error).__name__] += 1
                line.close()
        line.close()
