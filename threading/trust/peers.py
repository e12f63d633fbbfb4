"""Which hosts count as one peer: an IPv4 address, or the /64 network of an IPv6 address, which one customer of a provider has."""

import ipaddress

NETWORK_BITS = 64  # a single host has at least such a network (RFC 6177 §2), and could use a new address for each connection


def plain_address(peer: str) -> str:
    """An IP address in the form in which addresses are compared: IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) as IPv4, without a zone.

    Text that is no address stays as it is.
    """
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def network_of(peer: str) -> str:
    """The name under which a peer is counted: 192.0.2.7, or 2001:db8:1:2::/64. Text that is no address stays as it is."""
    plain = plain_address(peer)
    if ":" not in plain:
        return plain
    try:
        return str(ipaddress.IPv6Network((plain, NETWORK_BITS), strict=False))
    except ValueError:
        return plain
