"""boto3 clients with explicit retries and timeouts, and the one translation of AWS errors."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

from deployctl.model.errors import Blind, DeployError, Refused, Unanswered

_DEAF = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_GONE = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
}
_PASSING = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "ServerException",
    "InternalError",
    "InternalServerError",
    "InternalFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
    "RequestTimeoutException",
}


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
                    service,  # type: ignore[call-overload]
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
        _raise_answer(doing, error)
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise Blind(
            f"could not {doing}: there are no usable AWS credentials ({error})",
            hint="Log in (aws sso login) or set AWS_PROFILE; in CI give the step its OIDC role.",
        ) from error
    except (SSOError, TokenRetrievalError) as error:
        raise Blind(
            f"could not {doing}: the AWS login has expired ({error})",
            hint="Log in again: aws sso login",
        ) from error
    except NoRegionError as error:
        raise Refused(
            f"could not {doing}: no AWS region", hint="Set `region:` in the environment."
        ) from error
    except (NoConnection, HTTPClientError) as error:
        raise Unanswered(
            f"could not {doing}: no answer from AWS ({error})",
            hint="Check the network and the endpoint. In the sandbox: deployctl sandbox status",
        ) from error
    except BotoCoreError as error:
        raise Refused(f"could not {doing}: {error}") from error


def _raise_answer(doing: str, error: ClientError) -> NoReturn:
    answer = error.response.get("Error", {})
    code, text = str(answer.get("Code", "")), str(answer.get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"could not {doing}: {code}: {text}"
    if code in _GONE:
        raise Blind(
            f"could not {doing}: the AWS credentials are expired or invalid ({code})",
            hint="Log in again, then: deployctl status",
        ) from error
    if code in _PASSING or status >= 500:  # noqa: PLR2004 - HTTP's own border
        raise Unanswered(said, hint="AWS is busy or has trouble; this is tried again.") from error
    if code in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}:
        raise Refused(
            said, hint="The role lacks this permission: add it to the IAM policy of the role."
        ) from error
    raise Refused(said) from error


def code_of(error: DeployError) -> str:
    """The AWS error code behind a translated error, or ""."""
    cause = error.__cause__
    if isinstance(cause, ClientError):
        return str(cause.response.get("Error", {}).get("Code", ""))
    return ""
