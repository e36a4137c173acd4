"""MiniStack, the stand-in for AWS, as one of the sandbox's processes."""

import hashlib
import http.client
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from deployctl.sandbox.facts import REGION
from deployctl.sandbox.process import Launch, clean_environ, python
from deployctl.sandbox.state import State

NAME = MODULE = "ministack"
_SELF = "deployctl-sandbox"  # the container name under which MiniStack looks for itself


def launch(root: Path, state: State) -> Launch:
    """How MiniStack is started. The engine must answer before, or tasks exist on paper only."""
    environ = clean_environ(
        root,
        DOCKER_HOST=f"unix://{state.socket}",
        GATEWAY_PORT=str(state.port),
        BIND_HOST="127.0.0.1",
        # its names (X.cloudfront.localhost) open in a browser with no DNS
        MINISTACK_HOST="localhost",
        MINISTACK_REGION=REGION,
        MINISTACK_HOSTNAME=f"{_SELF}-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}",
        MINISTACK_DOCKER_TIMEOUT="60",
        HOSTNAME=_SELF,
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        STATE_DIR=str(root / "tmp"),
        S3_DATA_DIR=str(root / "tmp" / "s3"),
    )
    argv = python("-m", MODULE)
    return Launch(argv=argv, environ=environ, folder=root / "tmp", log=log(root))


def log(root: Path) -> Path:
    """What MiniStack said."""
    return root / "log" / "ministack.log"


def answers(state: State) -> bool:
    """It is ready for AWS calls."""
    connection = http.client.HTTPConnection("127.0.0.1", state.port, timeout=2)
    try:
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/_ministack/ready")
            return connection.getresponse().status == HTTPStatus.OK
        return False
    finally:
        connection.close()
