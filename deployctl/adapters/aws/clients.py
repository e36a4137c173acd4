"""boto3 clients with explicit retries and timeouts, and the one translation of AWS errors."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.session
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)
from botocore.parsers import ResponseParserError

from deployctl.adapters.aws.codes import (
    BROKEN,
    DENIED,
    GONE,
    SIGN_IN,
    THROTTLED,
    TOO_MANY,
    TROUBLED,
)
from deployctl.model.errors import Blind, DeployError, Refused, Unanswered

_DEAF = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_STALE = "refreshed credentials are still expired"  # botocore says it with a bare RuntimeError
_NO_KEYS = (
    CredentialRetrievalError,
    MetadataRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    RefreshWithMFAUnsupportedError,
)
_NO_LOGIN = (
    SSOError,
    TokenRetrievalError,
    getattr(exceptions, "LoginError", SSOError),  # `aws login` is younger than our oldest botocore
)
_UNHEARD = (NoConnection, HTTPClientError, IncompleteReadError, ChecksumError)


class Clients:
    """Makes one client a service for one account and region, and keeps it.

    `endpoint` sends every call to another address (the sandbox, a VPC endpoint).
    `keys` are fixed access keys; only the sandbox has them, and there nothing of the user's own
    account counts: no profile, no config file, no proxy. Everyone else uses the default chain.
    """

    def __init__(
        self, *, region: str, endpoint: str = "", keys: tuple[str, str] | None = None
    ) -> None:
        self.region = region
        self.endpoint = endpoint
        self._keys = keys
        self._made: dict[str, Any] = {}
        self._session: boto3.Session | None = None

    @property
    def session(self) -> boto3.Session:
        """The boto3 session behind the clients (event hooks hang here in tests)."""
        if self._session is None:
            with translated("start an AWS session"):
                access, secret = self._keys or (None, None)
                self._session = boto3.Session(
                    botocore_session=botocore.session.Session(_DEAF) if self._keys else None,
                    region_name=self.region,
                    aws_access_key_id=access,
                    aws_secret_access_key=secret,
                )
        return self._session

    def client(self, service: str) -> Any:
        """The one client of a service; its retry quota is shared by all callers."""
        if service not in self._made:
            with translated(f"reach {service}"):
                self._made[service] = self.session.client(
                    service,  # type: ignore[call-overload]  # any service, by its name
                    endpoint_url=self.endpoint or None,
                    # botocore changed its default retry mode in 1.44: never rely on the default
                    config=Config(
                        retries={"mode": "standard", "total_max_attempts": 4},
                        connect_timeout=5,
                        read_timeout=20,
                        max_pool_connections=20,
                        # a proxy would look for 127.0.0.1 on its own machine
                        proxies={} if self._keys else None,
                    ),
                )
        return self._made[service]

    def close(self) -> None:
        """End the connections that are kept open."""
        for client in self._made.values():
            client.close()


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what botocore raises into our errors; `doing` completes "could not …"."""
    try:
        yield
    except ClientError as error:
        raise _answered(doing, error) from error
    except BotoCoreError as error:
        raise _unsent(doing, error) from error
    except ResponseParserError as error:
        raise Unanswered(f"could not {doing}: the answer is not one of AWS ({error})") from error
    except RuntimeError as error:
        if _STALE not in str(error):
            raise
        raise _blind(doing, "the AWS credentials have expired", error) from error


def _unsent(doing: str, error: BotoCoreError) -> DeployError:
    """An error that botocore found by itself, without an answer from AWS."""
    if isinstance(error, _NO_KEYS):
        return _blind(doing, "there are no usable AWS credentials", error)
    if isinstance(error, _NO_LOGIN):
        return _blind(doing, "the AWS login has expired", error)
    if isinstance(error, NoRegionError):
        return Refused(
            f"could not {doing}: no AWS region", hint="Set `region:` in the environment."
        )
    if isinstance(error, _UNHEARD):
        return Unanswered(
            f"could not {doing}: no answer from AWS ({error})",
            hint="Check the network and the endpoint. In the sandbox: deployctl sandbox status",
        )
    return Refused(f"could not {doing}: {error}")


def _blind(doing: str, why: str, error: Exception) -> Blind:
    return Blind(
        f"could not {doing}: {why} ({error})",
        hint="Log in (aws sso login) or set AWS_PROFILE; in CI give the step its role again.",
    )


def _answered(doing: str, error: ClientError) -> DeployError:
    answer = error.response.get("Error", {})
    code, text = str(answer.get("Code", "")), str(answer.get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"could not {doing}: {code}: {text}"
    if code in GONE:
        return Blind(
            f"could not {doing}: the AWS credentials are expired or invalid ({code})",
            hint="Log in again, then: deployctl status",
        )
    busy = code in THROTTLED or status == TOO_MANY
    if busy or code in TROUBLED or status >= BROKEN:
        return Unanswered(said, hint="AWS is busy or has trouble; this is tried again.")
    if error.operation_name in SIGN_IN:
        return _blind(doing, f"{error.operation_name} gives no AWS credentials", error)
    if code in DENIED:
        return Refused(
            said, hint="The role lacks this permission: add it to the IAM policy of the role."
        )
    return Refused(said)


def member(answer: Mapping[str, Any], name: str) -> Any:
    """What every answer of its kind holds.

    Raises Unanswered without it: botocore takes any page of a proxy for an empty answer.
    """
    if name not in answer:
        raise Unanswered(
            f"the answer has no {name}: it does not come from AWS",
            hint="Is there a proxy between here and AWS that answers in its place?",
        )
    return answer[name]


def code_of(error: DeployError) -> str:
    """The AWS error code behind a translated error, or ""."""
    cause = error.__cause__
    if isinstance(cause, ClientError):
        return str(cause.response.get("Error", {}).get("Code", ""))
    return ""
