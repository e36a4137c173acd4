"""Addresses of 127/8, and the relay for machines that have only one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployctl.sandbox.engine.net import (
    Addresses,
    Octet,
    answers,
    bindable,
    free_port,
    has_own_addresses,
)
from deployctl.sandbox.engine.places import OneAddress, OwnAddresses
from deployctl.sandbox.engine.relay import Relay
from deployctl.sandbox.engine.taskinfo import Task
from deployctl.sandbox.engine.wire import Refusal

OCTET = 60  # below the range that sandboxes take by themselves


def task(number: int, *ports: int, service: str = "s") -> Task:
    """A task with ports."""
    return Task(arn=f"t{number}", cluster="c", container="w", service=service, ports=ports)


@contextmanager
def listener(address: str, port: int = 0, *, greeting: bytes = b"") -> Iterator[int]:
    """Something that listens, greets each caller with its name and what they said."""
    server = socket.create_server((address, port))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                said = line.recv(100)
                line.sendall(greeting + said)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def ask(address: str, port: int, words: bytes = b"?") -> bytes:
    """Say something and half-close; all that comes back, nothing when the door is shut."""
    with socket.create_connection((address, port), 5) as line:
        line.sendall(words)
        try:
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(100), b""))
        except OSError:
            return b""


def test_each_task_has_its_own_address_sidecars_share_it_and_none_comes_back_soon(
    tmp_path: Path,
) -> None:
    addresses = Addresses(Octet(tmp_path, OCTET), tmp_path / "count")
    first = addresses.take("a", [8080])
    assert first.startswith(f"127.{OCTET}.0.")
    assert addresses.take("a", [9090]) == first
    addresses.give_back("a")
    assert addresses.take("a", []) != first
    later = Addresses(Octet(tmp_path, OCTET), tmp_path / "count")
    assert later.take("b", []) not in (first, "127.60.0.2")
    later.hold("old", "127.60.7.7")
    assert later.take("old", []) == "127.60.7.7"


def test_an_address_whose_port_is_taken_is_left_out(tmp_path: Path) -> None:
    port = free_port()
    with listener(f"127.{OCTET}.0.3", port):
        assert (
            Addresses(Octet(tmp_path, OCTET), tmp_path / "count").take("a", [port])
            == f"127.{OCTET}.0.4"
        )


def test_somebody_on_every_address_is_named_before_and_after_the_start(tmp_path: Path) -> None:
    places = OwnAddresses(Addresses(Octet(tmp_path, OCTET), tmp_path / "count"))
    with listener("0.0.0.0") as port:
        with pytest.raises(Refusal, match=f"some program listens on 0.0.0.0:{port}"):
            places.take(task(1, port))
        with pytest.raises(Refusal, match=r"must listen on \$HOST"):
            places.check({port: port})
        address, ports = places.take(task(2, port, service=""))
    assert ports == {port: port}
    places.check({port: port})
    places.admit(address, ports)
    places.dismiss(address, ports)
    places.give_back("t2")


def test_two_sandboxes_never_share_an_octet_and_one_can_be_chosen(tmp_path: Path) -> None:
    one, two = Octet(tmp_path), Octet(tmp_path)
    assert one.number != two.number
    assert Octet(tmp_path, 61).number == 61
    assert has_own_addresses(one.number)
    for octet in (one, two):
        octet.release()


def test_bindable_and_answers_tell_a_listener() -> None:
    with listener("127.0.0.1") as port:
        assert answers("127.0.0.1", port)
        assert not bindable("127.0.0.1", port)
    assert bindable("127.0.0.1", port)
    assert not bindable("192.0.2.1")


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay, closed at the end."""
    relay = Relay()
    yield relay
    relay.close()


def test_the_relay_goes_round_the_live_tasks_and_leaves_out_the_dismissed(relay: Relay) -> None:
    places, door = OneAddress(relay), free_port()
    with listener("127.0.0.1", greeting=b"A") as a, listener("127.0.0.1", greeting=b"B") as b:
        places.admit("127.0.0.1", {door: a})
        places.admit("127.0.0.1", {door: b})
        assert {ask("127.0.0.1", door, b"x") for _ in range(4)} == {b"Ax", b"Bx"}
        places.dismiss("127.0.0.1", {door: a})
        assert {ask("127.0.0.1", door) for _ in range(4)} == {b"B?"}
        places.dismiss("127.0.0.1", {door: b})
        assert ask("127.0.0.1", door) == b""


def test_a_dead_target_is_skipped(relay: Relay) -> None:
    door = free_port()
    with listener("127.0.0.1", greeting=b"A") as a:
        relay.add(("127.0.0.1", door), ("127.0.0.1", free_port()))
        relay.add(("127.0.0.1", door), ("127.0.0.1", a))
        assert {ask("127.0.0.1", door) for _ in range(4)} == {b"A?"}


def test_a_door_that_is_taken_is_refused(relay: Relay) -> None:
    with (
        listener("127.0.0.1") as port,
        pytest.raises(Refusal, match=f"cannot relay 127.0.0.1:{port}"),
    ):
        relay.add(("127.0.0.1", port), ("127.0.0.1", 1))


def test_behind_the_relay_each_task_has_ports_of_its_own(relay: Relay) -> None:
    places = OneAddress(relay)
    (one, first), (two, second) = places.take(task(1, 8080)), places.take(task(2, 8080))
    assert (one, two) == ("127.0.0.1", "127.0.0.1")
    assert first[8080] != second[8080]
    places.hold("t1", one)
    places.check(first)
    places.give_back("t1")
