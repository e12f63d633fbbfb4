"""Which addresses a webhook may connect to. Targets come from the configuration alone, so private networks are allowed.

Link-local addresses and those where clouds keep credentials of a machine are allowed only where the URL itself is such an address. A host name
does not suffice, because the owner of its DNS zone can make it resolve to such an address at any time.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from helpdesk.gateway.web import IpAddress, Permits

METADATA = tuple(
    map(
        ip_address,
        (
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure
            "192.0.0.192",  # Oracle Cloud
            "fd00:ec2::254",  # AWS over IPv6; over IPv4 it is link-local, as with most others
            "fd20:ce::254",  # Google Cloud over IPv6
        ),
    )
)
TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
NOBODY = (IPv4Network("0.0.0.0/8"), IPv6Network("::/128"))  # which Linux connects to itself


def permits_of(host: str) -> Permits:
    """The rule for a URL with this host."""
    named = _address_of(host)
    return lambda address: _inner(address) == named or not is_delicate(address)


def is_delicate(address: IpAddress) -> bool:
    """Whether it takes more than a name to lead a webhook there."""
    inner = _inner(address)
    return inner.is_link_local or inner.is_multicast or inner in METADATA or any(inner in network for network in NOBODY)


def _inner(address: IpAddress) -> IpAddress:
    """The IPv4 address inside one of IPv6, where there is one."""
    if isinstance(address, IPv6Address):
        if address in TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _address_of(host: str) -> IpAddress | None:
    try:
        return _inner(ip_address(host.partition("%")[0]))
    except ValueError:
        return None
