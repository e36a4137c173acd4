"""The addresses a sandbox tells."""

from dataclasses import replace
from pathlib import Path

from deployctl.sandbox.facts import Part, Sandbox

PART = Part(
    name="ministack", pid=7, port=4700, alive=True, answering=True, uptime=1.5, log=Path("/x.log")
)
BOX = Sandbox(
    root=Path("/box"),
    port=4700,
    backend="processes",
    socket=Path("/box/docker.sock"),
    database_url="postgresql://shop:x@127.0.0.1:4701/shop",
    task_database_url="postgresql://shop:x@127.0.0.1:4701/shop",
    parts=(PART,),
)


def test_the_api_and_the_registry_share_one_address_on_loopback() -> None:
    assert (BOX.endpoint, BOX.registry) == ("http://127.0.0.1:4700", "127.0.0.1:4700")


def test_a_load_balancer_has_an_address_that_needs_no_dns() -> None:
    assert BOX.alb_url("shop") == "http://127.0.0.1:4700/_alb/shop"


def test_browsers_get_names_they_resolve_themselves() -> None:
    assert BOX.alb_host("shop") == "shop.alb.localhost:4700"
    assert BOX.cdn_host("d123.cloudfront.net") == "d123.cloudfront.localhost:4700"


def test_only_containers_have_a_python_base_image() -> None:
    assert BOX.python_image == ""
    in_containers = replace(BOX, backend="containers")
    assert in_containers.python_image == "127.0.0.1:4700/sandbox/python:3"


def test_the_placeholder_is_in_the_sandboxs_own_registry() -> None:
    assert BOX.placeholder_image == "127.0.0.1:4700/sandbox/placeholder:1"


def test_it_is_healthy_only_when_every_part_lives_and_answers() -> None:
    assert BOX.healthy
    assert not replace(BOX, parts=(PART, replace(PART, answering=False))).healthy


def test_a_part_is_found_by_its_name() -> None:
    assert BOX.part("ministack") is PART
    assert BOX.part("postgres") is None


def test_any_aws_tool_can_be_pointed_at_it() -> None:
    environment = BOX.aws_environment()
    assert environment["AWS_ENDPOINT_URL"] == BOX.endpoint
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == BOX.region
    assert environment["AWS_ACCESS_KEY_ID"] == BOX.access_key
    assert environment["AWS_SECRET_ACCESS_KEY"] == BOX.secret_key
    assert BOX.account == "000000000000"
