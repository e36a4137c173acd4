"""Every preflight rule by its facts, and the refusal that names them all at once."""

from dataclasses import replace

import pytest

from deployctl.checks import preflight
from deployctl.checks.account import account_is, clock_is_right
from deployctl.checks.distribution import distribution_serves
from deployctl.checks.finding import Finding, Level, Rule, fail, ok, warn
from deployctl.checks.fleet import (
    fleet_can_roll,
    service_is_quiet,
    service_is_there,
    way_back_is_open,
)
from deployctl.checks.smoke import url_can_be_asked
from deployctl.model.check import Check
from deployctl.model.errors import Blind, CheckFailed
from deployctl.model.exits import Exit
from deployctl.model.rollout import Deployment, Fleet
from deployctl.model.taskdef import Definition
from tests.fakes.cdn import distribution
from tests.fakes.identity import WE, FakeIdentity

FLEET = Fleet(service="shop-api", desired=2, running=2)
ROLLING = (
    Deployment(id="ecs-svc/2", status="PRIMARY", revision="r2"),
    Deployment(id="ecs-svc/1", status="ACTIVE", revision="r1"),
)


def definition(*, active: bool) -> Definition:
    return Definition(
        arn="arn:aws:ecs:eu-west-1:1:task-definition/api:7", family="api", active=active, body={}
    )


def check(url: str, *headers: tuple[str, str]) -> Check:
    return Check(name="version", url=url, headers=headers)


FINDINGS: list[tuple[Finding, Level, str]] = [
    (account_is(WE, "111111111111"), Level.OK, "account 111111111111"),
    (account_is(WE, ""), Level.OK, "role/release"),
    (account_is(WE, "222222222222"), Level.FAIL, "but the environment is in account 222222222222"),
    (clock_is_right(WE), Level.OK, "within 1 s"),
    (clock_is_right(replace(WE, skew_seconds=60.0)), Level.OK, "within 60 s"),
    (clock_is_right(replace(WE, skew_seconds=61.0)), Level.FAIL, "61 s ahead of AWS"),
    (clock_is_right(replace(WE, skew_seconds=-3600.0)), Level.FAIL, "3600 s behind AWS"),
    (clock_is_right(replace(WE, skew_seconds=None)), Level.WARN, "did not say"),
    (distribution_serves("E1", distribution()), Level.OK, "e1.cloudfront.net"),
    (distribution_serves("E1", None), Level.FAIL, "no CloudFront distribution E1"),
    (distribution_serves("E1", distribution(enabled=False)), Level.FAIL, "disabled"),
    (distribution_serves("E1", distribution(is_deployed=False)), Level.WARN, "being changed"),
    (service_is_there(FLEET), Level.OK, "2 of 2 tasks"),
    (service_is_there(replace(FLEET, status="DRAINING")), Level.FAIL, "is DRAINING, not ACTIVE"),
    (service_is_there(replace(FLEET, status="MISSING")), Level.FAIL, "no ECS service shop-api"),
    (service_is_quiet(FLEET), Level.OK, "not rolling"),
    (service_is_quiet(replace(FLEET, deployments=ROLLING)), Level.WARN, "already rolling"),
    (way_back_is_open(FLEET, definition(active=True)), Level.OK, "can return to api:7"),
    (way_back_is_open(FLEET, definition(active=False)), Level.FAIL, "no way back"),
    (fleet_can_roll(FLEET), Level.OK, "2 tasks at a time"),
    (fleet_can_roll(replace(FLEET, max_percent=100)), Level.FAIL, "cannot roll"),
    (fleet_can_roll(replace(FLEET, max_percent=100, desired=0)), Level.OK, "can exchange"),
    (fleet_can_roll(replace(FLEET, max_percent=125), desired=2), Level.FAIL, "with 2 tasks"),
    (fleet_can_roll(replace(FLEET, min_percent=50)), Level.WARN, "minimumHealthyPercent 50"),
    (url_can_be_asked(check("https://shop.example/version")), Level.OK, "version"),
    (url_can_be_asked(check("http://shop.localhost:4566/")), Level.OK, "version"),
    (url_can_be_asked(check("/version")), Level.FAIL, "not an http(s) address"),
    (url_can_be_asked(check("ftp://shop.example/")), Level.FAIL, "not an http(s) address"),
    (url_can_be_asked(check("http://shop.example:0/")), Level.FAIL, "not an http(s) address"),
    (url_can_be_asked(check("http://shop.example:99999/")), Level.FAIL, "Port out of range"),
    (url_can_be_asked(check("https://me:secret@shop.example/")), Level.FAIL, "user or password"),
    (
        url_can_be_asked(check("http://shop.example/", ("Authorization", "Bearer x"))),
        Level.WARN,
        "plain http",
    ),
    (url_can_be_asked(check("http://127.0.0.1/", ("Authorization", "x"))), Level.OK, "127.0.0.1"),
]


@pytest.mark.parametrize(("finding", "level", "part"), FINDINGS)
def test_a_rule_finds_what_is_so(finding: Finding, level: Level, part: str) -> None:
    assert finding.level is level
    assert part in finding.what
    assert bool(finding.cure) is (level is not Level.OK)
    assert "secret" not in finding.what


def test_a_missing_service_is_told_with_those_there_are() -> None:
    gone = replace(FLEET, status="MISSING")
    assert "There are: shop-web, shop-worker." in (
        service_is_there(gone, ("shop-worker", "shop-web")).cure
    )
    assert "cluster" in service_is_there(gone).cure


def test_a_passed_preflight_returns_everything_it_found() -> None:
    rules: list[Rule] = [lambda: ok("well"), lambda: warn("hm", "look")]
    assert preflight.run(rules) == (ok("well"), warn("hm", "look"))


def test_all_failures_are_named_at_once_with_their_cures() -> None:
    rules: list[Rule] = [
        lambda: fail("no service", "make one"),
        lambda: ok("well"),
        lambda: fail("wrong account", "log in"),
    ]
    with pytest.raises(CheckFailed) as caught:
        preflight.run(rules)
    assert str(caught.value) == "2 checks failed:\n1. no service\n2. wrong account"
    assert caught.value.hint == "1. make one\n2. log in"
    assert caught.value.exit is Exit.CHECK_FAILED


def test_one_failure_is_told_as_it_is() -> None:
    with pytest.raises(CheckFailed, match=r"^no service$") as caught:
        preflight.run([lambda: fail("no service", "make one")])
    assert caught.value.hint == "make one"


def test_a_rule_that_cannot_be_answered_has_failed_and_is_told_once() -> None:
    blind = FakeIdentity(error=Blind("the login has expired", hint="aws sso login"))
    rules: list[Rule] = [
        lambda: account_is(blind.who(), "1"),
        lambda: clock_is_right(blind.who()),
    ]
    with pytest.raises(CheckFailed, match=r"^the login has expired$") as caught:
        preflight.run(rules)
    assert caught.value.hint == "aws sso login"
