"""Commands that are written anywhere, in the docs or in a hint, exist with their options."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generator import commands
from tests.unit.docs.markdown import PAGES, ROOT, Page
from tests.unit.docs.mentions import COMMANDS, complaint, mentions

MODULES = sorted((ROOT / "deployctl").rglob("*.py"))


def sentences(module: Path) -> Iterator[str]:
    """The texts of a module that a user may read: all but docstrings; values become a gap."""
    tree = ast.parse(module.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    inside = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
        for part in node.values
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in docs | inside:
            yield str(node.value)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_exist(page: Page) -> None:
    wrong = [complaint(mention) for code in page.code for mention in mentions(code)]
    assert [each for each in wrong if each] == []


def test_commands_in_hints_and_messages_exist() -> None:
    wrong = [
        f"{module.relative_to(ROOT)}: {said}"
        for module in MODULES
        for text in sentences(module)
        for mention in mentions(text)
        if (said := complaint(mention))
    ]
    assert wrong == []


def test_mentions_are_found_and_judged() -> None:
    def said(text: str) -> list[str]:
        return [complaint(mention) for mention in mentions(text)]

    assert said("deployctl release --env x, then: deployctl lock status.") == ["", ""]
    assert said("See deployctl historie") == ["there is no `deployctl historie`"]
    assert said("deployctl rollback --root x") == ["`deployctl rollback` has no --root"]
    assert said("deployctl lock … --fence 3; deployctl lock hold|release") == ["", ""]
    assert said("deployctl lock hold|keep") == ["there is no `deployctl lock keep`"]
    assert said("a bug in deployctl: x; deployctl.yaml") == []


def test_every_command_and_option_is_documented() -> None:
    page = (ROOT / "docs/commands.md").read_text()
    for path, command in COMMANDS.items():
        assert f"## {path}\n" in page
        section = page.partition(f"## {path}\n")[2].partition("\n## ")[0]
        for param in command.params:
            assert param.opts[0] in section, f"{path} {param.opts[0]}"


def test_the_page_of_commands_is_current() -> None:
    assert (ROOT / "docs/commands.md").read_text() == commands.page(), "python -m docs.generator"
