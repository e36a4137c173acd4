"""Run the migrations against DATABASE_URL, all of one call in one transaction."""

import logging
import os
import sys

from alembic import context
from sqlalchemy import create_engine, pool

# What ran is worth a line in the log; the rest is not.
logging.basicConfig(format="migrations: %(message)s", stream=sys.stdout)
steps = logging.getLogger("alembic.runtime.migration")
steps.setLevel(logging.INFO)
steps.addFilter(lambda record: str(record.msg).startswith("Running"))

url = os.environ.get("DATABASE_URL")
if not url:
    sys.exit("migrations: setting DATABASE_URL is missing")
# SQLAlchemy wants the driver in the name; the rest of the address stays as it is.
engine = create_engine("postgresql+psycopg://" + url.partition("://")[2], poolclass=pool.NullPool)

with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
