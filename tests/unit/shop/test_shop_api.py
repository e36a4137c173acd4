"""The shop's API keeps products, carts and orders, and leaves without dropping a request."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from time import monotonic
from urllib.parse import urlsplit

import httpx
import pytest

from tests.unit.shop.stand import PLAIN, SHOP, Database, Running, Start, free_port, until

SHA = "1f2e3d4c"
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def api(start: Start, database: Database) -> Running:
    """The API on a database with the first schema."""
    return start(SHOP / "api", "shop_api", {"DATABASE_URL": database.url, "GIT_SHA": SHA})


def post(api: Running, path: str, payload: object) -> httpx.Response:
    return httpx.post(api.url + path, json=payload)


def test_it_lists_the_shelf_and_shows_one_product(api: Running) -> None:
    shelf = httpx.get(f"{api.url}/api/products").json()["products"]
    assert [product["name"] for product in shelf][:2] == ["Kettle", "Teapot"]
    assert httpx.get(f"{api.url}/api/products/1").json() == shelf[0]


def test_a_cart_becomes_an_order_once(api: Running) -> None:
    cart = post(api, "/api/carts", {}).json()["id"]
    post(api, f"/api/carts/{cart}/items", {"product": 3, "quantity": 1})
    filled = post(api, f"/api/carts/{cart}/items", {"product": 3, "quantity": 2}).json()
    assert filled["items"] == [{"product": 3, "name": "Cup", "price_cents": 900, "quantity": 3}]
    order = post(api, "/api/orders", {"cart": cart}).json()
    assert (order["status"], order["total_cents"]) == ("placed", 2700)
    shown = httpx.get(f"{api.url}/api/orders/{order['id']}").json()
    assert shown["items"] == filled["items"]
    assert post(api, "/api/orders", {"cart": cart}).status_code == 404


def test_an_empty_cart_is_no_order(api: Running) -> None:
    cart = post(api, "/api/carts", {}).json()["id"]
    assert post(api, "/api/orders", {"cart": cart}).status_code == 404


@pytest.mark.parametrize(
    ("path", "payload", "status", "why"),
    [
        ("/api/orders", {}, 400, "cart: its id is missing"),
        ("/api/orders", [], 400, "JSON object"),
        (f"/api/carts/{NOBODY}/items", {"product": 1, "quantity": 1}, 404, "no such cart"),
        (f"/api/carts/{NOBODY}/items", {"product": 1, "quantity": 0}, 400, "quantity"),
        (f"/api/carts/{NOBODY}/items", {"product": "1"}, 400, "product"),
        ("/api/nothing", {}, 404, "nothing answers POST /api/nothing"),
    ],
)
def test_what_it_cannot_do_it_says(
    api: Running, path: str, payload: object, status: int, why: str
) -> None:
    answer = post(api, path, payload)
    assert answer.status_code == status
    assert why in answer.json()["error"]


def test_unknown_things_are_404(api: Running) -> None:
    for path in ("/api/products/99", f"/api/orders/{NOBODY}", "/elsewhere"):
        assert httpx.get(api.url + path).status_code == 404, path


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Content-Length", "70000", 413),
        ("Content-Length", "-1", 400),
        ("Transfer-Encoding", "chunked", 411),
    ],
)
def test_a_body_it_cannot_read_is_refused(
    api: Running, header: str, value: str, status: int
) -> None:
    connection = HTTPConnection(urlsplit(api.url).netloc)
    connection.putrequest("POST", "/api/orders")
    connection.putheader(header, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Connection"]) == (status, "close")
    connection.close()


def test_it_names_the_commit_it_was_built_from(api: Running) -> None:
    for path in ("/version", "/api/version"):
        answer = httpx.get(api.url + path)
        assert answer.json() == {"service": "api", "commit": SHA}
        assert answer.headers["X-Shop"] == f"api {SHA}"


def test_head_is_get_without_the_body(api: Running) -> None:
    answer = httpx.head(f"{api.url}/api/products")
    assert (answer.status_code, answer.content) == (200, b"")


def test_it_waits_for_a_database_that_comes_late(start: Start, database: Database) -> None:
    closed = f"postgresql://postgres@127.0.0.1:{free_port()}/shop"
    early = start(SHOP / "api", "shop_api", {"DATABASE_URL": closed})
    answer = httpx.get(f"{early.url}/healthz")
    assert answer.status_code == 503
    assert "the database does not answer" in answer.json()["error"]
    assert early.stop() == 0
    there = start(SHOP / "api", "shop_api", {"DATABASE_URL": database.url})
    assert httpx.get(f"{there.url}/healthz").json() == {"status": "ok"}


def test_it_survives_that_the_database_drops_its_connections(
    api: Running, database: Database
) -> None:
    assert httpx.get(f"{api.url}/healthz").status_code == 200
    database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert httpx.get(f"{api.url}/healthz").status_code == 200


def test_without_its_setting_it_says_so_and_exits_3(site: object) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "shop_api"],
        cwd=SHOP / "api",
        env=PLAIN,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1] == "shop_api: setting DATABASE_URL is missing"


def test_it_boots_in_well_under_a_second(start: Start, database: Database) -> None:
    begun = monotonic()
    api = start(SHOP / "api", "shop_api", {"DATABASE_URL": database.url})
    assert httpx.get(f"{api.url}/healthz").status_code == 200
    assert monotonic() - begun < 3.0  # 0.4 s on an idle machine


def test_sigterm_answers_the_request_in_hand_and_takes_no_other(
    api: Running, database: Database
) -> None:
    other = database.session()
    assert other.stdin
    other.stdin.write("BEGIN; LOCK TABLE products;\n")
    other.stdin.flush()
    until(lambda: database.sql("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock'"))
    with ThreadPoolExecutor() as threads, other:
        slow = threads.submit(httpx.get, f"{api.url}/api/products")
        until(database.waiting)
        api.process.terminate()
        until(lambda: refused(api))
        assert not slow.done()
        other.stdin.write("COMMIT;\n")
        other.stdin.close()
        answer = slow.result(5)
    assert answer.status_code == 200
    assert len(answer.json()["products"]) == 6
    assert answer.headers["Connection"] == "close"
    assert api.process.wait(5) == 0


def test_sigterm_does_not_wait_for_idle_connections(api: Running) -> None:
    with httpx.Client() as client:
        assert client.get(f"{api.url}/healthz").status_code == 200
        begun = monotonic()
        assert api.stop() == 0
        assert monotonic() - begun < 3.0


def refused(api: Running) -> bool:
    """Whether nobody listens any more."""
    try:
        httpx.get(f"{api.url}/version")
    except httpx.ConnectError:
        return True
    return False
