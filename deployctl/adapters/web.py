"""HTTP as a visitor speaks it, each request on a fresh connection to an inspected address."""

import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from deployctl import __version__
from deployctl.adapters.addresses import Forbidden, resolve
from deployctl.model.check import Answer, NoAnswer, Reply, Why
from deployctl.ports.web import Request

_BODY_CAP: Final = 2 * 1024 * 1024
_MOST_HOPS: Final = 5
_GRACE: Final = 0.5
_PORTS: Final = {"http": 80, "https": 443}


class HttpWeb:
    """Asks over httpx: no proxies, no cookies, no reused connection, no encoding but identity.

    A pooled connection would answer for another TLS name, and keep talking to an old task.
    `trust` replaces the usual certificate authorities, `lookup` the resolving of names.
    """

    def __init__(
        self,
        *,
        parallel: int = 16,
        trust: ssl.SSLContext | None = None,
        lookup: Callable[[str, int], tuple[str, ...]] = resolve,
    ) -> None:
        self._parallel = parallel
        self._lookup = lookup
        self._trust = trust

    @cached_property
    def _authorities(self) -> ssl.SSLContext:
        return self._trust or httpx.create_ssl_context(trust_env=False)

    def ask_many(self, requests: Sequence[Request]) -> tuple[Reply, ...]:
        """Every reply in order. A request that outlives its time is left behind and answered so."""
        if not requests:
            return ()
        rounds = -(-len(requests) // self._parallel)
        longest = max(request.seconds for request in requests)
        pool = ThreadPoolExecutor(max_workers=self._parallel, thread_name_prefix="ask")
        try:
            futures = [pool.submit(self._ask, request) for request in requests]
            wait(futures, timeout=rounds * (longest + _GRACE))
            return tuple(map(_reply, futures, requests))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, request: Request) -> Reply:
        started = time.monotonic()
        try:
            answer = self._exchange(request, started + request.seconds)
        except _KNOWN as error:
            return NoAnswer(why=_why(error), said=_said(error), seconds=time.monotonic() - started)
        return replace(answer, seconds=time.monotonic() - started)

    def _exchange(self, request: Request, deadline: float) -> Answer:
        hop = _Hop(request=request, url=request.url)
        for _ in range(_MOST_HOPS + 1):
            answer = self._at_some_address(hop, deadline)
            place = answer.header("location")
            if not (request.follow and answer.status in _REDIRECTS and place):
                return answer
            hop = _next_hop(hop, answer.status, place)
        raise httpx.TooManyRedirects(f"more than {_MOST_HOPS} redirects, the last to {hop.url}")

    def _at_some_address(self, hop: "_Hop", deadline: float) -> Answer:
        host, port = hop.door
        addresses = self._lookup(host, port)
        for others, address in zip(range(len(addresses) - 1, 0, -1), addresses, strict=False):
            try:
                return self._at(hop, address, deadline, share=1 / (others + 1))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                # a dual-stack name whose first family does not answer here: ask the next address
                continue
        return self._at(hop, addresses[-1], deadline)

    def _at(self, hop: "_Hop", address: str, deadline: float, *, share: float = 1.0) -> Answer:
        left = deadline - time.monotonic()
        if left <= 0:
            raise httpx.ReadTimeout("the time for this attempt is over")
        with (
            httpx.Client(
                verify=self._authorities,
                trust_env=False,
                timeout=httpx.Timeout(left, connect=left * share),
                limits=httpx.Limits(max_keepalive_connections=0),
            ) as client,
            client.stream(
                hop.request.method,
                hop.through(address),
                headers=hop.headers,
                content=hop.request.body.encode() or None,
                extensions={"sni_hostname": hop.name},
            ) as response,
        ):
            body, cut = _body(response, deadline)
            return Answer(
                status=response.status_code,
                headers=tuple((k.lower(), v) for k, v in response.headers.multi_items()),
                body=body,
                cut=cut,
            )


_REDIRECTS: Final = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """Where one request of a chain of redirects really goes, and whom it says it wants."""

    request: Request
    url: str

    @property
    def parts(self) -> SplitResult:
        parts = urlsplit(self.url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise Forbidden(f"{self.url!r} is not an http or https address")
        return parts

    @property
    def name(self) -> str:
        return self.parts.hostname or ""

    @property
    def door(self) -> tuple[str, int]:
        """Host and port to connect to."""
        asked = urlsplit(self.request.url)
        if not self.request.connect_to or self.name != asked.hostname:
            return self.name, self.port
        way = urlsplit(f"//{self.request.connect_to}")
        # a redirect to another port of the same host (http to https) keeps the machine only
        moved = self.port != (asked.port or _PORTS.get(asked.scheme))
        return way.hostname or "", self.port if moved else way.port or self.port

    @property
    def port(self) -> int:
        return self.parts.port or _PORTS[self.parts.scheme]

    @property
    def headers(self) -> dict[str, str]:
        ours = {
            "host": self.parts.netloc.rpartition("@")[2],
            "user-agent": f"deployctl/{__version__} (smoke)",
            "accept": "*/*",
            "accept-encoding": "identity",
            "connection": "close",
        }
        return ours | {name.lower(): value for name, value in self.request.headers}

    def through(self, address: str) -> str:
        """The URL with the name replaced by an address, so that nothing resolves it again."""
        place = f"[{address}]" if ":" in address else address
        parts = self.parts
        return parts._replace(netloc=f"{place}:{self.door[1]}", fragment="").geturl()


def _next_hop(hop: _Hop, status: int, place: str) -> _Hop:
    target = str(httpx.URL(hop.url).join(place))
    request = hop.request
    if urlsplit(target).netloc != urlsplit(hop.url).netloc:
        # what was meant for one host (a token, a test mark) is not told to another
        request = replace(request, headers=())
    if status in {301, 302, 303} and request.method != "HEAD":
        request = replace(request, method="GET", body="")
    return _Hop(request=request, url=target)


def _body(response: httpx.Response, deadline: float) -> tuple[bytes, bool]:
    got = bytearray()
    for chunk in response.iter_bytes(64 * 1024):
        got += chunk
        if len(got) > _BODY_CAP:
            return bytes(got[:_BODY_CAP]), True
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the body did not end in time")
    return bytes(got), False


def _reply(future: "Future[Reply]", request: Request) -> Reply:
    if future.done():
        return future.result()
    late = f"no complete answer within {request.seconds:g} s"
    return NoAnswer(why=Why.TIMEOUT, said=late, seconds=request.seconds)


_KNOWN: Final = (httpx.HTTPError, httpx.InvalidURL, Forbidden, OSError, ValueError)


def _why(error: Exception) -> Why:
    if isinstance(error, Forbidden):
        return Why.FORBIDDEN
    if isinstance(error, httpx.TimeoutException):
        return Why.TIMEOUT
    if _is_about_tls(error):
        return Why.TLS
    # a connection that ends without an answer is a task that just went away: worth another look
    is_connection = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | OSError)
    return Why.CONNECT if is_connection else Why.BROKEN


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
