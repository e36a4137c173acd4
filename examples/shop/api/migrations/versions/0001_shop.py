"""The first schema: products, carts, orders."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE products (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents > 0)
);
CREATE TABLE carts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE cart_items (
    cart_id uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
    product_id integer NOT NULL REFERENCES products,
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (cart_id, product_id)
);
CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    status text NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'shipped')),
    total_cents integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    shipped_at timestamptz
);
CREATE TABLE order_items (
    order_id uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    product_id integer NOT NULL REFERENCES products,
    quantity integer NOT NULL,
    price_cents integer NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
CREATE INDEX orders_to_ship ON orders (created_at) WHERE status = 'placed';
"""

SHELF = """
INSERT INTO products (name, description, price_cents) VALUES
    ('Kettle', 'Whistles when it is done, in tune.', 3900),
    ('Teapot', 'Holds four cups and a secret.', 2900),
    ('Cup', 'Big enough for a Monday.', 900),
    ('Tea caddy', 'Keeps the leaves dry and the lid on.', 1400),
    ('Strainer', 'Lets the tea through, nothing else.', 700),
    ('Oolong', 'Half way between green and black.', 1200);
"""


def upgrade() -> None:
    """Build the tables and fill the shelf."""
    op.execute(TABLES)
    op.execute(SHELF)
