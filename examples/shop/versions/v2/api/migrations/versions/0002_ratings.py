"""Products get ratings: two columns that the running version need not know of."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nullable and without a default: done in an instant, whatever the table's size."""
    # Behind one long transaction an ALTER would hold up every reader: give up instead, soon.
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(
        "ALTER TABLE products ADD COLUMN stars_total integer, ADD COLUMN stars_count integer"
    )
