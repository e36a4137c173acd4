"""The shop's pages show what the API knows, and keep standing when it is away."""

import re
import signal
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic
from urllib.parse import urlsplit

import httpx
import pytest

from tests.unit.shop.stand import SHOP, Database, Running, Start, free_port, until

SHA = "0a1b2c3d"


@pytest.fixture
def api(start: Start, database: Database) -> Running:
    """The API on a database with the first schema."""
    return start(SHOP / "api", "shop_api", {"DATABASE_URL": database.url})


@pytest.fixture
def web(start: Start, api: Running) -> Running:
    """The pages over that API."""
    return start(SHOP / "web", "shop_web", {"API_URL": api.url, "GIT_SHA": SHA})


def test_the_home_page_shows_the_shelf(web: Running) -> None:
    home = httpx.get(web.url)
    assert home.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h2>Kettle</h2>" in home.text
    assert "39.00 €" in home.text


def test_a_product_can_be_bought_and_its_order_is_shown(web: Running) -> None:
    assert "Buy now" in httpx.get(f"{web.url}/products/2").text
    order = httpx.post(f"{web.url}/products/2/buy", follow_redirects=True)
    assert re.fullmatch(r"/orders/[0-9a-f-]{36}", order.url.path)
    assert "1 &times; Teapot" in order.text
    assert '<strong class="placed">placed</strong>' in order.text


@pytest.mark.parametrize(
    "path", ["/products/99", "/products/x", "/orders/x", "/orders/", "/static/x", "/x/y/z"]
)
def test_what_is_not_there_is_a_page_with_404(web: Running, path: str) -> None:
    assert httpx.get(web.url + path).status_code == 404


def test_what_cannot_be_bought_is_404(web: Running) -> None:
    assert httpx.post(f"{web.url}/products/99/buy").status_code == 404
    assert httpx.post(f"{web.url}/elsewhere").status_code == 404


def test_static_files_may_be_kept_for_ever(web: Running) -> None:
    home = httpx.get(web.url).text
    path = re.search(r"/static/shop\.[0-9a-f]{10}\.css", home)
    assert path
    style = httpx.get(web.url + path[0])
    assert style.headers["Content-Type"] == "text/css"
    assert "immutable" in style.headers["Cache-Control"]


def test_the_style_of_another_version_is_answered_but_not_kept(web: Running) -> None:
    other = httpx.get(f"{web.url}/static/shop.0000000000.css")
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-store")


def test_it_names_the_commit_it_was_built_from(web: Running) -> None:
    assert httpx.get(f"{web.url}/version").json() == {"service": "web", "commit": SHA}
    assert httpx.get(web.url).headers["X-Shop"] == f"web {SHA}"


def test_without_the_api_it_is_healthy_and_says_sorry(start: Start) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    web = start(SHOP / "web", "shop_web", {"API_URL": away})
    assert httpx.get(f"{web.url}/healthz").json() == {"status": "ok"}
    home = httpx.get(web.url)
    assert home.status_code == 502
    assert "Please try again" in home.text


def test_the_api_may_live_below_a_path(start: Start) -> None:
    asked: list[str] = []

    class Balancer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Balancer) as server:
        Thread(target=server.serve_forever, args=[0.01]).start()
        url = f"http://127.0.0.1:{server.server_port}/_alb/shop/"
        web = start(SHOP / "web", "shop_web", {"API_URL": url})
        assert httpx.get(web.url).status_code == 502
        server.shutdown()
    assert asked == ["/_alb/shop/api/products"]


def test_sigterm_drains_it(web: Running) -> None:
    with httpx.Client() as visitor:
        assert visitor.get(web.url).status_code == 200
        assert web.stop() == 0


def test_sigterm_still_answers_who_stood_in_the_queue(web: Running) -> None:
    where = urlsplit(web.url)
    web.process.send_signal(signal.SIGSTOP)
    with socket.create_connection((where.hostname, where.port or 80), timeout=5) as visitor:
        visitor.sendall(b"GET /version HTTP/1.1\r\nHost: shop\r\n\r\n")
        web.process.send_signal(signal.SIGTERM)
        web.process.send_signal(signal.SIGCONT)
        with visitor.makefile("rb") as answer:
            assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
            assert b"Connection: close\r\n" in answer.readlines()
    assert web.process.wait(5) == 0


def test_sigterm_does_not_wait_for_who_asks_nothing(web: Running) -> None:
    where = urlsplit(web.url)
    with socket.create_connection((where.hostname, where.port or 80)):
        begun = monotonic()
        assert web.stop() == 0
        assert monotonic() - begun < 3.0  # 0.4 s on an idle machine


def test_the_worker_ships_what_was_bought(start: Start, web: Running, database: Database) -> None:
    order = httpx.post(f"{web.url}/products/3/buy", follow_redirects=True).url
    worker = start(SHOP / "api", "shop_api.worker", {"DATABASE_URL": database.url})
    until(lambda: '<strong class="shipped">' in httpx.get(order).text)
    assert worker.stop() == 0


def test_both_services_carry_the_same_server() -> None:
    one, other = (SHOP / "api/shop_api", SHOP / "web/shop_web")
    assert code(one) == code(other)


def code(package: Path) -> str:
    """The text of the server in a package."""
    return (package / "serving.py").read_text()
