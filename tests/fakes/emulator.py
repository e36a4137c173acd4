"""MiniStack on a free loopback port, for contract tests against its registry."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest


@contextmanager
def ministack(home: Path) -> Iterator[str]:
    """Yields `host:port`. Everything it writes goes to `home`; it ends with the context."""
    program = Path(sys.executable).with_name("ministack")
    if not program.exists():
        pytest.skip("ministack is not installed (pip install 'deployctl[sandbox]')")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {"PATH": os.defpath, "HOME": str(home), "GATEWAY_PORT": str(port)}
    environ |= {"BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([program], env=environ, cwd=home, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_ministack/ready")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)  # noqa: TID251 - a real process starts
    raise AssertionError(f"{url} does not answer")
