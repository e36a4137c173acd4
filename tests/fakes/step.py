"""A step whose whole behaviour is told beforehand, and which counts what it is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from deployctl.model.change import Absent, Change, Progress, Receipt, Unknown
from deployctl.model.errors import Unanswered
from deployctl.model.release import Release

Answer = Progress | Unknown | Exception


@dataclass
class ScriptedStep:
    """`looks` come one after another, the last for ever. `effects` are the keys applied."""

    name: str
    looks: Sequence[Answer] = field(default_factory=lambda: [Progress.finished("done")])
    back_looks: Sequence[Answer] = field(default_factory=lambda: [Progress.finished("back")])
    errors: list[Exception] = field(default_factory=list)
    lose_reply: bool = False
    found: Callable[[Change], Receipt | Absent | Unknown] | None = None
    undoable: bool = True
    noop: bool = False
    patience: timedelta = timedelta(minutes=5)
    pause: timedelta = timedelta(seconds=1)
    effects: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    applied: int = 0

    def plan(self, release: Release) -> Change:
        old, new = {"v": "old"}, {"v": "old" if self.noop else "new"}
        return Change(step=self.name, key=f"{release.id}/{self.name}", before=old, after=new)

    def apply(self, change: Change) -> Receipt:
        if self.errors:
            raise self.errors.pop(0)
        self.applied += 1
        if change.key not in self.effects:
            self.effects.append(change.key)
        if self.lose_reply:
            self.lose_reply = False
            raise Unanswered("the reply was lost")
        return Receipt(handles={"of": change.key})

    def find(self, change: Change) -> Receipt | Absent | Unknown:
        if self.found:
            return self.found(change)
        return Receipt(handles={"of": change.key}) if change.key in self.effects else Absent()

    def observe(self, change: Change, receipt: Receipt) -> Progress | Unknown:
        self.looked.append(receipt.handles["of"])
        back = change.key.endswith("-rb")
        look, *rest = self.back_looks if back else self.looks
        if rest and back:
            self.back_looks = rest
        elif rest:
            self.looks = rest
        if isinstance(look, Exception):
            raise look
        return look

    def undo(self, change: Change) -> Change | None:
        return change.inverted() if self.undoable else None
