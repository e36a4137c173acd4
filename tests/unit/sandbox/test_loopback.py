"""Ports on loopback."""

import socket

import pytest

from deployctl.model.errors import CheckFailed
from deployctl.sandbox.loopback import claim, free_port


def test_a_free_port_can_be_claimed() -> None:
    port = free_port()
    assert claim(port) == port


def test_a_taken_port_is_refused_with_its_number_and_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CheckFailed, match=f"port {port} .* another program listens") as caught:
            claim(port)
    assert "--port" in caught.value.hint


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(CheckFailed, match="is not a port"):
        claim(port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CheckFailed, match="192\\.0\\.2\\.1"):
        claim(8080, "192.0.2.1")
