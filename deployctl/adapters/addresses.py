"""Names become network addresses, except those that only a machine's own metadata lives at."""

import ipaddress
import socket
from typing import Final

_METADATA: Final = (
    ipaddress.ip_network("169.254.0.0/16"),  # EC2 metadata, ECS credentials, link-local
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("fd00:ec2::/32"),  # EC2 metadata over IPv6
)


class Forbidden(Exception):
    """A request to this address could hand out credentials, so it is never made."""


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Every address of `host`, in the system's order, as numbers.

    The caller connects to what is returned: resolving twice would let a name change in between.
    Raises Forbidden when any is a metadata or link-local address, OSError when there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if is_metadata(address):
            raise Forbidden(
                f"{host} leads to {address}, an address for machine metadata and credentials"
            )
    return addresses


def is_metadata(address: str) -> bool:
    """Whether an address is link-local or serves metadata, also when written as IPv4 in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    return any(ip in network for network in _METADATA if network.version == ip.version)
