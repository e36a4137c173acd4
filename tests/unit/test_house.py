"""House rules that no linter has: files stay short, and each begins with what it is for."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 250
FOLDERS = ("deployctl", "tests", "benchmarks", "docs", "examples")
FILES = sorted(
    file
    for folder in FOLDERS
    for file in (ROOT / folder).rglob("*.py")
    if not {"site", "__pycache__"} & set(file.parts)
)


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_there_is_a_house() -> None:
    assert len(FILES) > 200


def test_no_file_is_longer_than_a_person_can_hold_in_mind() -> None:
    lines = {name(file): len(file.read_text().splitlines()) for file in FILES}
    assert {file: count for file, count in lines.items() if count > LONGEST} == {}


@pytest.mark.parametrize("file", FILES, ids=name)
def test_each_file_begins_with_one_sentence_about_itself(file: Path) -> None:
    first = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]
    assert first.endswith((".", "?"))
    assert len(first.split()) > 1
