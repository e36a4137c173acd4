"""A good configuration, and ways to spoil it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from deployctl.config import FileWrong, parse
from deployctl.model.exits import Exit

GOOD = """\
project: shop
services:
  api: {build: api, ecs: shop-api}
  web: {build: web, ecs: shop-web, after: [api]}
environments:
  staging: {account: "222222222222", region: eu-west-1, cluster: shop, url: "https://shop.example"}
"""
FILE = Path("/shop/deployctl.yaml")


def but(old: str, new: str) -> str:
    """The good file with one piece replaced."""
    assert old in GOOD
    return GOOD.replace(old, new)


def plus(text: str) -> str:
    """The good file with more lines at its end."""
    return GOOD + text


def expecting(text: str) -> str:
    """The good file with a smoke check that expects `text`."""
    return plus(f"smoke: [{{get: /, expect: {text}}}]\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A wrong file and the complaint it must raise: `at` is line:column, the rest are parts."""

    text: str
    at: str
    what: str
    cure: str

    def is_complained_about(self) -> None:
        """Load it and compare."""
        with pytest.raises(FileWrong) as caught:
            parse(self.text, FILE)
        error = caught.value
        assert error.exit is Exit.CONFIG
        assert error.hint
        found = [each for each in error.complaints if each.place == f"{FILE}:{self.at}"]
        matching = [each for each in found if self.what in each.sentence and self.cure in each.cure]
        assert matching, f"expected {self.at} {self.what!r} {self.cure!r} in:\n{error}"
        assert str(matching[0]) in str(error).splitlines()
