"""Durable records: what a new engine must know about the containers of a dead one."""

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CREATED, RUNNING, EXITED = "created", "running", "exited"
KILLED = 137  # 128 + SIGKILL
NEVER = "0001-01-01T00:00:00Z"
_ID = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One container. Times are RFC 3339, `born` identifies the process behind `pid`."""

    id: str
    name: str
    image: str
    image_id: str
    labels: dict[str, str]
    created: str
    address: str
    ports: dict[str, int]  # container port → port on this machine
    state: str = CREATED
    pid: int = 0
    born: str = ""
    exit_code: int = 0
    started: str = NEVER
    finished: str = NEVER


class Records:
    """One folder a container below `root`, each with its record.json, log and copy of the image."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def folder(self, container: str) -> Path:
        """Where a container's files are."""
        return self._root / container

    def save(self, record: Record) -> None:
        """Write the record whole or not at all."""
        folder = self.folder(record.id)
        draft = folder / ".record.draft"
        with contextlib.suppress(FileNotFoundError):  # removed meanwhile: nothing to remember
            draft.write_text(json.dumps(asdict(record)))
            draft.replace(folder / "record.json")

    def drop(self, container: str) -> None:
        """Forget a container and remove its files."""
        folder = self.folder(container)
        with contextlib.suppress(FileNotFoundError):
            (folder / "record.json").unlink()
        shutil.rmtree(folder, ignore_errors=True)

    def all(self) -> Iterator[Record]:
        """Every readable record; folders that died before they had one are cleared away."""
        for folder in sorted(self._root.iterdir()):
            record = _read(folder / "record.json")
            if record is not None and record.id == folder.name:
                yield record
            elif _ID.match(folder.name):
                shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> Record | None:
    try:
        fields: dict[str, Any] = json.loads(path.read_text())
        return Record(**fields)
    except (OSError, ValueError, TypeError):
        return None
