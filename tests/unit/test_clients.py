"""What botocore raises becomes one of our three words: no, no answer, or no credentials."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    IncompleteReadError,
    LoginRefreshRequired,
    MetadataRetrievalError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ReadTimeoutError,
    RefreshWithMFAUnsupportedError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker

from deployctl.adapters.aws.clients import Clients, code_of, member, translated
from deployctl.adapters.aws.codes import THROTTLED
from deployctl.model.errors import Blind, DeployError, Refused, Unanswered
from tests.fakes.ecs_api import refusal


@contextmanager
def said(kind: type[DeployError]) -> Iterator[None]:
    with pytest.raises(DeployError) as told:
        yield
    assert type(told.value) is kind


def raised(error: Exception, kind: type[DeployError]) -> None:
    with said(kind), translated("look"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        CredentialRetrievalError(provider="container-role", error_msg="timed out"),
        MetadataRetrievalError(error_msg="timed out"),
        RefreshWithMFAUnsupportedError(),
        SSOTokenLoadError(error_msg="gone"),
        UnauthorizedSSOTokenError(),
        TokenRetrievalError(provider="sso", error_msg="expired"),
        LoginRefreshRequired(),
        RuntimeError(
            "Credentials were refreshed, but the refreshed credentials are still expired."
        ),
    ],
)
def test_without_credentials_we_are_blind_and_nothing_is_judged(error: Exception) -> None:
    raised(error, Blind)


@pytest.mark.parametrize(
    "code",
    [
        "ExpiredTokenException",
        "MissingAuthenticationToken",
        "InvalidToken",
        "AuthFailure",
        "InvalidIdentityToken",
        "IDPCommunicationError",
    ],
)
def test_credentials_that_aws_does_not_take_make_blind_too(code: str) -> None:
    raised(refusal("DescribeServices", code), Blind)


def test_a_role_that_may_not_be_assumed_any_more_leaves_no_credentials() -> None:
    raised(refusal("AssumeRoleWithWebIdentity", "AccessDenied"), Blind)
    raised(refusal("AssumeRole", "Throttling"), Unanswered)
    raised(refusal("DescribeServices", "AccessDenied"), Refused)


@pytest.mark.parametrize("code", sorted(THROTTLED | {"ServerException", "InternalFailure"}))
def test_what_passes_is_asked_again(code: str) -> None:
    raised(refusal("DescribeServices", code), Unanswered)


def test_everything_that_botocore_takes_for_throttling_passes() -> None:
    assert set(vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]) <= THROTTLED


@pytest.mark.parametrize(("status", "kind"), [(429, Unanswered), (503, Unanswered), (400, Refused)])
def test_an_unknown_code_is_told_by_its_http_status(status: int, kind: type[DeployError]) -> None:
    raised(refusal("DescribeServices", "Whatever", status=status), kind)


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url="https://ecs"),
        ReadTimeoutError(endpoint_url="https://ecs"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
        ChecksumError(checksum_type="crc32", expected_checksum="1", actual_checksum="2"),
        ResponseParserError("invalid XML received"),
    ],
)
def test_half_an_answer_is_none(error: Exception) -> None:
    raised(error, Unanswered)


@pytest.mark.parametrize("error", [NoRegionError(), ParamValidationError(report="bad")])
def test_what_botocore_itself_refuses_is_refused(error: BotoCoreError) -> None:
    raised(error, Refused)


def test_another_runtime_error_is_a_bug_and_stays_one() -> None:
    with pytest.raises(RuntimeError, match="something else"), translated("look"):
        raise RuntimeError("something else")


def test_an_answer_without_its_member_does_not_come_from_aws() -> None:
    assert member({"services": []}, "services") == []
    with said(Unanswered):
        member({"message": "<html>"}, "services")


def test_the_code_of_a_refusal_can_be_read_and_others_have_none() -> None:
    with pytest.raises(Refused) as told, translated("look"):
        raise refusal("DescribeServices", "ClusterNotFoundException")
    assert code_of(told.value) == "ClusterNotFoundException"
    assert isinstance(told.value.__cause__, ClientError)
    assert code_of(Refused("by us")) == ""


def test_a_client_is_made_once_for_its_region() -> None:
    clients = Clients(region="eu-west-1", endpoint="http://127.0.0.1:1", keys=("a", "b"))
    assert clients.client("ecs") is clients.client("ecs")
    assert clients.client("ecs").meta.region_name == "eu-west-1"
    clients.close()
