"""Links lead somewhere, and every page can be reached from the README."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.markdown import PAGES, ROOT, Page

TESTS_NAMED = re.compile(r"`(tests/[\w/]+\.py)`")


def target(page: Page, link: str) -> Path:
    return (page.path.parent / link.partition("#")[0]).resolve() if link[0] != "#" else page.path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_to_a_file_and_a_heading(page: Page) -> None:
    for link in page.links:
        if link.startswith("https://"):
            continue
        file = target(page, link)
        assert file.exists(), link
        heading = link.partition("#")[2]
        if heading:
            assert heading in Page(path=file).anchors, link


def test_every_page_can_be_reached_from_the_readme() -> None:
    by_path = {page.path: page for page in PAGES}
    found, todo = set(), [ROOT / "README.md"]
    while todo:
        path = todo.pop()
        if path in by_path and path not in found:
            found.add(path)
            page = by_path[path]
            todo += [target(page, link) for link in page.links if not link.startswith("https:")]
    assert found == set(by_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tests_that_are_named_are_there(page: Page) -> None:
    named = TESTS_NAMED.findall(page.text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_decision_is_a_page_with_its_context_and_its_cost() -> None:
    decisions = [page for page in PAGES if re.match(r"docs/adr/\d{4}-", page.name)]
    assert len(decisions) >= 7
    for page in decisions:
        assert re.match(rf"# {page.path.name[:4]}: \S", page.text), page.name
        assert len(page.text.splitlines()) <= 60, page.name
        for part in ("**Context.**", "**Decision.**", "**What it costs.**"):
            assert part in page.text, page.name
