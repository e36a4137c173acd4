"""A web that answers from a function, without a network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from deployctl.adapters.addresses import is_metadata
from deployctl.model.check import Answer, NoAnswer, Reply, Why
from deployctl.ports.web import Request

BODY_CAP = 2 * 1024 * 1024
REDIRECTS = {301, 302, 303, 307, 308}


def ok(body: str = "{}", *, seconds: float = 0.01, kind: str = "application/json") -> Answer:
    """A good answer."""
    return Answer(
        status=200,
        headers=(("content-type", kind),),
        body=body.encode(),
        seconds=seconds,
    )


def refused() -> NoAnswer:
    """Nobody listens."""
    return NoAnswer(why=Why.CONNECT, said="connection refused")


class Replies:
    """Gives its replies one after another, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self._left = list(replies)

    def __call__(self, request: Request) -> Reply:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


@dataclass(kw_only=True)
class FakeWeb:
    """`site` answers every request; `asked` remembers them. `at_each_ask` moves a world along."""

    site: Callable[[Request], Reply]
    asked: list[Request] = field(default_factory=list)
    at_each_ask: list[Callable[[], None]] = field(default_factory=list)

    def ask_many(self, requests: Sequence[Request]) -> tuple[Reply, ...]:
        self.asked.extend(requests)
        for move in self.at_each_ask:
            move()
        return tuple(self._ask(request) for request in requests)

    def _ask(self, request: Request, hops: int = 5) -> Reply:
        host = urlsplit(f"//{request.connect_to}").hostname or urlsplit(request.url).hostname
        if urlsplit(request.url).scheme not in {"http", "https"} or _is_forbidden(host or ""):
            return NoAnswer(why=Why.FORBIDDEN, said=f"{request.url} may not be asked")
        reply = self.site(request)
        if reply.seconds > request.seconds:
            return NoAnswer(why=Why.TIMEOUT, said="too slow", seconds=request.seconds)
        if isinstance(reply, NoAnswer):
            return reply
        place = reply.header("location")
        if request.follow and place and reply.status in REDIRECTS:
            onward = replace(request, url=urljoin(request.url, place))
            lost = NoAnswer(why=Why.BROKEN, said="too many redirects")
            return self._ask(onward, hops - 1) if hops else lost
        is_long = len(reply.body) > BODY_CAP
        return replace(reply, body=reply.body[:BODY_CAP], cut=True) if is_long else reply


def _is_forbidden(host: str) -> bool:
    try:
        return is_metadata(host)
    except ValueError:
        return False
