"""One thing that is wrong in deployctl.yaml: where, what, why, and the cure."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from deployctl.config.node import Mark
from deployctl.model.errors import ConfigWrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong at one place. `line` and `column` count from 1; line 0 is the whole file."""

    file: str
    line: int
    column: int
    what: str
    why: str
    cure: str

    @property
    def place(self) -> str:
        """Where, in the form that editors and terminals make clickable."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def sentence(self) -> str:
        """What and why, without the place."""
        return f"{self.what}, {self.why}" if self.why else self.what

    def __str__(self) -> str:
        """Everything on one line."""
        return f"{self.place}: {self.sentence}. {self.cure}"


def complain(mark: Mark, what: str, why: str, cure: str) -> Complaint:
    """A complaint about a place in the file; whoever knows the file's name adds it."""
    return Complaint(file="", line=mark.line, column=mark.column, what=what, why=why, cure=cure)


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """A cure: the known word that was probably meant, or `otherwise`."""
    close = get_close_matches(word, tuple(known), n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else otherwise


class FileWrong(ConfigWrong):
    """The file cannot be used; `complaints` holds all that is wrong with it, in file order."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        found = tuple(sorted(complaints, key=lambda each: (each.line, each.column)))
        super().__init__(
            "\n".join(str(each) for each in found),
            hint="Correct the file, then: deployctl config check",
        )
        self.complaints = found
