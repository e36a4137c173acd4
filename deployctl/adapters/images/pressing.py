"""Compresses each layer once a run, however many images stand on it."""

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from deployctl.adapters.images.blobs import Counted, Squeezed, squeezing
from deployctl.model.errors import CheckFailed
from deployctl.ports.images import Blob


class Pressing:
    """Compressed layers by diff id (`sha256:…` of the tar), in a folder that goes when this does.

    Safe for several threads: who comes second waits for the first and takes what it made.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="deployctl-layers-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._made: dict[str, Blob] = {}

    def blob(self, diff_id: str, pour: Callable[[Counted], None]) -> Blob:
        """The compressed layer; `pour` writes its tar when nobody has done so yet.

        Raises CheckFailed when the tar is not what `diff_id` names.
        """
        with self._lock:
            mine = self._locks.setdefault(diff_id, threading.Lock())
        with mine:
            if diff_id not in self._made:
                self._made[diff_id] = self._press(diff_id, pour)
            return self._made[diff_id]

    def _press(self, diff_id: str, pour: Callable[[Counted], None]) -> Blob:
        made = Squeezed()
        with squeezing(self._folder, made) as into:
            pour(into)
        if made.blob is None or made.diff_id != diff_id:
            raise CheckFailed(
                f"layer {diff_id} of the image is damaged (its content is {made.diff_id})",
                hint="Let your tool write the image again.",
            )
        return made.blob
