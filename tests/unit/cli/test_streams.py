"""Streams that were closed before we began are survived."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.test_commands import GOOD


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_is_no_bug(tmp_path: Path, closed: str) -> None:
    (tmp_path / "deployctl.yaml").write_text(GOOD)
    command = f'exec "{sys.executable}" -m deployctl history {closed}'
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
