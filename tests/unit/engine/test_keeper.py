"""The holder's side of the lease."""

import threading

import pytest

from deployctl.engine.keeper import Keeper
from deployctl.model.errors import LeaseHeld, LeaseLost, Unanswered
from deployctl.model.lease import TTL, Hold, Holder, Lease, taken
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore


def a_keeper(store: MemoryStore, clock: FakeClock, name: str) -> Keeper:
    count = iter(range(1000))
    return Keeper(store, clock, lambda: f"{name}-{next(count)}")


def a_world() -> tuple[MemoryStore, FakeClock, Keeper, Keeper]:
    store, clock = MemoryStore(), FakeClock()
    return store, clock, a_keeper(store, clock, "a"), a_keeper(store, clock, "b")


ANN = Holder(owner="a", actor="ann", host="laptop", pid=1, run_url="https://ci.example/7")
BOB = Holder(owner="b", actor="bob", host="ci", pid=2)


def test_a_second_run_is_told_who_is_at_work_and_what_to_do() -> None:
    _, _, ann, bob = a_world()
    ann.acquire(ANN)
    with pytest.raises(LeaseHeld, match=r"ann@laptop \(pid 1\).*https://ci\.example/7") as told:
        bob.acquire(BOB)
    assert "--fence 1" in told.value.hint
    with pytest.raises(LeaseLost):
        _ = bob.lease


def test_a_waiting_run_gets_the_lease_when_it_is_given_back() -> None:
    _, clock, ann, bob = a_world()
    ann.acquire(ANN)
    clock.at_each_sleep.append(lambda seconds: ann.release() if seconds > 5 else None)
    assert bob.acquire(BOB, wait=60).fence == 2
    assert bob.took_over is None


def test_a_silent_holder_is_replaced_after_a_full_ttl_on_our_own_clock() -> None:
    _, clock, ann, bob = a_world()
    ann.acquire(ANN)
    assert bob.acquire(BOB, wait=3 * TTL).fence == 2
    assert clock.elapsed() >= TTL
    assert bob.took_over is not None
    with pytest.raises(LeaseLost, match="bob@ci"):
        ann.beat()
    with pytest.raises(LeaseLost):
        ann.check()


def test_a_living_holder_is_never_replaced() -> None:
    _, clock, ann, bob = a_world()
    ann.acquire(ANN)

    def alive(_seconds: float) -> None:
        ann.tick()
        ann.beat()

    clock.at_each_sleep.append(alive)
    with pytest.raises(LeaseHeld):
        bob.acquire(BOB, wait=4 * TTL)


def test_a_provably_dead_holder_is_replaced_at_once() -> None:
    store, clock, ann, bob = a_world()
    ann.acquire(ANN)
    store.dead.add("a")
    assert bob.acquire(BOB).fence == 2
    assert clock.elapsed() == 0


def test_a_lost_reply_does_not_lock_us_out() -> None:
    store, _, ann, _ = a_world()
    store.lose_replies = 1
    assert ann.acquire(ANN).fence == 1
    store.lose_replies = 1
    ann.beat()
    ann.check()


def test_a_store_that_does_not_answer_costs_the_lease_only_when_time_runs_out() -> None:
    store, clock, ann, _ = a_world()
    ann.acquire(ANN)
    store.broken = True
    clock.sleep(TTL / 2)
    ann.check()
    clock.sleep(TTL / 3)
    with pytest.raises(LeaseLost, match="could not be renewed"):
        ann.check()


def test_a_lease_that_vanished_is_lost_to_nobody() -> None:
    store, _, ann, _ = a_world()
    ann.acquire(ANN)
    store.item = None
    with pytest.raises(LeaseLost, match="nobody"):
        ann.beat()


def test_a_manual_hold_is_not_waited_for() -> None:
    store, clock, _, bob = a_world()
    hold = taken(None, ANN, version="m", at=clock.now(), manual_reason="stock-taking")
    store.swap(None, hold)
    assert hold.state is Hold.MANUAL
    with pytest.raises(LeaseHeld, match="stock-taking") as told:
        bob.acquire(BOB, wait=600)
    assert clock.elapsed() == 0
    assert "lock release" in told.value.hint


def test_releasing_twice_or_without_a_store_is_quiet() -> None:
    store, _, ann, _ = a_world()
    ann.acquire(ANN)
    store.broken = True
    ann.release()
    ann.release()


def test_a_store_that_refuses_everything_yields_no_lease() -> None:
    store, _, ann, _ = a_world()
    store.broken = True
    with pytest.raises(LeaseHeld, match="could not be taken"):
        ann.acquire(ANN)


class Heart(MemoryStore):
    """Says when it was written to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def swap(self, seen: Lease | None, wanted: Lease) -> bool:
        done = super().swap(seen, wanted)
        self.written.set()
        return done


def test_the_heart_beats_while_the_loop_ticks_and_stops_with_the_lease() -> None:
    store, clock = Heart(), FakeClock()
    ann = a_keeper(store, clock, "a")
    first = ann.acquire(ANN)
    store.written.clear()
    ann.start_beating(every=0.001)
    assert store.written.wait(5)
    assert ann.lease.version != first.version
    ann.release()


def test_the_heart_stops_when_the_loop_hangs_or_the_lease_is_gone() -> None:
    store, clock = Heart(), FakeClock()
    ann, bob = a_keeper(store, clock, "a"), a_keeper(store, clock, "b")
    ann.acquire(ANN)
    clock.sleep(TTL)
    store.written.clear()
    ann.start_beating(every=0.001)
    assert not store.written.wait(0.05)
    store.dead.add("a")
    bob.acquire(BOB)
    ann.tick()
    for thread in threading.enumerate():
        if thread.name == "lease-heartbeat":
            thread.join(5)
            assert not thread.is_alive()
    assert bob.lease.fence == 2
    bob.beat()


def test_a_store_that_cannot_even_be_read_back_yields_no_lease() -> None:
    class Deaf(MemoryStore):
        def swap(self, seen: Lease | None, wanted: Lease) -> bool:
            self.broken = True
            raise Unanswered("no answer")

        def lease(self) -> Lease | None:
            if self.broken:
                raise Unanswered("no answer")
            return super().lease()

    ann = a_keeper(Deaf(), FakeClock(), "a")
    with pytest.raises(Unanswered):
        ann.acquire(ANN)
