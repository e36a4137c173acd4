"""What the journal says: releases, how they stand, and what is live. Folded, never stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from deployctl.model.change import Change, Facts, Progress, Receipt, State
from deployctl.model.codec import read_change, read_plan, read_progress
from deployctl.model.plan import Plan
from deployctl.model.record import Json, Record, Told
from deployctl.model.release import Kind, Release
from deployctl.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How far one change got: intent, then receipt, then settled."""

    change: Change
    intent_at: datetime
    receipt: Receipt | None = None
    settled: Progress | None = None

    @property
    def is_done(self) -> bool:
        """Settled, and well."""
        return self.settled is not None and self.settled.state is State.DONE

    @property
    def is_superseded(self) -> bool:
        """Somebody else changed the target since: what is there now is theirs."""
        return self.settled is not None and "superseded_by" in self.settled.facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Why a release turned back."""

    cause: str
    step: str = ""
    evidence: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One release as its records tell it. `verdict` is None while it is open.

    `live` is what each service ran when the release had ended well (facts `image`, `revision`).
    `halted` says how the last run left an open release, `question` is the key of the change on
    which it wants a person's word. `bad` is why a release was rolled back from.
    """

    plan: Plan
    config: str
    began_at: datetime
    traces: Mapping[str, Trace] = field(default_factory=dict)
    turn: Turn | None = None
    halted: Verdict | None = None
    question: str = ""
    verdict: Verdict | None = None
    ended_at: datetime | None = None
    cause: str = ""
    bad: str = ""
    live: Mapping[str, Facts] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The release's id."""
        return self.plan.release.id

    @property
    def is_good(self) -> bool:
        """Ended released, and nobody marked it bad since."""
        return self.verdict is Verdict.RELEASED and not self.bad


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All releases of an environment, oldest first."""

    releases: tuple[Standing, ...] = ()

    @property
    def open(self) -> Standing | None:
        """The release that began and has no verdict yet."""
        last = self.releases[-1] if self.releases else None
        return last if last and last.verdict is None else None

    @property
    def live(self) -> Standing | None:
        """The release that serves: the newest that ended released."""
        return next((r for r in reversed(self.releases) if r.verdict is Verdict.RELEASED), None)

    def find(self, release: str) -> tuple[Standing, ...]:
        """The releases whose id or commit begins so; the good ones first, then the newest."""
        found = [
            standing
            for standing in reversed(self.releases)
            if standing.id.startswith(release)
            or standing.plan.release.commit.sha.startswith(release)
        ]
        return tuple(sorted(found, key=lambda standing: not standing.is_good))

    @property
    def migrated_by(self) -> Mapping[str, str]:
        """The commit that migrated each database last."""
        return {
            trace.change.target: standing.plan.release.commit.sha
            for standing in self.releases
            for trace in standing.traces.values()
            if trace.change.kind == "migrate" and trace.is_done
        }

    def way_back(self) -> Standing | None:
        """The last good release before the live one that ran something else.

        What was ever rolled back from is not returned to, under whatever name it ran. When a
        later release left things half-way, the live one itself is the way back.
        """
        live = self.live
        if live is None:
            return None
        place = self.releases.index(live)
        left = {r.verdict for r in self.releases[place + 1 :]}
        if live.is_good and left & {Verdict.STUCK, Verdict.SUPERSEDED}:
            return live
        avoided = [live.live, *(r.live for r in self.releases if r.bad)]
        earlier = reversed(self.releases[:place])
        return next((r for r in earlier if r.is_good and r.live not in avoided), None)

    @property
    def migrated(self) -> Mapping[str, tuple[str, ...]]:
        """The images that migrated each database well, oldest first. No way back undoes that."""
        done: dict[str, tuple[str, ...]] = {}
        for standing in self.releases:
            for trace in standing.traces.values():
                if trace.change.kind == "migrate" and trace.is_done:
                    before = done.get(trace.change.target, ())
                    done[trace.change.target] = (*before, trace.change.after.get("image", ""))
        return done


def fold(records: Iterable[Record]) -> History:
    """Read an environment's journal from its first record on."""
    releases: dict[str, Standing] = {}
    live: dict[str, Facts] = {}
    for record in records:
        if record.told is Told.BEGAN:
            releases[record.release] = _begun(record)
        elif record.release in releases:
            told = _told(releases[record.release], record, live)
            if told.is_good and told.plan.release.kind is Kind.ROLLBACK:
                _blame(releases, told.plan.release)
            releases[record.release] = told
            live = dict(told.live) or live
    return History(releases=tuple(releases.values()))


def _blame(releases: dict[str, Standing], way_back: Release) -> None:
    """What served before a good rollback is bad, unless it is what was returned to."""
    served = next((r for r in reversed(releases.values()) if r.verdict is Verdict.RELEASED), None)
    if served is not None and served.id != way_back.returns_to:
        reason = way_back.reason or f"rolled back to {way_back.returns_to}"
        releases[served.id] = replace(served, bad=reason)


def _begun(record: Record) -> Standing:
    plan = read_plan(cast("dict[str, Json]", record.body["plan"]))
    return Standing(plan=plan, config=str(record.body["config"]), began_at=record.at)


def _told(standing: Standing, record: Record, live: Mapping[str, Facts]) -> Standing:
    match record.told:
        case Told.INTENT | Told.RECEIPT | Told.SETTLED:
            trace = _traced(standing.traces, record)
            traces = {**standing.traces, trace.change.key: trace}
            return replace(standing, traces=traces, halted=None, question="")
        case Told.TURNED:
            return replace(standing, turn=_turn(record.body))
        case Told.HALTED:
            return replace(
                standing,
                halted=Verdict(str(record.body["verdict"])),
                cause=str(record.body["cause"]),
                question=str(record.body.get("question", "")),
            )
        case Told.ENDED:
            ended = replace(
                standing,
                verdict=Verdict(str(record.body["verdict"])),
                cause=str(record.body["cause"]),
                ended_at=record.at,
            )
            return replace(ended, live=_served(ended, live)) if ended.is_good else ended
        case _:
            return standing


def _traced(traces: Mapping[str, Trace], record: Record) -> Trace:
    body = record.body
    if record.told is Told.INTENT:
        change = read_change(cast("dict[str, Json]", body["change"]))
        return Trace(change=change, intent_at=record.at)
    trace = traces[str(body["key"])]
    if record.told is Told.RECEIPT:
        return replace(trace, receipt=Receipt(handles=cast("Facts", body["handles"])))
    return replace(trace, settled=read_progress(cast("dict[str, Json]", body["progress"])))


def _turn(body: Mapping[str, Json]) -> Turn:
    return Turn(
        cause=str(body["cause"]),
        step=str(body["step"]),
        evidence=tuple(str(line) for line in cast("list[Json]", body["evidence"])),
        hint=str(body["hint"]),
    )


def _served(standing: Standing, before: Mapping[str, Facts]) -> Mapping[str, Facts]:
    """What runs after a good end: what ran before, but for what this release rolled or kept."""
    served = dict(before)
    for change in standing.plan.kept:
        if change.kind == "rollout":
            served[change.target] = _running(change.before)
    for trace in standing.traces.values():
        if trace.change.kind == "rollout" and trace.is_done:
            handles = trace.receipt.handles if trace.receipt else {}
            served[trace.change.target] = _running({**trace.change.after, **handles})
    return served


def _running(facts: Facts) -> Facts:
    return {"image": facts.get("image", ""), "revision": facts.get("revision", "")}
