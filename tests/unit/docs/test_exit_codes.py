"""Every exit code is explained, with what to do next."""

import re

from deployctl.model.exits import Exit
from docs.generator import exit_codes
from tests.unit.docs.markdown import ROOT
from tests.unit.docs.mentions import complaint, mentions


def test_each_has_a_meaning_and_a_next_step() -> None:
    assert set(exit_codes.MEANINGS) == set(Exit)
    for meaning in exit_codes.MEANINGS.values():
        assert meaning.so.endswith(".")
        assert meaning.next
        assert [complaint(one) for one in mentions(meaning.next) if complaint(one)] == []


def test_the_page_is_current() -> None:
    written = (ROOT / "docs/exit-codes.md").read_text()
    assert written == exit_codes.page(), "python -m docs.generator"


def test_the_readme_s_table_names_every_code_once() -> None:
    readme = (ROOT / "README.md").read_text().partition("## Exit codes")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| ([\d, ]+) \|", readme, re.MULTILINE)
    assert [int(code) for cell in cells for code in cell.split(",")] == sorted(map(int, Exit))
