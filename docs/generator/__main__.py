"""Writes the generated pages anew: python -m docs.generator, from the root of the repository."""

from pathlib import Path

from docs.generator import commands, configuration, exit_codes

DOCS = Path(__file__).resolve().parents[1]
PAGES = {
    "commands.md": commands.page,
    "configuration.md": configuration.page,
    "exit-codes.md": exit_codes.page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
