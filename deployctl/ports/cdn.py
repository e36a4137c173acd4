"""The plug to a content delivery network: what it serves from, and making it forget."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A distribution as it is. `domain` is the CDN's own name, `aliases` are the user's names."""

    id: str
    enabled: bool
    is_deployed: bool
    domain: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalidation:
    """One order to forget. `status` is the CDN's own word, `is_done` what it means."""

    id: str
    status: str
    is_done: bool
    reference: str
    paths: tuple[str, ...]


class Cdn(Protocol):
    """A CDN. Every call raises Refused, Blind or Unanswered as AWS calls do."""

    def look(self, distribution: str) -> Distribution | None:
        """The distribution, or None when there is none of this id."""
        ...

    def invalidate(self, distribution: str, paths: tuple[str, ...], reference: str) -> str:
        """Order to forget `paths` and return the order's id.

        The same `reference` with the same paths returns the same id; with other paths it is
        Refused. Raises Unanswered when too many orders are in progress.
        """
        ...

    def invalidation(self, distribution: str, id: str) -> Invalidation:  # noqa: A002 - the trade's word
        """How an order stands. Raises Refused when it does not exist."""
        ...

    def find(self, distribution: str, reference: str) -> str | None:
        """The id of the order with this reference among the newest, or None."""
        ...
