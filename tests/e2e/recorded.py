"""The command line with a witness on the wire: every AWS and registry request, as it is sent.

Use: python -m tests.e2e.recorded FILE WORD…  (appends one JSON object a request to FILE)
"""

import json
import logging
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest

_READS = re.compile(r"(Get|Describe|List|BatchGet|BatchCheck|Head)[A-Z]\w*")
_SAFE = {"GET", "HEAD"}


def calls(file: Path) -> list[dict[str, Any]]:
    """All requests in order: `via` (aws or registry), `operation`, `url`, `body`."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def mutating(file: Path) -> list[str]:
    """The operations that may change something, in order, like `UpdateService`, `PUT manifests`."""
    return [str(one["operation"]) for one in calls(file) if not _is_read(one)]


def _is_read(one: dict[str, Any]) -> bool:
    if one["via"] == "registry":
        return one["operation"].partition(" ")[0] in _SAFE
    return bool(_READS.fullmatch(one["operation"]))


class Recorder(logging.Handler):
    """Writes down AWS requests from botocore's own hook, and registry requests from httpx's log."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def sends(self, request: AWSPreparedRequest, event_name: str, **_: object) -> None:
        """botocore is about to send; `event_name` is before-send.<service>.<Operation>."""
        body = request.body if isinstance(request.body, (str, bytes)) else b""
        self._write("aws", event_name.rpartition(".")[2], request.url, body)

    def emit(self, record: logging.LogRecord) -> None:
        """httpx has sent: its log line begins with method and URL."""
        if isinstance(record.args, tuple):
            method, url = map(str, record.args[:2])
            kind = next((one for one in ("manifests", "blobs") if one in url), "other")
            self._write("registry", f"{method} {kind}", url, b"")

    def _write(self, via: str, operation: str, url: str, body: "bytes | str") -> None:
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        told = {"via": via, "operation": operation, "url": url, "body": text}
        with self._file.open("a") as file:
            file.write(json.dumps(told) + "\n")


def main(words: Sequence[str]) -> None:
    """Hang the witness up and hand over to the command line."""
    recorder = Recorder(Path(words[0]))
    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", recorder.sends))
    log = logging.getLogger("httpx")
    log.addHandler(recorder)
    log.setLevel(logging.INFO)
    log.propagate = False
    sys.argv[1:] = words[1:]
    from deployctl.cli.app import main as deployctl  # noqa: PLC0415 - after the hooks hang

    deployctl()


if __name__ == "__main__":
    main(sys.argv[1:])
