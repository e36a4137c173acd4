"""Takes the lease, keeps it alive while the loop lives, and knows when it may be lost."""

import threading
from collections.abc import Callable

from deployctl.model.errors import DeployError, LeaseHeld, LeaseLost
from deployctl.model.lease import BEAT, MARGIN, Hold, Holder, Lease, taken
from deployctl.ports.clock import Clock
from deployctl.ports.store import Store


class Keeper:
    """The holder's side of one environment's lease.

    `fresh` makes a new random version for each write. The deadline counts from before a write
    was sent, on CLOCK_BOOTTIME; a loop that stopped ticking is not kept alive.
    """

    def __init__(
        self, store: Store, clock: Clock, fresh: Callable[[], str], *, environment: str = ""
    ) -> None:
        self._store = store
        self._clock = clock
        self._fresh = fresh
        self._options = f"--env {environment} " if environment else ""
        self._lock = threading.Lock()
        self._lease: Lease | None = None
        self._deadline = 0.0
        self._ticked = 0.0
        self._quit = threading.Event()
        self.took_over: Lease | None = None

    @property
    def lease(self) -> Lease:
        """The lease we hold. Raises LeaseLost when we hold none."""
        if self._lease is None:
            raise LeaseLost("this run does not hold the environment", hint="See: deployctl status")
        return self._lease

    def acquire(self, holder: Holder, *, wait: float = 0.0) -> Lease:
        """Take the lease, waiting up to `wait` seconds for the holder to end or fall silent.

        Raises LeaseHeld. A silent holder is replaced only after its version stood still for a
        full TTL on our own clock, or when the store can prove that its process is gone.
        """
        until = self._clock.elapsed() + wait
        watched: Lease | None = None
        since = self._clock.elapsed()
        while True:
            seen = self._store.lease()
            if watched is None or seen is None or seen.version != watched.version:
                watched, since = seen, self._clock.elapsed()
            if self._may_take(seen, since) and self._take(seen, holder):
                return self.lease
            if self._clock.elapsed() >= until or (seen and seen.state is Hold.MANUAL):
                raise self._held(self._store.lease() or seen)
            self._clock.sleep(min(1.0, max(wait, 0.1)))

    def check(self) -> None:
        """Before every side effect: raises LeaseLost when the lease may no longer be ours."""
        _ = self.lease  # the heartbeat may have learned that another has it
        if self._clock.elapsed() > self._deadline - MARGIN:
            self.beat()
        if self._clock.elapsed() > self._deadline - MARGIN:
            raise LeaseLost(
                "the lease could not be renewed in time: another run may hold the environment",
                hint="See: deployctl status",
            )

    def tick(self) -> None:
        """The loop is alive."""
        self._ticked = self._clock.elapsed()

    def beat(self) -> None:
        """Renew once. Raises LeaseLost when somebody else has it; other faults are forgiven."""
        with self._lock:
            lease = self.lease
            sent = self._clock.elapsed()
            wanted = lease.beaten(version=self._fresh(), at=self._clock.now())
            if self._swapped(lease, wanted):
                self._lease, self._deadline = wanted, sent + wanted.ttl

    def release(self) -> None:
        """Give the lease back; quietly, for the lease may be lost already."""
        self._quit.set()
        with self._lock:
            if self._lease is None:
                return
            lease, self._lease = self._lease, None
            try:
                self._store.swap(lease, lease.released(version=self._fresh(), at=self._clock.now()))
            except DeployError:
                return

    def start_beating(self, every: float = BEAT) -> None:
        """The only helper thread: beats every `every` seconds as long as the loop ticks."""
        threading.Thread(
            target=self._beat_on, args=(every,), name="lease-heartbeat", daemon=True
        ).start()

    def _beat_on(self, every: float) -> None:
        while not self._quit.wait(every):
            if self._clock.elapsed() - self._ticked > 3 * BEAT:
                continue
            try:
                self.beat()
            except DeployError:
                return

    def _may_take(self, seen: Lease | None, since: float) -> bool:
        if seen is None or seen.is_free:
            return True
        if seen.state is Hold.MANUAL:
            return False
        return self._store.is_dead(seen) or self._clock.elapsed() - since >= seen.ttl

    def _take(self, seen: Lease | None, holder: Holder) -> bool:
        sent = self._clock.elapsed()
        wanted = taken(seen, holder, version=self._fresh(), at=self._clock.now())
        if not self._swapped(seen, wanted):
            return False
        self._lease, self._deadline, self._ticked = wanted, sent + wanted.ttl, sent
        self.took_over = seen if seen and not seen.is_free else None
        return True

    def _swapped(self, seen: Lease | None, wanted: Lease) -> bool:
        """Write; read back a no or a lost answer, or our own write would lock us out."""
        try:
            if self._store.swap(seen, wanted):
                return True
            now = self._store.lease()
        except DeployError:
            now = self._read_back()
            if now is None:
                return False
        if now and now.version == wanted.version:
            return True
        if self._lease is not None and (now is None or now.fence != wanted.fence):
            self._lease = None
            raise LeaseLost(
                f"the lease was taken by {_name(now)}",
                hint="This run stops; what it began is in the journal. See: deployctl status",
            )
        return False

    def _held(self, lease: Lease | None) -> LeaseHeld:
        if lease is None or lease.is_free:
            return LeaseHeld("the lease could not be taken", hint="Try again.")
        options = f"{self._options}--fence {lease.fence}"
        if lease.state is Hold.MANUAL:
            since = f"{lease.taken_at:%Y-%m-%d %H:%M} UTC"
            return LeaseHeld(
                f"the environment is held by {_name(lease)} since {since}: {lease.reason}",
                hint=f"Ask them, or: deployctl lock release {options}",
            )
        work = ", ".join(part for part in (lease.holder.work, lease.holder.run_url) if part)
        since = f"{lease.taken_at:%H:%M:%S} UTC"
        return LeaseHeld(
            f"{_name(lease)} is at work in this environment since {since} ({work or 'release'})",
            hint="Wait for it (--wait 10m), or if that process is dead: "
            f"deployctl lock break {options}",
        )

    def _read_back(self) -> Lease | None:
        try:
            return self._store.lease()
        except DeployError:
            return None


def _name(lease: Lease | None) -> str:
    if lease is None:
        return "nobody"
    holder = lease.holder
    return f"{holder.actor or holder.owner}@{holder.host} (pid {holder.pid})"
