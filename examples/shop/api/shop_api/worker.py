"""Fulfil orders, one after another: python3 -m shop_api.worker."""

import os
import signal
import time

import psycopg
from psycopg.rows import dict_row

from shop_api import settings
from shop_api.orders import ship_next

PAUSE = 0.2  # seconds between looks when there is nothing to do


class Worker:
    """Ships orders until it is told to stop; the order in hand is always finished."""

    def __init__(self, database_url: str, *, packing_seconds: float) -> None:
        self.database_url = database_url
        self.packing_seconds = packing_seconds
        self.stopping = False

    def stop(self, *_: object) -> None:
        """Take no further order."""
        self.stopping = True

    def run(self) -> None:
        """Work; connect again whenever the database went away."""
        while not self.stopping:
            try:
                self._work()
            except psycopg.OperationalError as error:
                print(f"shop_worker: the database does not answer: {error}", flush=True)
                time.sleep(1)

    def _work(self) -> None:
        connect = psycopg.connect(
            self.database_url, autocommit=True, row_factory=dict_row, connect_timeout=5
        )
        with connect as db:
            while not self.stopping:
                order = ship_next(db, self._pack)
                if order:
                    print(f"shop_worker: shipped {order}", flush=True)
                else:
                    time.sleep(PAUSE)

    def _pack(self) -> None:
        time.sleep(self.packing_seconds)


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    packing = float(os.environ.get("PACKING_SECONDS", "0.05"))
    worker = Worker(settings.database_url(), packing_seconds=packing)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    print("shop_worker is ready", flush=True)
    worker.run()
    print("shop_worker has drained", flush=True)


if __name__ == "__main__":
    main()
