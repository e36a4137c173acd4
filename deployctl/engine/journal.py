"""The journal as the engine writes it: under the lease, chained, and verified when read."""

from collections.abc import Mapping

from deployctl.engine.keeper import Keeper
from deployctl.model.change import Change, Progress, Receipt
from deployctl.model.codec import written
from deployctl.model.history import History, Turn, fold
from deployctl.model.plan import Plan
from deployctl.model.record import Json, Record, Told, chained, verified
from deployctl.model.verdict import Verdict
from deployctl.ports.clock import Clock
from deployctl.ports.store import Store


class Journal:
    """Append-only. What is not written here has not begun."""

    def __init__(self, store: Store, keeper: Keeper, clock: Clock) -> None:
        self._store = store
        self._keeper = keeper
        self._clock = clock
        self._records: list[Record] = list(verified(store.records()))

    @property
    def history(self) -> History:
        """Everything so far, folded."""
        return fold(self._records)

    def began(self, plan: Plan, config: str) -> None:
        """A release begins with this plan, under settings with this digest."""
        self._tell(plan.release.id, Told.BEGAN, {"plan": written(plan), "config": config})

    def takes_over(self, release: str) -> None:
        """This process goes on with a release that another began."""
        self._tell(release, Told.TOOK_OVER, {"by": self._keeper.lease.holder.owner})

    def intends(self, release: str, change: Change) -> None:
        """The side effect of `change` comes next."""
        self._tell(release, Told.INTENT, {"change": written(change)})

    def receives(self, release: str, change: Change, receipt: Receipt, *, adopted: bool) -> None:
        """The side effect happened; `adopted` when it was found after a crash."""
        handles: Json = dict(receipt.handles)
        body: dict[str, Json] = {"key": change.key, "handles": handles, "adopted": adopted}
        self._tell(release, Told.RECEIPT, body)

    def settles(self, release: str, change: Change, progress: Progress) -> None:
        """The change is over, with its evidence."""
        body: dict[str, Json] = {"key": change.key, "progress": written(progress)}
        self._tell(release, Told.SETTLED, body)

    def turns(self, release: str, turn: Turn) -> None:
        """What was changed is taken back from here on."""
        evidence: Json = list(turn.evidence)
        self._tell(
            release,
            Told.TURNED,
            {"cause": turn.cause, "step": turn.step, "evidence": evidence, "hint": turn.hint},
        )

    def halts(self, release: str, verdict: Verdict, cause: str, question: str) -> None:
        """The run ends here, the release does not; `question` waits for a person's word."""
        body: dict[str, Json] = {"verdict": verdict.value, "cause": cause, "question": question}
        self._tell(release, Told.HALTED, body)

    def ends(self, release: str, verdict: Verdict, cause: str) -> None:
        """The release is over."""
        self._tell(release, Told.ENDED, {"verdict": verdict.value, "cause": cause})

    def decides(self, release: str, key: str, *, done: bool, reason: str) -> None:
        """A person says what became of an effect that nobody can look up."""
        self._tell(release, Told.DECIDED, {"key": key, "done": done, "reason": reason})

    def _tell(self, release: str, told: Told, body: Mapping[str, Json]) -> None:
        self._keeper.check()
        last = self._records[-1] if self._records else None
        lease = self._keeper.lease
        record = chained(last, lease, at=self._clock.now(), release=release, told=told, body=body)
        self._store.append(record, lease)
        self._records.append(record)
