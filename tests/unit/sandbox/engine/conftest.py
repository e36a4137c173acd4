"""The embedded cloud's double, for every test of the engine that asks for it."""

from collections.abc import Iterator

import pytest

from tests.unit.sandbox.engine.cloud_double import CloudDouble, cloud_double


@pytest.fixture
def cloud() -> Iterator[CloudDouble]:
    """A registry and four API calls on 127.0.0.1."""
    with cloud_double() as double:
        yield double
