"""How often the form may be sent: from one network, for one address, and in all. Counted in memory, because a page must not cost writes."""

import ipaddress
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

HOUR = 3600.0
MOST_COUNTED = 20_000  # addresses and networks at once
EVERYBODY = "everybody"


@dataclass(slots=True)
class FormLimits:
    """The most requests in an hour. An hour begins with the first request that is counted."""

    per_address: int
    per_network: int
    per_hour: int
    monotonic: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)

    def allow_network(self, network: str) -> bool:
        """Count an attempt from a network, and return whether it is within the limit. Attempts from "", a network that nobody knows, have no limit."""
        return not network or self._count(f"network {network}", self.per_network)

    def allow_request(self, address: str) -> bool:
        """Count a request for a mail address, and return whether it is within the limits of this address and of everybody."""
        return self._count(f"address {address}", self.per_address) and self._count(EVERYBODY, self.per_hour)

    def _count(self, name: str, most: int) -> bool:
        now = self.monotonic()
        with self._lock:
            if len(self._counted) >= MOST_COUNTED:
                self._forget(now)
            since, count = self._counted.get(name, (now, 0))
            if now - since >= HOUR:
                since, count = now, 0
            self._counted[name] = (since, count + 1)
        return count < most

    def _forget(self, now: float) -> None:
        """Forget the hours that are over; where too many are left, all but everybody's, which still limits a flood."""
        kept = {name: entry for name, entry in self._counted.items() if now - entry[0] < HOUR}
        few = len(kept) < MOST_COUNTED
        self._counted = kept if few else {name: entry for name, entry in kept.items() if name == EVERYBODY}


def network_of(peer: str, forwarded: Sequence[str], proxies: Sequence[str]) -> str:
    """The IPv4 address, or the IPv6 network of 64 bits, from which a request comes; "" where nobody knows it.

    `forwarded` are the values of X-Forwarded-For. Each proxy adds on the right what it has seen, so that the last address which is no proxy
    of ours counts, and what a visitor wrote there themselves does not.
    """
    trusted = [ipaddress.ip_network(network) for network in proxies]
    seen = [entry.strip() for value in forwarded for entry in value.split(",")]
    for text in reversed([*seen, peer]):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return ""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if not any(address in network for network in trusted):
            return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
    return ""
