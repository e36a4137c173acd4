"""Carts, and the orders they become."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from psycopg import Connection

Rows = Connection[dict[str, Any]]


def open_cart(db: Rows) -> dict[str, Any]:
    """A new, empty cart."""
    row = db.execute("INSERT INTO carts DEFAULT VALUES RETURNING id").fetchone()
    assert row, "INSERT … RETURNING always answers"  # noqa: S101 - for the type checker
    return row


def put_in_cart(db: Rows, cart: UUID, *, product: int, quantity: int) -> None:
    """Add to what is in the cart. Raises ForeignKeyViolation for an unknown cart or product."""
    db.execute(
        """INSERT INTO cart_items (cart_id, product_id, quantity) VALUES (%s, %s, %s)
           ON CONFLICT (cart_id, product_id)
           DO UPDATE SET quantity = cart_items.quantity + excluded.quantity""",
        [cart, product, quantity],
    )


def cart_items(db: Rows, cart: UUID) -> list[dict[str, Any]]:
    """What is in the cart, with today's prices."""
    return db.execute(
        """SELECT p.id AS product, p.name, p.price_cents, i.quantity
           FROM cart_items i JOIN products p ON p.id = i.product_id
           WHERE i.cart_id = %s ORDER BY p.id""",
        [cart],
    ).fetchall()


def place_order(db: Rows, cart: UUID) -> dict[str, Any] | None:
    """Turn the cart into an order; None when there is no such cart or nothing in it."""
    if not db.execute("SELECT 1 FROM carts WHERE id = %s FOR UPDATE", [cart]).fetchone():
        return None
    items = cart_items(db, cart)
    if not items:
        return None
    total = sum(item["price_cents"] * item["quantity"] for item in items)
    order = db.execute(
        "INSERT INTO orders (total_cents) VALUES (%s) RETURNING id, status, total_cents", [total]
    ).fetchone()
    assert order, "INSERT … RETURNING always answers"  # noqa: S101 - for the type checker
    db.cursor().executemany(
        """INSERT INTO order_items (order_id, product_id, quantity, price_cents)
           VALUES (%s, %s, %s, %s)""",
        [(order["id"], i["product"], i["quantity"], i["price_cents"]) for i in items],
    )
    db.execute("DELETE FROM carts WHERE id = %s", [cart])
    return order


def one_order(db: Rows, order: UUID) -> dict[str, Any] | None:
    """An order and what is in it, or None."""
    found = db.execute(
        "SELECT id, status, total_cents FROM orders WHERE id = %s", [order]
    ).fetchone()
    if found is None:
        return None
    items = db.execute(
        """SELECT p.id AS product, p.name, i.quantity, i.price_cents
           FROM order_items i JOIN products p ON p.id = i.product_id
           WHERE i.order_id = %s ORDER BY p.id""",
        [order],
    ).fetchall()
    return {**found, "items": items}


def ship_next(db: Rows, pack: Callable[[], None]) -> UUID | None:
    """Pack and ship the oldest order nobody else has in hand; None when there is nothing to do.

    The row stays locked while we pack: a worker that dies lets go of it, and another takes over.
    """
    with db.transaction():
        order = db.execute(
            """SELECT id FROM orders WHERE status = 'placed'
               ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
        ).fetchone()
        if order is None:
            return None
        pack()
        db.execute(
            "UPDATE orders SET status = 'shipped', shipped_at = now() WHERE id = %s", [order["id"]]
        )
        shipped: UUID = order["id"]
        return shipped
