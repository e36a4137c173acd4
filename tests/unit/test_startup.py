"""Help and version come at once: they load none of the libraries that releases need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"boto3", "botocore", "git", "httpx", "pydantic", "ruamel", "docker", "tenacity"}
ASK = """\
import json, sys
from deployctl.__main__ import main
sys.argv = ["deployctl", *sys.argv[1:]]
try:
    main()
finally:
    sys.stderr.write(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_it_loads_nothing_heavy(option: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ASK, option], cwd=ROOT, capture_output=True, check=True, text=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(ended.stderr)}
    assert "typer" in loaded
    assert loaded & HEAVY == set()
    assert ended.stdout
