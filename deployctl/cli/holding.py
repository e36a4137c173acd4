"""Holding an environment by hand, and taking a lease away."""

import uuid

from deployctl.cli.rows import lease_row
from deployctl.cli.world import World, page
from deployctl.model.errors import LeaseHeld, UsageWrong
from deployctl.model.lease import Hold, Lease, taken


def hold(world: World, reason: str) -> None:
    """Take a manual lease. Raises LeaseHeld when somebody has it."""
    seen = world.store.lease()
    if seen is not None and not seen.is_free:
        raise LeaseHeld(
            f"the environment is taken by {lease_row(world).holder}",
            hint="See: deployctl lock status",
        )
    wanted = taken(
        seen,
        world.holder("hold"),
        version=uuid.uuid4().hex,
        at=world.clock.now(),
        manual_reason=reason,
    )
    if not world.store.swap(seen, wanted):
        raise LeaseHeld("somebody was faster", hint="See: deployctl lock status")
    said = f"{world.settings.environment} is held (fence {wanted.fence}). Give it back with:"
    page().put(f"{said} {lease_row(world).command}")


def give_back(world: World, fence: int, *, manual: bool) -> None:
    """Release a hold, or break the lease of a run; only with the fence number that was shown."""
    seen = world.store.lease()
    if seen is None or seen.is_free:
        page().put("The environment is free.")
        return
    _refuse(seen, fence, manual=manual)
    if not manual and not world.store.is_dead(seen):
        _watch(world, seen)
    free = seen.released(version=uuid.uuid4().hex, at=world.clock.now())
    if not world.store.swap(seen, free):
        raise LeaseHeld(
            "the holder is alive: its lease has moved in this moment",
            hint="See: deployctl lock status",
        )
    page().put(f"{world.settings.environment} is free (fence {fence}).")


def _refuse(seen: Lease, fence: int, *, manual: bool) -> None:
    if seen.fence != fence:
        raise UsageWrong(
            f"the lease has fence {seen.fence} now, not {fence}: another holder took it",
            hint="Look again: deployctl lock status",
        )
    if manual != (seen.state is Hold.MANUAL):
        verb = "release" if seen.state is Hold.MANUAL else "break"
        raise UsageWrong(
            "a person holds it" if verb == "release" else "a run holds it, no person",
            hint=f"deployctl lock {verb} --fence {fence}",
        )


def _watch(world: World, seen: Lease) -> None:
    """A holder that still gives signs of life is not broken: watch for one beat and a half."""
    until = world.clock.elapsed() + 15
    while world.clock.elapsed() < until:
        world.clock.sleep(1)
        now = world.store.lease()
        if now is None or now.version != seen.version:
            raise LeaseHeld(
                f"{seen.holder.actor} (pid {seen.holder.pid}) is alive: it gave a sign of life",
                hint="Stop that run first (Ctrl-C, or the CI's stop button).",
            )
