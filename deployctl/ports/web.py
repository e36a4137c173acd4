"""The plug to the web: questions to the released shop, as a visitor would ask them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from deployctl.model.check import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. It goes to `connect_to` (`host:port`) if given, else to the host of `url`.

    Host header and TLS name are always those of `url`. `seconds` bound the whole exchange.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    connect_to: str = ""
    follow: bool = False
    seconds: float = 5.0


class Web(Protocol):
    """Asks; decides nothing. What goes wrong on the way is a NoAnswer, never an exception."""

    def ask_many(self, requests: Sequence[Request]) -> tuple[Reply, ...]:
        """Ask side by side, each on a connection of its own; replies come in the same order.

        Never waits longer for one request than its `seconds` (and a moment).
        """
        ...
