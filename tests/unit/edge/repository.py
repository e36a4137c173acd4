"""A real git repository in a folder of the test."""

import os
import subprocess
from pathlib import Path

WHEN = "2026-03-14T09:00:00+00:00"


class Repository:
    """Runs git as a person would, with a fixed name and time and without anyone's settings."""

    def __init__(self, folder: Path, *, fresh: bool = True) -> None:
        self.folder = folder
        if fresh:
            folder.mkdir(exist_ok=True)
            self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        said = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *words],  # noqa: S607 - git from PATH, as users have it
            cwd=self.folder,
            env={
                "PATH": os.defpath,
                "HOME": str(self.folder),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_AUTHOR_NAME": "Ada",
                "GIT_AUTHOR_EMAIL": "ada@shop.example",
                "GIT_COMMITTER_NAME": "Ada",
                "GIT_COMMITTER_EMAIL": "ada@shop.example",
                "GIT_AUTHOR_DATE": WHEN,
                "GIT_COMMITTER_DATE": WHEN,
            },
            check=True,
            capture_output=True,
            text=True,
        )
        return said.stdout.strip()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def commit(self, subject: str, **files: str) -> str:
        """Commit everything (and the files given) and return the sha."""
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def program(self, name: str, marker: Path) -> Path:
        """A script outside of git's sight that leaves a mark when it is run."""
        path = self.folder / ".git" / name
        path.write_text(f"#!/bin/sh\ntouch '{marker}'\ncat\n")
        path.chmod(0o755)
        return path
