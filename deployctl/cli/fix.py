"""The order for a hotfix: on top of the live commit, for the named services alone."""

import difflib

from deployctl.cli.shipping import Order, check, commit_of, images_of
from deployctl.cli.world import World
from deployctl.model.errors import Superseded, UsageWrong
from deployctl.model.history import Standing
from deployctl.model.release import Commit, Kind


def order_fix(world: World, sha: str, only: frozenset[str], *, reason: str, migrate: bool) -> Order:
    """Check, build and order it. The live commit must be contained, so nothing else goes along."""
    _known(world, only)
    if world.settings.hotfix.require_reason and not reason:
        raise UsageWrong("a hotfix needs a reason, for the record", hint="Add --reason '…'")
    history = world.history()
    live = history.live
    if live is None:
        raise UsageWrong(
            "there is nothing to fix: no release has ended well here", hint="deployctl release"
        )
    commit = commit_of(world, sha)
    _on_top(world, live, commit)
    check(world)
    return Order(
        commit=commit,
        images=images_of(world, commit, history, only),
        kind=Kind.HOTFIX,
        reason=reason,
        only=only,
        migrate=migrate,
    )


def _known(world: World, only: frozenset[str]) -> None:
    for name in sorted(only - world.settings.services.keys()):
        near = difflib.get_close_matches(name, world.settings.services, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise UsageWrong(
            f"there is no service {name}",
            hint=f"{meant}Services: {', '.join(world.settings.services)}",
        )


def _on_top(world: World, live: Standing, commit: Commit) -> None:
    was = live.plan.release.commit.sha
    if was != commit.sha and world.git(commit.sha).is_ancestor(was, commit.sha) is False:
        raise Superseded(
            f"{commit.short} does not contain {was[:7]}, which is live",
            hint=f"Branch from what is live: git checkout -b hotfix {was[:12]}, then add the fix",
        )
