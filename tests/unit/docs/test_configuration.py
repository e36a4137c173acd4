"""What the pages show of deployctl.yaml is accepted, and the reference is complete and current."""

from pathlib import Path

import pytest

from deployctl.config import parse
from docs.generator import configuration
from tests.unit.docs.markdown import PAGES, ROOT

BASE = {
    "project": "project: shop\n",
    "services": "services:\n  api: {build: api, ecs: shop-api}\n",
    "environments": "environments:\n"
    '  staging: {account: "222222222222", region: eu-west-1, cluster: shop, url: "https://x.y"}\n',
}
BLOCKS = [(page.name, block) for page in PAGES for block in page.blocks("yaml")]


def whole(fragment: str) -> str:
    """The fragment, with what a file needs and it does not say."""
    said = {line.partition(":")[0] for line in fragment.splitlines() if line[:1].isalpha()}
    return "".join(text for key, text in BASE.items() if key not in said) + fragment


def test_there_are_examples() -> None:
    assert len(BLOCKS) > 8


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_each_example_is_accepted(page: str, block: str) -> None:
    settings = parse(whole(block), Path("/shop/deployctl.yaml"))
    assert settings, page


def test_the_readme_s_example_is_about_25_lines_and_whole() -> None:
    (block,) = (text for name, text in BLOCKS if name == "README.md")
    assert len(block.splitlines()) <= 28
    assert whole(block) == block
    settings = parse(block, Path("/shop/deployctl.yaml"))
    assert settings["staging"].cdn is None
    assert settings["production"].waves == (("api",), ("web", "worker"))


def test_the_reference_leaves_no_shape_out() -> None:
    assert list(configuration.undescribed()) == []


def test_the_reference_is_current() -> None:
    written = (ROOT / "docs/configuration.md").read_text()
    assert written == configuration.page(), "python -m docs.generator"
