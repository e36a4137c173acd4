"""Which address of the API does what."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from psycopg import Connection, OperationalError
from psycopg.errors import ForeignKeyViolation
from psycopg_pool import ConnectionPool, PoolTimeout

from shop_api import orders, products
from shop_api.serving import Answer, Application, Request, commit

Pool = ConnectionPool[Connection[dict[str, Any]]]
Rows = Connection[dict[str, Any]]
Payload = dict[str, Any]


class Problem(Exception):
    """The client gets this status and sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def health(db: Rows, _: Payload) -> object:
    """Cheap, and true only while the database answers."""
    db.execute("SELECT 1")
    return {"status": "ok"}


def list_products(db: Rows, _: Payload) -> object:
    return {"products": products.all_products(db)}


def show_product(db: Rows, _: Payload, product: str) -> object:
    return found(products.one_product(db, int(product)), "product")


def open_cart(db: Rows, _: Payload) -> object:
    return orders.open_cart(db)


def show_cart(db: Rows, _: Payload, cart: str) -> object:
    return {"id": cart, "items": orders.cart_items(db, UUID(cart))}


def add_to_cart(db: Rows, payload: Payload, cart: str) -> object:
    product, quantity = number(payload, "product"), number(payload, "quantity", most=100)
    try:
        orders.put_in_cart(db, UUID(cart), product=product, quantity=quantity)
    except ForeignKeyViolation:
        raise Problem(404, "no such cart or product") from None
    return show_cart(db, payload, cart)


def place_order(db: Rows, payload: Payload) -> object:
    try:
        cart = UUID(str(payload.get("cart")))
    except ValueError:
        raise Problem(400, "cart: its id is missing") from None
    return found(orders.place_order(db, cart), "cart with something in it")


def show_order(db: Rows, _: Payload, order: str) -> object:
    return found(orders.one_order(db, UUID(order)), "order")


NUMBER, ID = r"(\d{1,9})", r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
ROUTES: list[tuple[str, str, Callable[..., object]]] = [
    ("GET", r"(?:/api)?/healthz", health),
    ("GET", r"/api/products", list_products),
    ("GET", rf"/api/products/{NUMBER}", show_product),
    ("POST", r"/api/carts", open_cart),
    ("GET", rf"/api/carts/{ID}", show_cart),
    ("POST", rf"/api/carts/{ID}/items", add_to_cart),
    ("POST", r"/api/orders", place_order),
    ("GET", rf"/api/orders/{ID}", show_order),
]


def application(pool: Pool) -> Application:
    """The API over a pool of connections."""

    def answer(request: Request) -> Answer:
        try:
            return say(200, dispatch(pool, request))
        except Problem as problem:
            return say(problem.status, {"error": str(problem)})
        except (OperationalError, PoolTimeout) as error:
            return say(503, {"error": f"the database does not answer: {error}"})

    return answer


def dispatch(pool: Pool, request: Request) -> object:
    """Find the route and walk it inside one transaction."""
    if request.method == "GET" and request.path in {"/version", "/api/version"}:
        return {
            "service": "api",
            "commit": commit(),
        }  # without the database: it is asked in trouble
    for method, pattern, act in ROUTES:
        match = re.fullmatch(pattern, request.path)
        if match and method == request.method:
            payload = parsed(request.body)
            with pool.connection(timeout=2) as db:
                return act(db, payload, *match.groups())
    raise Problem(404, f"nothing answers {request.method} {request.path}")


def parsed(body: bytes) -> Payload:
    """The JSON object of a body; an empty body is an empty object."""
    try:
        payload = json.loads(body or b"{}")
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise Problem(400, "the body must be a JSON object")
    return payload


def found(thing: Payload | None, name: str) -> Payload:
    """The thing, or 404."""
    if thing is None:
        raise Problem(404, f"no such {name}")
    return thing


def number(payload: Payload, name: str, *, most: int = 2**31 - 1) -> int:
    """A whole number from 1 to `most` out of the body, or 400."""
    value = payload.get(name)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise Problem(400, f"{name}: a whole number from 1 to {most} is missing")
    return value


def say(status: int, thing: object) -> Answer:
    """The thing as JSON."""
    body = json.dumps(thing, default=str).encode() + b"\n"
    return Answer(
        status=status, body=body, kind="application/json", headers={"Cache-Control": "no-store"}
    )
