"""ECR's answers, good and bad, as the core understands them."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from deployctl.adapters.aws.clients import Clients
from deployctl.adapters.aws.ecr import EcrRepositories
from deployctl.model.errors import Blind, Refused, Unanswered
from tests.fakes.clock import START, FakeClock

URI = "333333333333.dkr.ecr.eu-west-1.amazonaws.com/shop/api"
DIGEST = f"sha256:{'d' * 64}"


CLIENTS = Clients(region="eu-west-1", keys=("a", "b"))  # one for all: a client costs 0.4 s


class House:
    """The adapter, with what ECR will answer."""

    def __init__(self, override: str = "") -> None:
        self.clock = FakeClock()
        self.ecr = EcrRepositories(CLIENTS, clock=self.clock, override=override)
        self.stub = Stubber(CLIENTS.client("ecr"))
        self.stub.activate()

    def answer(
        self, call: str, answer: dict[str, Any], asked: dict[str, Any] | None = None
    ) -> None:
        self.stub.add_response(call, answer, asked)

    def refuse(self, call: str, code: str, status: int = 400) -> None:
        self.stub.add_client_error(call, code, "because", http_status_code=status)


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.stub.assert_no_pending_responses()
    house.stub.deactivate()


def repository(mutability: str = "MUTABLE") -> dict[str, Any]:
    return {
        "repositoryName": "shop/api",
        "repositoryUri": URI,
        "imageTagMutability": mutability,
    }


@pytest.mark.parametrize(
    ("mutability", "immutable"),
    [("MUTABLE", False), ("IMMUTABLE", True), ("IMMUTABLE_WITH_EXCLUSION", True)],
)
def test_a_repository_and_whether_its_tags_move(
    house: House, mutability: str, immutable: bool
) -> None:
    house.answer(
        "describe_repositories",
        {"repositories": [repository(mutability)]},
        {"repositoryNames": ["shop/api"]},
    )
    found = house.ecr.look("shop/api")
    assert found is not None
    assert (found.name, found.address, found.immutable) == ("shop/api", URI, immutable)


def test_the_override_replaces_the_host() -> None:
    house = House(override="127.0.0.1:4566")
    house.answer("describe_repositories", {"repositories": [repository()]})
    found = house.ecr.look("shop/api")
    house.stub.deactivate()
    assert found is not None
    assert found.address == "127.0.0.1:4566/shop/api"


def test_a_missing_repository_is_none_and_has_its_cure(house: House) -> None:
    house.refuse("describe_repositories", "RepositoryNotFoundException")
    assert house.ecr.look("shop/api") is None
    assert house.ecr.missing("shop/api") == (
        "Create it: aws ecr create-repository --repository-name shop/api "
        "--image-tag-mutability IMMUTABLE --region eu-west-1, "
        "or set `create_repository: true` on the build."
    )


def test_a_new_repository_is_immutable_and_scanned(house: House) -> None:
    house.answer(
        "create_repository",
        {"repository": repository("IMMUTABLE")},
        {
            "repositoryName": "shop/api",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
        },
    )
    assert house.ecr.create("shop/api").immutable


def test_somebody_may_have_created_it_first(house: House) -> None:
    house.refuse("create_repository", "RepositoryAlreadyExistsException")
    house.answer("describe_repositories", {"repositories": [repository()]})
    assert house.ecr.create("shop/api").address == URI


def test_not_being_allowed_to_create_is_said(house: House) -> None:
    house.refuse("create_repository", "AccessDeniedException")
    with pytest.raises(Refused, match="could not create the repository shop/api: AccessDenied"):
        house.ecr.create("shop/api")


@pytest.mark.parametrize(("ref", "key"), [("v1", "imageTag"), (DIGEST, "imageDigest")])
def test_an_image_is_found_with_all_its_tags(house: House, ref: str, key: str) -> None:
    house.answer(
        "describe_images",
        {"imageDetails": [{"imageDigest": DIGEST, "imageTags": ["v1", "ctx-1"]}]},
        {"repositoryName": "shop/api", "imageIds": [{key: ref}]},
    )
    found = house.ecr.find("shop/api", ref)
    assert found is not None
    assert (found.digest, found.tags) == (DIGEST, ("ctx-1", "v1"))


@pytest.mark.parametrize("code", ["ImageNotFoundException", "RepositoryNotFoundException"])
def test_an_image_that_is_not_there_is_none(house: House, code: str) -> None:
    house.refuse("describe_images", code)
    assert house.ecr.find("shop/api", "v1") is None


def test_an_archived_image_or_an_empty_answer_is_none(house: House) -> None:
    for details in ([{"imageDigest": DIGEST, "imageStatus": "ARCHIVED"}], []):
        house.answer("describe_images", {"imageDetails": details})
        assert house.ecr.find("shop/api", "v1") is None


def test_no_answer_is_not_an_absence(house: House) -> None:
    house.refuse("describe_images", "ServerException", 500)
    with pytest.raises(Unanswered):
        house.ecr.find("shop/api", "v1")
    house.refuse("describe_images", "InvalidParameterException")
    with pytest.raises(Refused):
        house.ecr.find("shop/api", "v1")
    house.refuse("describe_repositories", "AccessDeniedException")
    with pytest.raises(Refused, match="AccessDenied"):
        house.ecr.look("shop/api")


def token(password: str, until: datetime) -> dict[str, Any]:
    packed = base64.b64encode(f"AWS:{password}".encode()).decode()
    return {"authorizationData": [{"authorizationToken": packed, "expiresAt": until}]}


def test_the_password_is_asked_for_once_and_again_when_it_gets_old(house: House) -> None:
    assert START.tzinfo is UTC
    house.answer("get_authorization_token", token("first:x", START + timedelta(hours=12)))
    assert house.ecr.login() == house.ecr.login() == ("AWS", "first:x")
    house.clock.sleep(timedelta(hours=11, minutes=50).total_seconds())
    house.answer("get_authorization_token", token("second", START + timedelta(hours=24)))
    assert house.ecr.login() == ("AWS", "second")


def test_expired_credentials_leave_us_blind(house: House) -> None:
    house.refuse("get_authorization_token", "ExpiredTokenException")
    with pytest.raises(Blind):
        house.ecr.login()
