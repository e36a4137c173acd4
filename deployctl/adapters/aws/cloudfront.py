"""CloudFront: look at a distribution, order invalidations and watch them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from deployctl.adapters.aws.clients import Clients, code_of, translated
from deployctl.model.errors import Refused, Unanswered
from deployctl.ports.cdn import Distribution, Invalidation

_NEWEST: Final = 20
"""How many orders are looked at: a lost answer is looked for within minutes, not days."""


class CloudFront:
    """The CDN port over the CloudFront API, which is global: the region of `clients` is unused."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @property
    def _api(self) -> Any:
        return self._clients.client("cloudfront")

    def look(self, distribution: str) -> Distribution | None:
        """GetDistribution. `is_deployed`: its last change has reached every edge."""
        try:
            with translated(f"look at CloudFront distribution {distribution}"):
                found = self._api.get_distribution(Id=distribution)["Distribution"]
        except Refused as error:
            if code_of(error) == "NoSuchDistribution":
                return None
            raise
        config = found.get("DistributionConfig", {})
        return Distribution(
            id=str(found["Id"]),
            enabled=bool(config.get("Enabled", False)),
            is_deployed=str(found.get("Status", "")).lower() == "deployed",
            domain=str(found.get("DomainName", "")),
            aliases=tuple(config.get("Aliases", {}).get("Items", [])),
        )

    def invalidate(self, distribution: str, paths: tuple[str, ...], reference: str) -> str:
        """CreateInvalidation with `reference` as CallerReference, which makes it idempotent."""
        batch = {
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": reference,
        }
        with _explained(distribution), translated(f"invalidate paths of {distribution}"):
            made = self._api.create_invalidation(
                DistributionId=distribution, InvalidationBatch=batch
            )
            return str(made["Invalidation"]["Id"])

    def invalidation(self, distribution: str, id: str) -> Invalidation:  # noqa: A002 - as in the port
        """GetInvalidation. Emulators spell the status differently, so case does not count."""
        with _explained(distribution), translated(f"look at invalidation {id} of {distribution}"):
            found = self._api.get_invalidation(DistributionId=distribution, Id=id)["Invalidation"]
        batch = found.get("InvalidationBatch", {})
        status = str(found.get("Status", ""))
        return Invalidation(
            id=str(found["Id"]),
            status=status,
            is_done=status.lower() == "completed",
            reference=str(batch.get("CallerReference", "")),
            paths=tuple(batch.get("Paths", {}).get("Items", [])),
        )

    def find(self, distribution: str, reference: str) -> str | None:
        """ListInvalidations (newest first), then GetInvalidation for the reference of each."""
        with _explained(distribution), translated(f"list the invalidations of {distribution}"):
            page = self._api.list_invalidations(DistributionId=distribution, MaxItems=str(_NEWEST))
        for entry in page.get("InvalidationList", {}).get("Items", []):
            if self.invalidation(distribution, str(entry["Id"])).reference == reference:
                return str(entry["Id"])
        return None


_HINTS: Final = {
    "NoSuchDistribution": "Correct cdn.distribution in deployctl.yaml, or the account is wrong.",
    "NoSuchInvalidation": "Was the distribution changed in deployctl.yaml since the release began?",
    "InvalidationBatchAlreadyExists": (
        "This release has already invalidated other paths: were cdn.paths changed in between? "
        "Start a new release."
    ),
    "BatchTooLarge": "Use fewer paths: a wildcard like /assets/* counts as one.",
}


@contextmanager
def _explained(distribution: str) -> Iterator[None]:
    try:
        yield
    except Refused as error:
        code = code_of(error)
        if code == "TooManyInvalidationsInProgress":
            raise Unanswered(
                f"{distribution} has too many invalidations in progress",
                hint="It is tried again; use a wildcard path to need fewer.",
            ) from error
        if code in _HINTS:
            raise Refused(str(error), hint=_HINTS[code]) from error
        raise
