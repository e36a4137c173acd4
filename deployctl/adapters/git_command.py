"""Runs git so that nothing in a repository can make it execute or fetch anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deployctl.model.errors import CheckFailed
from deployctl.model.text import one_line

# These would point git away from the folder it is started in (a hook sets some of them).
_MISLEADING: Final = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_SHALLOW_FILE",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_TRACE",
    "GIT_LITERAL_PATHSPECS",
)
_SAFE_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a replaced commit would not be the one its sha names
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "DEPLOYCTL_NOTHING": "",
    "DEPLOYCTL_FALSE": "false",
}
_SAFE_SETTINGS: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "diff.external=",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "protocol.allow=never",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
)
_LFS: Final = {
    "git-lfs clean -- %f",
    "git-lfs smudge -- %f",
    "git-lfs smudge --skip -- %f",
    "git-lfs filter-process",
    "git-lfs filter-process --skip",
}
_NOT_FOUND: Final = 127
_NO_GIT: Final = "the git program is not installed (or not on PATH)"
_NO_GIT_CURE: Final = "Install git, or say which commit it is: --commit SHA"
_THEIRS: Final = {"local", "worktree"}
_COMMANDS: Final = ("clean", "smudge", "process")


class NoRepository(CheckFailed):
    """There is nothing git could answer from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a git command answered."""

    status: int
    out: bytes
    error: str

    @property
    def text(self) -> str:
        """The output as text, without the last line break."""
        return self.out.decode("utf-8", errors="replace").rstrip("\n")


class GitCommand:
    """git in one folder. Refs never reach an option parser: see `--end-of-options` at the callers.

    A repository's own configuration is read but its commands (fsmonitor, hooks, diff drivers,
    filters) are switched off; the user's own configuration stays in force.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git: Any = None
        self._filters_off: tuple[str, ...] | None = None

    def ask(self, *words: str) -> Said:
        """Run `git <words>`. Only the known kinds of failure are raised; the caller judges others.

        Raises NoRepository (also when git is not installed), CheckFailed for dubious ownership.
        """
        said = self._run([*_SAFE_OPTIONS, *words])
        if said.status == 0:
            return said
        if said.status == _NOT_FOUND:
            raise NoRepository(_NO_GIT, hint=_NO_GIT_CURE)
        if "dubious ownership" in said.error:
            raise CheckFailed(
                f"git refuses to read {self.folder}: the folder belongs to another user",
                hint=f"git config --global --add safe.directory '{self.folder}'",
            )
        if "not a git repository" in said.error or "must be run in a work tree" in said.error:
            raise NoRepository(
                f"{self.folder} is not in a git working tree",
                hint="Run it in a clone of the repository, or say which commit it is: --commit SHA",
            )
        return said

    def filters_off(self) -> tuple[str, ...]:
        """Options that switch off the content filters this repository's own config defines.

        Git LFS stays on when it is set up in the usual way: without it its files look changed.
        """
        if self._filters_off is None:
            said = self.ask("config", "--null", "--show-scope", "--get-regexp", r"^filter\.")
            fields = said.text.split("\0")
            entries = zip(fields[::2], fields[1::2], strict=False)
            self._filters_off = _switched_off(tuple(entries))
        return self._filters_off

    def _run(self, words: Sequence[str]) -> Said:
        git = self._made()
        clean = ["env", *(part for name in _MISLEADING for part in ("-u", name))]
        program = git.GIT_PYTHON_GIT_EXECUTABLE or "git"
        try:
            status, out, error = type(git)(str(self.folder)).execute(
                [*clean, program, "--no-pager", *words],
                env=_SAFE_ENVIRONMENT,
                shell=False,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        except OSError as broken:
            raise CheckFailed(
                f"git could not be started in {self.folder}: {broken}",
                hint="Is the folder readable?",
            ) from broken
        text = error.decode("utf-8", errors="replace") if isinstance(error, bytes) else str(error)
        return Said(status=status, out=out, error=one_line(text, most=400))

    def _made(self) -> Any:
        if self._git is None:
            try:
                import git  # noqa: PLC0415 - it starts the git program when it is imported
            except ImportError as error:
                raise NoRepository(_NO_GIT, hint=_NO_GIT_CURE) from error
            self._git = git.Git(str(self.folder))
        return self._git


_SAFE_OPTIONS: Final = tuple(part for setting in _SAFE_SETTINGS for part in ("-c", setting))


def _switched_off(entries: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    found: list[str] = []
    for scope, entry in entries:
        key, _, command = entry.partition("\n")
        name, _, what = key.rpartition(".")
        if scope in _THEIRS and what in _COMMANDS and command not in _LFS:
            # not `-c`: a filter's name may hold a "=", where -c would end the key
            found += [f"--config-env={name}.{each}=DEPLOYCTL_NOTHING" for each in _COMMANDS]
            found.append(f"--config-env={name}.required=DEPLOYCTL_FALSE")
    return tuple(dict.fromkeys(found))
