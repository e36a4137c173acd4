"""Can the smoke checks be asked at all?"""

from urllib.parse import urlsplit

from deployctl.checks.finding import Finding, fail, ok, warn
from deployctl.model.check import Check

_LOCAL = (".localhost", ".local", ".internal")


def url_can_be_asked(check: Check) -> Finding:
    """The address has the shape of one, and a secure one leads to the public."""
    try:
        parts = urlsplit(check.url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError as error:
        return fail(f"smoke check {check.name}: {check.url!r}: {error}", _CURE)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_number:
        return fail(f"smoke check {check.name}: {check.url!r} is not an http(s) address", _CURE)
    if parts.username or parts.password:
        return fail(
            f"smoke check {check.name}: the address holds a user or password",
            "Remove it: addresses are shown on screens and in reports.",
        )
    return _whether_secure(check, parts.scheme, parts.hostname)


def _whether_secure(check: Check, scheme: str, host: str) -> Finding:
    is_local = host == "localhost" or host.endswith(_LOCAL) or host.startswith("127.")
    if (
        scheme == "http"
        and not is_local
        and any(k.lower() == "authorization" for k, _ in check.headers)
    ):
        return warn(
            f"smoke check {check.name} sends its authorization over plain http",
            "Use https, or drop the header.",
        )
    return ok(f"smoke check {check.name}: {check.url}")


_CURE = "Set `url:` of the environment, or give the check a full address."
