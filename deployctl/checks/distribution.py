"""Can the CDN be made to forget?"""

from deployctl.checks.finding import Finding, fail, ok, warn
from deployctl.ports.cdn import Distribution


def distribution_serves(wanted: str, found: Distribution | None) -> Finding:
    """The configured distribution exists and is switched on."""
    if found is None:
        return fail(
            f"there is no CloudFront distribution {wanted} in this account",
            "Correct cdn.distribution: aws cloudfront list-distributions",
        )
    if not found.enabled:
        return fail(
            f"CloudFront distribution {wanted} ({found.domain}) is disabled",
            "Enable it, or remove cdn from this environment.",
        )
    if not found.is_deployed:
        return warn(
            f"CloudFront distribution {wanted} is being changed right now",
            "Someone is changing it: is that you? Edges may answer differently for some minutes.",
        )
    return ok(f"distribution {wanted} ({found.domain}) is deployed")
