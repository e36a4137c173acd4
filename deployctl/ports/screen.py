"""The plug of whoever listens to a release."""

from typing import Protocol

from deployctl.model.event import Entry, Event


class Screen(Protocol):
    """Shows what it is told. It is never asked anything, and may break without harm."""

    def show(self, entry: Entry) -> None:
        """Take one entry; return quickly."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was found."""
        ...


class Tell(Protocol):
    """How the core and the adapters say something to the screens."""

    def __call__(self, event: Event) -> None:
        """Say it; never fails."""
        ...
