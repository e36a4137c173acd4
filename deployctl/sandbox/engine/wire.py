"""What goes over the engine's socket: one call, one answer, one refusal."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of the Docker Engine API.

    `path` is decoded and without the version prefix; `target` is the line as it came.
    """

    method: str
    path: str
    target: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when there is none. Raises Refusal(400)."""
        if not self.body.strip():
            return {}
        try:
            document = json.loads(self.body)
        except ValueError as error:
            raise Refusal(400, f"the body is not JSON: {error}") from None
        if not isinstance(document, dict):
            raise Refusal(400, "the body is not a JSON object")
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: whole (`body`) or, when `stream` is set, piece by piece."""

    status: int
    body: bytes = b""
    kind: str = "application/json"
    stream: Iterable[bytes] | None = None


class Refusal(Exception):
    """The engine says no: an HTTP status and the sentence that the emulator will report."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Backend(Protocol):
    """Who runs the containers."""

    def answer(self, call: Call) -> Answer:
        """Do what the call asks. Raises Refusal."""
        ...

    def close(self) -> None:
        """End everything that still runs for this sandbox."""
        ...


def json_answer(document: object, *, status: int = 200) -> Answer:
    """An answer with a JSON body."""
    return Answer(status=status, body=json.dumps(document).encode())


def refusal_answer(refusal: Refusal) -> Answer:
    """The refusal in the shape of the Docker Engine API."""
    return json_answer({"message": refusal.message}, status=refusal.status)


NO_CONTENT = Answer(status=204)
NOT_MODIFIED = Answer(status=304)
