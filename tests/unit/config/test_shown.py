"""What `config show` prints is a file that means the same."""

from pathlib import Path

import pytest

from deployctl.config import Settings, load_all, parse, shown
from tests.unit.config.good import FILE, GOOD, but, plus
from tests.unit.config.test_schema import TOUR
from tests.unit.config.test_settings import DIGEST, MINIMAL

TRICKY = (
    but("ecs: shop-web", "ecs: 'no'")
    + f"builds: {{api: {{digest: '{DIGEST}'}}, web: {{oci_layout: 'a$$b'}}}}\n"
    + "migrations:\n"
    + "  m: {service: api, command: ['echo', '$$HOME', '1.10', 'null', ''' x: #'], env: {A: ''}}\n"
    + "smoke: [{post: '/$git_sha', json: [null, {a: 01x}], expect: {json: {$.a: null}}}]\n"
)


@pytest.mark.parametrize(
    "settings",
    [
        *load_all(TOUR).values(),
        *parse(MINIMAL, FILE).values(),
        parse(TRICKY, FILE)["staging"],
    ],
    ids=lambda each: each.environment,
)
def test_it_loads_to_the_same_settings(settings: Settings) -> None:
    text = shown(settings)
    again = parse(text, settings.root / "shown.yaml")
    assert [*again] == [settings.environment]
    assert again[settings.environment] == settings
    assert again[settings.environment].digest == settings.digest


def test_defaults_are_written_out() -> None:
    text = shown(parse(GOOD, FILE)["staging"])
    for line in ("auto: true", "desired: keep", "backend: sqlite", "waves:"):
        assert line in text


def test_text_that_looks_like_something_else_is_quoted() -> None:
    text = shown(parse(TRICKY, FILE)["staging"])
    assert 'ecs: "no"' in text
    assert 'account: "222222222222"' in text
    assert '- "1.10"' in text
    assert "oci_layout: a$$b" in text


def test_a_long_text_stays_on_its_line() -> None:
    settings = parse(plus(f"smoke: [{{get: /, name: '{'long ' * 60}'}}]\n"), Path("/a/b.yaml"))
    assert "long " * 59 in shown(settings["staging"])
