"""The JSON Schema accepts what the file loader accepts, and points at what it refuses."""

import json
from pathlib import Path

import pytest

from deployctl.config import load_all, schema
from deployctl.config.compose import compose
from deployctl.config.node import plain
from tests.unit.config.good import GOOD, but, expecting, plus
from tests.unit.config.json_schema import complaints, unknown_keywords
from tests.unit.config.test_settings import MINIMAL

TOUR = Path(__file__).parents[3] / "examples/shop/deployctl.yaml"


def said_about(text: str) -> list[str]:
    return complaints(schema(), plain(compose(text, "x")[0]))


def test_it_is_json_of_the_declared_draft_and_nothing_in_it_goes_unchecked() -> None:
    drawn = schema()
    assert json.loads(json.dumps(drawn)) == drawn
    assert drawn["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert unknown_keywords(drawn) == set()


@pytest.mark.parametrize("text", [TOUR.read_text(), MINIMAL, GOOD], ids=["tour", "minimal", "good"])
def test_good_files_are_valid(text: str) -> None:
    assert said_about(text) == []


def test_shorthands_extensions_and_overlays_are_valid() -> None:
    text = expecting(
        "{status: [200, 204], header: {etag: exists, x-a: {not: {contains: b}}},"
        " body: {contains: [a, b]}, json: {$.n: {count: {gte: 1}}}, latency: {warn_ms: 5}}"
    )
    text += "x-note: {a: 1}\n"
    text = text.replace(
        "cluster: shop,", "cluster: shop, x-a: 1, cdn: null, services: {web: null},"
    )
    text = text.replace("null}, url", "{patience: 5m, desired: 3}}, url")
    assert said_about(text) == []


WRONG = {
    "unknown key": (plus("servces: {}\n"), "$: unknown key servces"),
    "number for text": (but('"222222222222"', "222222222222"), "$.environments.staging.account"),
    "no ecs": (but(", ecs: shop-web", ""), "$.services.web: lacks ecs"),
    "no services": ("project: a\nenvironments: {a: {sandbox: true}}\n", "$: lacks services"),
    "duration": (but("after: [api]", "patience: 5"), "$.services.web.patience"),
    "operator": (expecting("{json: {$.a: {containz: x}}}"), "$.smoke[0].expect.json.$.a"),
    "status": (expecting("{status: 99}"), "$.smoke[0].expect.status"),
    "in an overlay": (
        but("cluster: shop,", "cluster: shop, services: {web: {aftr: []}},"),
        "$.environments.staging.services.web: unknown key aftr",
    ),
    "planned": (plus("notify: {}\n"), "$: unknown key notify"),
    "preset": (plus("migrations: {m: {service: api, preset: alembik}}\n"), "$.migrations.m.preset"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_pointed_at(name: str) -> None:
    text, at = WRONG[name]
    said = said_about(text)
    assert any(each.startswith(at) for each in said), said


def test_each_key_has_a_description() -> None:
    drawn = schema()
    for name, definition in drawn["$defs"].items():
        if not name.startswith("Overlay") and name != "Environment":
            for key, each in definition["properties"].items():
                assert "$ref" in each or each.get("description"), f"{name}.{key}"


def test_the_tour_loads_in_all_its_environments() -> None:
    every = load_all(TOUR)
    assert [*every] == ["sandbox", "containers", "staging", "production"]
    assert {each.source for each in every["sandbox"].builds.values()} == {"layer"}
    assert {each.source for each in every["containers"].builds.values()} == {"dockerfile"}
    assert every["staging"].place.url == "https://staging.shop.example"
    for settings in every.values():
        assert settings.waves == (("api",), ("web", "worker"))


def test_the_tour_shows_every_key() -> None:
    text = TOUR.read_text()
    drawn = schema()
    for name, definition in drawn["$defs"].items():
        if not name.startswith("Overlay"):
            for key in definition["properties"]:
                assert key in text, f"{name}.{key} is not in the tour"
