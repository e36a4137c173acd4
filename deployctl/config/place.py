"""Checks that an environment says where it is: what a sandbox must not say, all others must."""

from collections.abc import Iterator, Mapping

from deployctl.config.complaint import Complaint, complain
from deployctl.config.node import Entry, Listing, Scalar, Table

_NEEDED = {
    "account": '"222222222222"',
    "region": "eu-west-1",
    "cluster": "shop",
}
_FROM_SANDBOX = ("account", "region", "endpoint", "registry")


_URL = "https://shop.example"


def placed(root: Table, environment: str) -> Iterator[Complaint]:
    """Complaints about what the environment lacks, or must not have."""
    entry = root.entries["environment"]
    if not isinstance(entry.node, Table):
        return
    own = entry.node.entries
    yield from _cdn(root, environment)
    sandbox = own.get("sandbox")
    if sandbox and isinstance(sandbox.node, Scalar) and sandbox.node.value is True:
        yield from _in_sandbox(own)
        return
    lacking = [(key, example, "nothing is guessed") for key, example in _NEEDED.items()]
    if _has_checks(root):
        lacking.append(("url", _URL, "the smoke checks need it"))
    elif "connect_to" in own:
        lacking.append(("url", _URL, "`connect_to` needs it"))
    for key, example, why in lacking:
        if key not in own:
            what = f"`environments.{environment}` has no `{key}`"
            yield complain(entry.key, what, why, f"Write: {key}: {example}")


def _in_sandbox(own: Mapping[str, Entry]) -> Iterator[Complaint]:
    for key in _FROM_SANDBOX:
        if key in own:
            what = f"a sandbox environment has no `{key}`"
            why = "it comes from the running sandbox"
            yield complain(own[key].key, what, why, "Delete the key.")


def _has_checks(root: Table) -> bool:
    smoke = root.entries.get("smoke")
    return bool(smoke and isinstance(smoke.node, Listing) and smoke.node.items)


def _cdn(root: Table, environment: str) -> Iterator[Complaint]:
    cdn = root.entries.get("cdn")
    if cdn and isinstance(cdn.node, Table) and "distribution" not in cdn.node.entries:
        what = f"`cdn` has no `distribution` in {environment}"
        why = "it is the one whose cache is emptied"
        yield complain(cdn.key, what, why, "Write: distribution: E1EXAMPLE, or cdn: null.")
