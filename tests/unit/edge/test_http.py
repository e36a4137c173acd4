"""What only the real HTTP adapter has to prove: TLS names, fresh connections, stubborn peers."""

import datetime as dt
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deployctl.adapters.addresses import is_metadata
from deployctl.adapters.web import HttpWeb
from deployctl.model.check import Answer, NoAnswer, Why
from deployctl.ports.web import Request
from tests.unit.edge.peer import GOOD, Serve, head, polite, serving


def ask(port: int, **more: Any) -> Answer | NoAnswer:
    trust = more.pop("trust", None)
    web = HttpWeb(trust=trust if isinstance(trust, ssl.SSLContext) else None)
    settings: dict[str, Any] = {"url": f"http://127.0.0.1:{port}/", "seconds": 1.0} | more
    (reply,) = web.ask_many([Request(**settings)])
    return reply


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate for shop.example in one file, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


def over_tls(certificate: Path, seen: list[str | None]) -> Serve:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            head(secure)
            secure.sendall(GOOD)

    return serve


def test_the_tls_name_is_the_name_of_the_url_wherever_it_connects(certificate: Path) -> None:
    seen: list[str | None] = []
    trust = ssl.create_default_context(cafile=certificate)
    with serving(over_tls(certificate, seen)) as port:
        way = f"127.0.0.1:{port}"
        reply = ask(port, url="https://shop.example/", connect_to=way, trust=trust)
        other = ask(port, url="https://other.example/", connect_to=way, trust=trust)
    assert isinstance(reply, Answer), reply
    assert isinstance(other, NoAnswer)
    assert other.why is Why.TLS
    assert seen == ["shop.example", "other.example"]


def test_an_unknown_authority_is_a_tls_problem(certificate: Path) -> None:
    with serving(over_tls(certificate, [])) as port:
        reply = ask(port, url="https://shop.example/", connect_to=f"127.0.0.1:{port}")
    assert isinstance(reply, NoAnswer)
    assert reply.why is Why.TLS


def test_every_request_has_its_own_connection_and_asks_for_no_encoding() -> None:
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heads.append(head(connection))
        connection.sendall(GOOD)

    with serving(serve) as port:
        url = f"http://127.0.0.1:{port}/"
        HttpWeb().ask_many([Request(url=url), Request(url=url), Request(url=url)])
    assert len(heads) == 3
    assert all(b"connection: close" in one.lower() for one in heads)
    assert all(b"accept-encoding: identity" in one.lower() for one in heads)


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(polite) as port:
        assert isinstance(ask(port), Answer)


def test_a_peer_that_hangs_up_is_a_connection_problem() -> None:
    with serving(head_only) as port:
        reply = ask(port)
    assert isinstance(reply, NoAnswer)
    assert reply.why is Why.CONNECT


def head_only(connection: socket.socket) -> None:
    head(connection)


@pytest.mark.parametrize(
    "opening", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"], ids=["head", "body"]
)
def test_a_peer_that_drips_byte_by_byte_does_not_hold_us(opening: bytes) -> None:
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(opening)
        for _ in range(200):
            if over.wait(0.05):
                break
            connection.sendall(b"H")

    with serving(serve) as port:
        started = time.monotonic()
        reply = ask(port, seconds=0.3)
        took = time.monotonic() - started
        over.set()
    assert isinstance(reply, NoAnswer)
    assert reply.why is Why.TIMEOUT
    assert took < 4


def test_a_name_is_resolved_once_and_asked_at_its_next_address_when_one_is_dead() -> None:
    looked: list[str] = []

    def lookup(host: str, port: int) -> tuple[str, ...]:
        looked.append(f"{host}:{port}")
        return ("127.0.0.2", "127.0.0.1")

    with serving(polite) as port:
        url = f"http://shop.example:{port}/"
        (reply,) = HttpWeb(lookup=lookup).ask_many([Request(url=url)])
    assert isinstance(reply, Answer), reply
    assert looked == [f"shop.example:{port}"]


def test_a_name_that_does_not_exist_may_exist_later() -> None:
    reply = ask(1, url="http://nothing.invalid/")
    assert isinstance(reply, NoAnswer)
    assert reply.why is Why.CONNECT


@pytest.mark.parametrize("url", ["http://h:99999/", "https://[::1/", "http://a\nb/", "http:///x"])
def test_an_address_that_is_none_is_answered_not_raised(url: str) -> None:
    reply = ask(1, url=url)
    assert isinstance(reply, NoAnswer)
    assert reply.why in {Why.BROKEN, Why.FORBIDDEN, Why.CONNECT}


def test_headers_are_not_told_to_another_host() -> None:
    heads: list[bytes] = []
    ports: list[int] = []

    def serve(connection: socket.socket) -> None:
        heads.append(head(connection))
        there = f"http://localhost:{ports[0]}/there"
        answer = f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()
        connection.sendall(GOOD if b"GET /there" in heads[-1] else answer)

    with serving(serve) as port:
        ports.append(port)
        reply = ask(port, follow=True, headers=(("X-Token", "secret"),))
    assert isinstance(reply, Answer)
    assert [b"secret" in one for one in heads] == [True, False]


@pytest.mark.parametrize(
    ("address", "forbidden"),
    [
        ("169.254.169.254", True),
        ("::ffff:169.254.170.2", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("127.0.0.1", False),
        ("10.0.0.7", False),
        ("fd00:ec3::254", False),
    ],
)
def test_metadata_addresses_are_known_in_every_spelling(address: str, forbidden: bool) -> None:
    assert is_metadata(address) is forbidden
