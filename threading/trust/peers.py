"""Which hosts are counted as one: a peer is an IPv4 address, or the network of an IPv6 address that one customer of a provider has."""

import ipaddress

NETWORK_BITS = 64  # what a single host has at the least (RFC 6177 §2): counted by address it could be a new peer for ever


def plain_address(peer: str) -> str:
    """An IP address as networks and addresses are compared: an IPv4 address in IPv6 dress (RFC 4291 §2.5.5.2) as IPv4, none with a
    zone; what is no address as it is."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def network_of(peer: str) -> str:
    """Where a peer is counted: 192.0.2.7, or 2001:db8:1:2::/64; what is no address is counted as it is written."""
    plain = plain_address(peer)
    if ":" not in plain:
        return plain
    try:
        return str(ipaddress.IPv6Network((plain, NETWORK_BITS), strict=False))
    except ValueError:
        return plain
