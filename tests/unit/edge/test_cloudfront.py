"""What CloudFront answers and no emulator does: answers are checked against the API's own model."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from deployctl.adapters.aws.clients import Clients
from deployctl.adapters.aws.cloudfront import CloudFront
from deployctl.adapters.aws.identity import Sts
from deployctl.model.errors import Blind, Refused, Unanswered
from tests.fakes.clock import START, FakeClock

AT = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.fixture
def clients() -> Clients:
    return Clients(region="eu-west-1", keys=("testing", "testing"))


@pytest.fixture
def api(clients: Clients) -> Iterator[Stubber]:
    with Stubber(clients.client("cloudfront")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def order(status: str, reference: str = "r1", id_: str = "I1") -> dict[str, Any]:
    paths = {"Quantity": 1, "Items": ["/*"]}
    return {
        "Invalidation": {
            "Id": id_,
            "Status": status,
            "CreateTime": AT,
            "InvalidationBatch": {"Paths": paths, "CallerReference": reference},
        }
    }


@pytest.mark.parametrize(
    ("status", "done"), [("InProgress", False), ("Completed", True), ("COMPLETED", True)]
)
def test_an_order_is_done_however_its_status_is_spelled(
    clients: Clients, api: Stubber, status: str, done: bool
) -> None:
    api.add_response("get_invalidation", order(status), {"DistributionId": "E1", "Id": "I1"})
    assert CloudFront(clients).invalidation("E1", "I1").is_done is done


def test_the_key_of_the_change_is_the_caller_reference(clients: Clients, api: Stubber) -> None:
    batch = {"Paths": {"Quantity": 2, "Items": ["/", "/a*"]}, "CallerReference": "r1/invalidate:E1"}
    sent = {"DistributionId": "E1", "InvalidationBatch": batch}
    api.add_response("create_invalidation", order("InProgress"), sent)
    assert CloudFront(clients).invalidate("E1", ("/", "/a*"), "r1/invalidate:E1") == "I1"


def test_too_many_orders_in_progress_may_be_tried_again(clients: Clients, api: Stubber) -> None:
    api.add_client_error("create_invalidation", "TooManyInvalidationsInProgress", "busy", 400)
    with pytest.raises(Unanswered, match="too many invalidations in progress"):
        CloudFront(clients).invalidate("E1", ("/*",), "r1")


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        ("BatchTooLarge", "wildcard"),
        ("InvalidationBatchAlreadyExists", "new release"),
        ("AccessDenied", "IAM policy"),
    ],
)
def test_a_refusal_has_its_cure(clients: Clients, api: Stubber, code: str, cure: str) -> None:
    api.add_client_error("create_invalidation", code, "no", 400)
    with pytest.raises(Refused, match=code) as caught:
        CloudFront(clients).invalidate("E1", ("/*",), "r1")
    assert cure in caught.value.hint


def test_an_order_is_looked_for_among_the_newest(clients: Clients, api: Stubber) -> None:
    summaries = [{"Id": f"I{n}", "CreateTime": AT, "Status": "Completed"} for n in (3, 2, 1)]
    page = {
        "Marker": "",
        "MaxItems": 20,
        "IsTruncated": False,
        "Quantity": 3,
        "Items": summaries,
    }
    api.add_response(
        "list_invalidations", {"InvalidationList": page}, {"DistributionId": "E1", "MaxItems": "20"}
    )
    api.add_response("get_invalidation", order("Completed", "r3", "I3"))
    api.add_response("get_invalidation", order("Completed", "r2", "I2"))
    assert CloudFront(clients).find("E1", "r2") == "I2"


def test_a_distribution_nobody_may_see_is_not_a_missing_one(clients: Clients, api: Stubber) -> None:
    api.add_client_error("get_distribution", "AccessDenied", "no", 403)
    with pytest.raises(Refused, match="AccessDenied"):
        CloudFront(clients).look("E1")


def who(clients: Clients, date: str | None) -> Any:
    headers = {} if date is None else {"date": date}
    answer = {
        "Account": "111111111111",
        "Arn": "arn:aws:sts::111111111111:assumed-role/release/x",
        "UserId": "AROA:x",
        "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": headers},
    }
    with Stubber(clients.client("sts")) as stub:
        stub.add_response("get_caller_identity", answer)
        return Sts(clients, FakeClock()).who()


def test_we_are_who_aws_says(clients: Clients) -> None:
    caller = who(clients, "Sat, 14 Mar 2026 08:58:30 GMT")
    assert (caller.account, caller.arn.rpartition("/")[2]) == ("111111111111", "x")
    assert caller.skew_seconds == 90
    assert START.minute == 0


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_without_a_date_the_skew_is_unknown(clients: Clients, date: str | None) -> None:
    assert who(clients, date).skew_seconds is None


def test_an_expired_login_leaves_us_blind(clients: Clients) -> None:
    with Stubber(clients.client("sts")) as stub:
        stub.add_client_error("get_caller_identity", "ExpiredToken", "expired", 403)
        with pytest.raises(Blind) as caught:
            Sts(clients, FakeClock()).who()
    assert caught.value.hint
