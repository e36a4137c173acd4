"""MiniStack without any container engine: its ECS keeps books only, and every task comes up."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployctl.adapters.aws.clients import Clients


@contextmanager
def bookkeeping_ecs(home: Path) -> Iterator[Clients]:
    """Clients of a fresh MiniStack on loopback; it ends with the context."""
    program = Path(sys.executable).with_name("ministack")
    if not program.exists():
        pytest.skip("ministack is not installed (pip install 'deployctl[sandbox]')")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {"PATH": os.defpath, "HOME": str(home), "GATEWAY_PORT": str(port)}
    environ |= {"BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    environ |= {"DOCKER_HOST": f"unix://{home}/no-engine.sock"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([program], env=environ, cwd=home, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield Clients(
            region="eu-west-1", endpoint=f"http://127.0.0.1:{port}", keys=("test", "test")
        )
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)  # noqa: TID251 - a real process starts
        else:
            return
    raise AssertionError(f"port {port} does not answer")
