"""Where an AWS adapter gets its clients from, so that a simulated account fits as well."""

from typing import Any, Protocol


class Source(Protocol):
    """What the adapters need of `Clients`."""

    @property
    def region(self) -> str:
        """The region that all clients speak to."""
        ...

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        ...
