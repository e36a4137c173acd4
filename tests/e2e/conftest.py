"""One shop and one sandbox a module; its tests tell one story in their order."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.commandline import CommandLine
from tests.e2e.shop import Shop, close_shop, keeps_its_secret, open_shop
from tests.unit.shop.stand import SHOP


@pytest.fixture(scope="session")
def dependencies() -> None:
    """The api's dependencies are in api/site, for the interpreter that the tasks run with."""
    command = [str(SHOP / "prepare.sh")]
    variables = CommandLine(folder=SHOP, state=SHOP).variables()
    subprocess.run(command, env={**variables, "PYTHON": sys.executable}, check=True)


@pytest.fixture(scope="module")
def shop(dependencies: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with nothing released yet, on processes."""
    opened = open_shop(tmp_path_factory.mktemp("shop"))
    try:
        yield opened
        keeps_its_secret(opened)
    finally:
        close_shop(opened)
