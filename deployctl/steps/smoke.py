"""Smoke: ask the shop a few questions and go on only when it answers as this release should."""

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Final

from deployctl.model.change import Absent, Change, Progress, Receipt, State
from deployctl.model.check import Check, When, filled
from deployctl.model.release import Release
from deployctl.model.smoke import verdict
from deployctl.model.tally import Standing, Tally, begin, count, evidence, expire, result
from deployctl.ports.clock import Clock
from deployctl.ports.web import Request, Web

_USUAL_SECONDS: Final = 5
"""An estimate only: the checks of a healthy release need a small part of their time."""

_AT_ONCE: Final = 16
"""How many questions one look asks, so that no look lasts longer than one attempt."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """The checks of one change as they stand, and when the whole suite must be over."""

    end: float
    tallies: list[Tally]


@dataclass(slots=True, kw_only=True)
class Smoke:
    """All checks of one moment, side by side.

    Three clocks: an attempt ends before its check does, a check before the suite (`seconds`).
    Only what time may cure is asked again. The first check that fails for good ends the suite.
    How far the checks are is kept in memory: after a crash they are simply asked again.
    """

    when: When
    checks: tuple[Check, ...]
    web: Web
    clock: Clock
    seconds: float = 180.0
    look_every: float = 1.0
    _runs: dict[str, _Run] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`smoke:shifted` or `smoke:published`."""
        return f"smoke:{self.when.value}"

    @property
    def patience(self) -> timedelta:
        """The suite's time and one last attempt, so that the suite itself says what was missing."""
        attempt = max((check.attempt_seconds for check in self.checks), default=0.0)
        return timedelta(seconds=self.seconds + attempt + 2 * self.look_every)

    @property
    def pause(self) -> timedelta:
        """The time between two looks; pauses after failed attempts are multiples of it."""
        return timedelta(seconds=self.look_every)

    def plan(self, release: Release) -> Change:
        """Never a no-op, unless there are no checks. The tags for `$git_sha` go into the plan."""
        number = len(self.checks)
        after = {"checks": str(number), "hash": _hash(self.checks), **_tags(release, self.checks)}
        return Change(
            step=self.name,
            key=f"{release.id}/{self.name}",
            before={},
            after=after if number else {},
            summary=f"{number} {'check' if number == 1 else 'checks'} when {self.when.value}",
            seconds=_USUAL_SECONDS,
        )

    def apply(self, change: Change) -> Receipt:
        """Nothing is started: the questions are asked while observing. Notes when they began."""
        self._runs[change.key] = self._opened(change)
        return Receipt(handles={"began": self.clock.now().isoformat()})

    def find(self, change: Change) -> Absent:
        """Checks only read, so they are asked again."""
        return Absent()

    def observe(self, change: Change, receipt: Receipt) -> Progress:
        """Make the attempts that are due now, and say how many checks have passed."""
        run = self._runs.setdefault(change.key, self._opened(change))
        now = self.clock.elapsed()
        run.tallies = [expire(tally, now, run.end) for tally in run.tallies]
        if not any(tally.standing is Standing.FAILED for tally in run.tallies):
            self._ask_due(run, change.after, now)
        return judge(tuple(run.tallies))

    def undo(self, change: Change) -> Change | None:
        """Nothing was changed, so nothing is taken back."""
        return None

    def _opened(self, change: Change) -> _Run:
        now = self.clock.elapsed()
        checks = (_filled(check, change.after) for check in self.checks)
        return _Run(end=now + self.seconds, tallies=[begin(check, now) for check in checks])

    def _ask_due(self, run: _Run, facts: Mapping[str, str], now: float) -> None:
        waiting = [at for at, one in enumerate(run.tallies) if one.is_open and one.due <= now]
        due = sorted(waiting, key=lambda at: run.tallies[at].due)[:_AT_ONCE]
        left = [min(run.tallies[at].limit, run.end) - now for at in due]
        requests = [
            _request(run.tallies[at].check, most) for at, most in zip(due, left, strict=True)
        ]
        replies = self.web.ask_many(requests) if requests else ()
        ended = self.clock.elapsed()
        for at, reply in zip(due, replies, strict=True):
            tally = run.tallies[at]
            judged = verdict(tally.check, reply, _tags_of(tally.check, facts))
            run.tallies[at] = count(tally, judged, reply, ended=ended, pause=self.look_every)


def judge(tallies: tuple[Tally, ...]) -> Progress:
    """Where the whole suite stands: it fails with its first failed check."""
    failed = [tally for tally in tallies if tally.standing is Standing.FAILED]
    open_ = [tally for tally in tallies if tally.is_open]
    passed, total = len(tallies) - len(failed) - len(open_), len(tallies)
    if failed:
        names = ", ".join(tally.check.name for tally in failed)
        lines = [line for tally in (*failed, *open_) for line in evidence(tally)]
        return Progress(
            state=State.FAILED,
            note=f"{names}: {failed[0].last}",
            done=passed,
            total=total,
            evidence=tuple(lines),
            hint=_hint(failed[0]),
        )
    if open_:
        waiting = f"; {open_[0].check.name}: {open_[0].last}" if open_[0].attempts else ""
        note = f"{passed} of {total} checks passed{waiting}"
        return Progress.running(note, done=passed, total=total)
    return _finished(tallies)


def _finished(tallies: tuple[Tally, ...]) -> Progress:
    results = {tally.check.name: result(tally) for tally in tallies}
    slow = sum(1 for tally in tallies if tally.slow)
    return Progress(
        state=State.DONE,
        note=f"{len(tallies)} of {len(tallies)} checks passed" + (f", {slow} slow" if slow else ""),
        done=len(tallies),
        total=len(tallies),
        evidence=tuple(f"{name}: {said}" for name, said in results.items()),
        facts=results,
    )


def _hint(tally: Tally) -> str:
    check = tally.check
    way = f" --connect-to ::{check.connect_to}" if check.connect_to else ""
    ask = f"Ask it yourself: curl -i -X {check.method}{way} {shlex.quote(check.url)}"
    if not any(matcher.is_about_version for matcher in check.expect.matchers):
        return ask
    who = f"service {check.service}" if check.service else "the service behind this address"
    return f"Does {who} answer with the tag that its image was built from? {ask}"


def _request(check: Check, most: float) -> Request:
    return Request(
        url=check.url,
        method=check.method,
        headers=check.headers,
        body=check.body,
        connect_to=check.connect_to,
        follow=check.follow,
        seconds=min(check.attempt_seconds, most),
    )


def _filled(check: Check, facts: Mapping[str, str]) -> Check:
    tag = facts.get(f"tag:{check.service}") or facts.get("tag", "")
    return replace(
        check,
        url=filled(check.url, tag),
        headers=tuple((name, filled(value, tag)) for name, value in check.headers),
        body=filled(check.body, tag),
    )


def _tags(release: Release, checks: tuple[Check, ...]) -> dict[str, str]:
    any_image = {image.built_from for image in release.images.values()}
    named = {check.service for check in checks} & set(release.images)
    return {
        "tag": release.commit.tag,
        "tags": " ".join(sorted({release.commit.tag, *any_image})),
        **{f"tag:{service}": release.images[service].built_from for service in sorted(named)},
    }


def _tags_of(check: Check, facts: Mapping[str, str]) -> tuple[str, ...]:
    own = facts.get(f"tag:{check.service}", "")
    return (own,) if own else tuple(facts.get("tags", "").split())


def _hash(checks: tuple[Check, ...]) -> str:
    text = json.dumps([asdict(check) for check in checks], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
