"""What the shop sells."""

from typing import Any

from psycopg import Connection

# Columns are named one by one: `SELECT *` breaks running code when a migration adds a column.
COLUMNS = "id, name, description, price_cents"


def all_products(db: Connection[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every product, in the order of the shelf."""
    return db.execute(f"SELECT {COLUMNS} FROM products ORDER BY id").fetchall()  # noqa: S608 - a constant


def one_product(db: Connection[dict[str, Any]], product: int) -> dict[str, Any] | None:
    """One product, or None."""
    query = f"SELECT {COLUMNS} FROM products WHERE id = %s"  # noqa: S608 - a constant
    return db.execute(query, [product]).fetchone()
