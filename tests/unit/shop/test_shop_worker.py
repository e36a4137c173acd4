"""The worker ships every order once, and finishes the one in hand before it leaves."""

import httpx
import pytest

from tests.unit.shop.stand import SHOP, Database, Running, Start, until

PLACE = "INSERT INTO orders (total_cents) SELECT 100 FROM generate_series(1, {})"
SHIPPED = "SELECT count(*) FROM orders WHERE status = 'shipped'"
IN_HAND = (
    "SELECT count(*) FROM pg_locks WHERE relation = 'orders'::regclass AND mode = 'RowShareLock'"
)


def worker(start: Start, database: Database, packing: str) -> Running:
    """A worker that takes so many seconds for an order."""
    given = {"DATABASE_URL": database.url, "PACKING_SECONDS": packing}
    return start(SHOP / "api", "shop_api.worker", given)


def test_two_workers_share_the_orders_and_ship_each_once(start: Start, database: Database) -> None:
    database.sql(PLACE.format(20))
    both = [worker(start, database, "0.01") for _ in range(2)]
    until(lambda: database.sql(SHIPPED) == "20")
    said = ""
    for one in both:
        assert one.stop() == 0
        assert one.process.stdout
        said += one.process.stdout.read()
    shipped = [line for line in said.splitlines() if ": shipped " in line]
    assert len(shipped) == len(set(shipped)) == 20


def test_sigterm_finishes_the_order_in_hand_and_takes_no_other(
    start: Start, database: Database
) -> None:
    database.sql(PLACE.format(2))
    slow = worker(start, database, "0.5")
    until(lambda: database.sql(IN_HAND) != "0")
    assert slow.stop() == 0
    assert database.sql(SHIPPED) == "1"


def test_an_order_whose_worker_is_killed_is_shipped_by_another(
    start: Start, database: Database
) -> None:
    database.sql(PLACE.format(1))
    first = worker(start, database, "60")
    until(lambda: database.sql(IN_HAND) != "0")
    first.process.kill()
    worker(start, database, "0")
    until(lambda: database.sql(SHIPPED) == "1")


def test_a_worker_connects_again(start: Start, database: Database) -> None:
    steady = worker(start, database, "0")
    until(lambda: database.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%SKIP%'"))
    database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    database.sql(PLACE.format(1))
    until(lambda: database.sql(SHIPPED) == "1")
    assert steady.stop() == 0


@pytest.mark.usefixtures("site")
def test_the_placeholder_answers_its_health_check(start: Start) -> None:
    early = start(SHOP / "placeholder", "placeholder")
    assert httpx.get(f"{early.url}/healthz").status_code == 200
    assert early.stop() == 0
