"""Reviews of products: does not work, the table's name is wrong."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Fails: there is `products`, not `product`."""
    op.execute(
        "CREATE TABLE reviews (id integer PRIMARY KEY, product_id integer REFERENCES product)"
    )
