"""The shop's JSON API and its worker, over one PostgreSQL database."""

import sys
from pathlib import Path

# The dependencies travel in a folder beside this package (see prepare.sh).
sys.path.insert(0, str(Path(__file__).parent.parent / "site"))
