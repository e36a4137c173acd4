"""The settings of the service, from its environment."""

import os
import sys


def required(name: str) -> str:
    """The value of an environment variable, or the end of the process with exit code 3."""
    value = os.environ.get(name)
    if not value:
        print(f"shop_api: setting {name} is missing", file=sys.stderr, flush=True)
        sys.exit(3)
    return value


def database_url() -> str:
    """Where the database is: postgresql://user:password@host:port/name."""
    return required("DATABSE_URL")


def address() -> tuple[str, int]:
    """Where to listen."""
    return os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))
