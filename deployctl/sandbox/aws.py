"""AWS clients of a sandbox."""

from deployctl.adapters.aws.clients import Clients
from deployctl.sandbox.facts import ACCESS_KEY, REGION, SECRET_KEY


def clients_at(port: int) -> Clients:
    """The clients of the sandbox whose API answers at `port` of this machine."""
    return Clients(
        region=REGION, endpoint=f"http://127.0.0.1:{port}", keys=(ACCESS_KEY, SECRET_KEY)
    )
