"""A CDN that keeps its orders in memory and finishes them when it is told to."""

from dataclasses import dataclass, field, replace

from deployctl.model.errors import Refused, Unanswered
from deployctl.ports.cdn import Distribution, Invalidation


@dataclass(kw_only=True)
class FakeCdn:
    """Orders are done after `looks` looks at them. `busy` orders are turned away first."""

    distributions: dict[str, Distribution] = field(default_factory=dict)
    looks: int = 0
    busy: int = 0
    orders: list[Invalidation] = field(default_factory=list)
    calls: int = 0
    _looked: dict[str, int] = field(default_factory=dict)

    def look(self, distribution: str) -> Distribution | None:
        return self.distributions.get(distribution)

    def invalidate(self, distribution: str, paths: tuple[str, ...], reference: str) -> str:
        self.calls += 1
        self._must_exist(distribution)
        if self.busy:
            self.busy -= 1
            raise Unanswered("too many invalidations in progress")
        for order in self.orders:
            if order.reference == reference and set(order.paths) == set(paths):
                return order.id
            if order.reference == reference:
                raise Refused("InvalidationBatchAlreadyExists", hint="Start a new release.")
        order = Invalidation(
            id=f"I{len(self.orders) + 1}",
            status="InProgress",
            is_done=False,
            reference=reference,
            paths=paths,
        )
        self.orders.append(order)
        return order.id

    def invalidation(self, distribution: str, id: str) -> Invalidation:  # noqa: A002 - as in the port
        self._must_exist(distribution)
        for order in self.orders:
            if order.id == id:
                self._looked[id] = self._looked.get(id, 0) + 1
                if self._looked[id] > self.looks:
                    return replace(order, status="Completed", is_done=True)
                return order
        raise Refused(f"NoSuchInvalidation {id}")

    def find(self, distribution: str, reference: str) -> str | None:
        self._must_exist(distribution)
        return next((order.id for order in self.orders if order.reference == reference), None)

    def _must_exist(self, distribution: str) -> None:
        if distribution not in self.distributions:
            raise Refused(f"NoSuchDistribution {distribution}", hint="Correct cdn.distribution.")


def distribution(
    id_: str = "E1", *, enabled: bool = True, is_deployed: bool = True
) -> Distribution:
    """A distribution that serves."""
    return Distribution(
        id=id_, enabled=enabled, is_deployed=is_deployed, domain=f"{id_.lower()}.cloudfront.net"
    )
