"""Speaks HTTP with a registry: addresses, logging in, trying again, and what the answers mean."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, NoReturn, TypeVar

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from deployctl.model.errors import Blind, Refused, Unanswered

Answer = TypeVar("Answer")

Login = Callable[[], tuple[str, str]]
"""Gives user and password; asked when the registry wants to know who we are."""

_TIMEOUT: Final = httpx.Timeout(60, connect=5)
_TRIES: Final = 5
_CHALLENGE: Final = re.compile(r'(\w+)="([^"]*)"')
_LOOPBACK: Final = re.compile(r"::1|127(\.\d{1,3}){3}")
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _BUSY, _BROKEN = 401, 403, 404, 429, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request about one repository (`host/name`). `path` follows /v2/NAME, or is a full URL.

    `body` is opened anew for every attempt.
    """

    method: str
    address: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Callable[[], IO[bytes]] = b""

    @property
    def url(self) -> str:
        """Where it goes: plain http on this machine, https everywhere else."""
        if "://" in self.path:
            return self.path
        host, _, name = self.address.partition("/")
        if self.path.startswith("/v2/"):
            return f"{_scheme(host)}://{host}{self.path}"
        return f"{_scheme(host)}://{host}/v2/{name}{self.path}"


class Wire:
    """Sends requests, logs in when asked to, and turns answers that are none into our errors.

    Safe for several threads.
    """

    def __init__(self, *, login: Login, sleep: Callable[[float], None]) -> None:
        self._login = login
        self._sleep = sleep
        self._passes: dict[str, str] = {}
        # a proxy of the environment must not see what is meant for this machine
        self._near = httpx.Client(timeout=_TIMEOUT, trust_env=False)
        self._far = httpx.Client(timeout=_TIMEOUT)

    def close(self) -> None:
        """Give the connections back."""
        self._near.close()
        self._far.close()

    def patiently(self, doing: Callable[[], Answer]) -> Answer:
        """Do it again when no usable answer came, at most five times in all."""
        tries = Retrying(
            stop=stop_after_attempt(_TRIES),
            wait=wait_exponential(multiplier=0.5, max=8),
            retry=retry_if_exception(
                lambda error: isinstance(error, Unanswered) and not isinstance(error, Blind)
            ),
            sleep=self._sleep,
            reraise=True,
        )
        return tries(doing)

    def ask(self, ask: Ask, *, fine: frozenset[int] = frozenset()) -> httpx.Response:
        """One answer, read whole. Success and the codes in `fine` come back, the rest raises."""
        response = self._authorized(ask, stream=False)
        return _checked(ask, response, fine)

    def fetch(self, ask: Ask, into: IO[bytes]) -> None:
        """A large answer, written as it comes; redirects lead away without our credentials."""
        response = self._authorized(ask, stream=True)
        try:
            if response.is_error:
                response.read()
            _checked(ask, response, frozenset())
            for piece in response.iter_bytes():
                into.write(piece)
        except httpx.HTTPError as error:
            raise _silent(ask, error) from error
        finally:
            response.close()

    def _authorized(self, ask: Ask, *, stream: bool) -> httpx.Response:
        response = self._send(ask, stream=stream)
        if response.status_code != _UNAUTHORIZED:
            return response
        response.close()
        challenge = response.headers.get("www-authenticate", "Basic")
        self._passes[ask.address] = self._pass(ask, challenge)
        return self._send(ask, stream=stream)

    def _send(self, ask: Ask, *, stream: bool) -> httpx.Response:
        url = httpx.URL(ask.url)
        client = self._near if is_local(url.host) else self._far
        headers = dict(ask.headers)
        if ask.address in self._passes and url.netloc.decode() == ask.address.partition("/")[0]:
            headers["Authorization"] = self._passes[ask.address]
        body = ask.body if isinstance(ask.body, bytes) else ask.body()
        try:
            request = client.build_request(
                ask.method, url.copy_merge_params(ask.params), headers=headers, content=body
            )
            return client.send(request, stream=stream, follow_redirects=ask.method == "GET")
        except httpx.HTTPError as error:
            raise _silent(ask, error) from error
        finally:
            if not isinstance(body, bytes):
                body.close()

    def _pass(self, ask: Ask, challenge: str) -> str:
        """The Authorization header that answers a challenge (Basic at ECR, Bearer elsewhere)."""
        user, password = self._login()
        basic = httpx.BasicAuth(user, password)
        if not challenge.lower().startswith("bearer"):
            request = next(basic.auth_flow(httpx.Request("GET", ask.url)))
            return str(request.headers["Authorization"])
        wanted = dict(_CHALLENGE.findall(challenge))
        realm = wanted.pop("realm", "")
        client = self._near if is_local(httpx.URL(realm).host) else self._far
        try:
            answer = client.get(realm, params=wanted, auth=basic)
            told: dict[str, Any] = answer.json() if answer.is_success else {}
        except (httpx.HTTPError, ValueError) as error:
            raise _silent(ask, error) from error
        return f"Bearer {told.get('token') or told.get('access_token', '')}"


def is_local(host: str) -> bool:
    """Whether a host (no port) is this machine."""
    return host == "localhost" or host.endswith(".localhost") or bool(_LOOPBACK.fullmatch(host))


def _scheme(host: str) -> str:
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    return "http" if is_local(name.strip("[]")) else "https"


def _silent(ask: Ask, error: Exception) -> Unanswered:
    host = ask.address.partition("/")[0]
    return Unanswered(
        f"the registry {host} did not answer {ask.method} {ask.address}: {error!r}",
        hint="Check the network. In the sandbox: deployctl sandbox status",
    )


def _checked(ask: Ask, response: httpx.Response, fine: frozenset[int]) -> httpx.Response:
    if not response.is_success and response.status_code not in fine:
        _raise_answer(ask, response)
    return response


def complaint(response: httpx.Response) -> tuple[str, str]:
    """Code and message of a registry's refusal; ("", text) when it is not in their form."""
    try:
        first = response.json()["errors"][0]
        return str(first.get("code", "")), str(first.get("message", ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "", response.text[:200]


def _raise_answer(ask: Ask, response: httpx.Response) -> NoReturn:
    host, _, name = ask.address.partition("/")
    status = response.status_code
    code, text = complaint(response)
    said = f"the registry {host} answered {ask.method} {name} with {status} {code}: {text}".rstrip()
    if status == _BUSY or status >= _BROKEN:
        raise Unanswered(said, hint="It is busy or has trouble; try again.")
    if status == _UNAUTHORIZED:
        raise Blind(
            f"the registry {host} does not accept our credentials ({text or code})",
            hint="Log in again (aws sso login); the role needs ecr:GetAuthorizationToken.",
        )
    if status == _FORBIDDEN:
        raise Refused(
            said,
            hint=f"Allow the role on repository {name}: ecr:BatchCheckLayerAvailability, "
            "ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage, "
            "ecr:BatchGetImage, ecr:GetDownloadUrlForLayer.",
        )
    if status == _NOT_FOUND and code == "NAME_UNKNOWN":
        raise Refused(
            f"the registry {host} has no repository {name}",
            hint=f"Create it: aws ecr create-repository --repository-name {name}, "
            "or set `create_repository: true` on the build.",
        )
    raise Refused(said)
