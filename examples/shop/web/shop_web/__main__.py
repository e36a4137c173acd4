"""Start the shop's pages: python3 -m shop_web."""

import logging
import os
import sys

from shop_web.catalogue import Catalogue
from shop_web.routes import application
from shop_web.serving import Server


def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.WARNING, format="shop_web: %(message)s")
    api_url = os.environ.get("API_URL")
    if not api_url:
        print("shop_web: setting API_URL is missing", file=sys.stderr, flush=True)
        sys.exit(3)
    host, port = os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))
    server = Server(application(Catalogue(api_url)), service="web", host=host, port=port)
    server.serve_until_told()
    print("shop_web has drained", flush=True)


if __name__ == "__main__":
    main()
