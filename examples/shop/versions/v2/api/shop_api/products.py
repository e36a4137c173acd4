"""What the shop sells, and how people like it."""

from typing import Any

from psycopg import Connection

# Columns are named one by one: `SELECT *` breaks running code when a migration adds a column.
COLUMNS = """id, name, description, price_cents, coalesce(stars_count, 0) AS ratings,
    round(stars_total::numeric / nullif(stars_count, 0), 1)::float AS rating"""


def all_products(db: Connection[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every product, in the order of the shelf. `rating` is None until somebody rates."""
    return db.execute(f"SELECT {COLUMNS} FROM products ORDER BY id").fetchall()  # noqa: S608 - a constant


def one_product(db: Connection[dict[str, Any]], product: int) -> dict[str, Any] | None:
    """One product, or None."""
    query = f"SELECT {COLUMNS} FROM products WHERE id = %s"  # noqa: S608 - a constant
    return db.execute(query, [product]).fetchone()


def rate(db: Connection[dict[str, Any]], product: int, stars: int) -> dict[str, Any] | None:
    """Count one more rating of 1 to 5 stars; the product as it is then, or None."""
    db.execute(
        """UPDATE products SET stars_total = coalesce(stars_total, 0) + %s,
                               stars_count = coalesce(stars_count, 0) + 1 WHERE id = %s""",
        [stars, product],
    )
    return one_product(db, product)
