"""Start the API: python3 -m shop_api."""

import logging

from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from shop_api import settings
from shop_api.routes import application
from shop_api.serving import Server


def main() -> None:
    """Serve until told to stop. The pool connects, and connects again, in the background."""
    logging.basicConfig(level=logging.WARNING, format="shop_api: %(message)s")
    host, port = settings.address()
    pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
        settings.database_url(),
        min_size=1,
        max_size=8,
        kwargs={"row_factory": dict_row, "connect_timeout": 5},
        check=ConnectionPool.check_connection,
        open=False,
    )
    server = Server(application(pool), service="api", host=host, port=port)
    pool.open(wait=False)
    server.serve_until_told()
    pool.close()
    print("shop_api has drained", flush=True)


if __name__ == "__main__":
    main()
