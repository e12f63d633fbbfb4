"""DNS look-ups that end in time; the only module that knows dnspython. A name server that does not answer is an exception,
never a hang.
"""

import time
from collections.abc import Callable
from typing import Any

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from helpdesk.config.shapes import endpoint

LONGEST_TEXT = 4096  # octets of one TXT record; a key of 4096 bits takes 750
MOST_RECORDS = 100
CACHED = 2000  # answers in the cache
# Names that nobody can register (RFC 6761, RFC 2606 §3): asking public name servers for them would only reveal our mail to strangers.
NOWHERE = ("test", "example", "invalid", "localhost", "local", "onion", "example.com", "example.net", "example.org")


class DnsAway(Exception):
    """No name server gave a usable answer in time."""


class Deadline:
    """The time in seconds that all look-ups for one mail may take together."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left. Raise DnsAway where there are none."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise DnsAway("no time is left")
        return left


class Resolver:
    """Ask the name servers of the system, or those given as `127.0.0.1:53`. May be used from several threads."""

    def __init__(self, nameservers: tuple[str, ...] = ()) -> None:
        self._asks_for_all = bool(nameservers)
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.resolver.Resolver(configure=False)
        if nameservers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*endpoint(server)) for server in nameservers]
        self._resolver.cache = dns.resolver.LRUCache(CACHED)

    def records(self, name: str, kind: str, deadline: Deadline) -> list[Any]:
        """The records of a name: TXT as octets, A, AAAA and PTR as text, MX as preference and host. A name without records
        has an empty list.

        Raise DnsAway where no name server answered, or only with a failure.
        """
        if self.knows_nothing_of(name):
            return []
        try:
            asked = dns.name.from_text(name, dns.name.root)
        except (dns.exception.DNSException, UnicodeError):
            return []  # no such name can exist
        try:
            answer = self._resolver.resolve(asked, kind, lifetime=deadline.left(), raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.exception.DNSException, OSError) as fault:
            raise DnsAway(type(fault).__name__) from fault
        found = [READ[kind](record) for record in list(answer.rrset or ())[:MOST_RECORDS]]
        return [record for record in found if not isinstance(record, bytes) or len(record) <= LONGEST_TEXT]

    def knows_nothing_of(self, name: str) -> bool:
        """Whether a name is reserved for examples and the like, about which only name servers of our own configuration are
        asked.
        """
        labels = name.rstrip(".").lower().split(".")
        return not self._asks_for_all and (labels[-1] in NOWHERE or ".".join(labels[-2:]) in NOWHERE)

    def texts(self, name: str, deadline: Deadline) -> list[bytes]:
        """TXT records, each with its strings joined. Raise DnsAway."""
        return self.records(name, "TXT", deadline)


READ: dict[str, Callable[[Any], Any]] = {
    "TXT": lambda record: b"".join(record.strings),
    "A": lambda record: str(record.address),
    "AAAA": lambda record: str(record.address),
    "MX": lambda record: (int(record.preference), record.exchange.to_text(True)),
    "PTR": lambda record: record.target.to_text(True),
}
