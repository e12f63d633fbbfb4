"""The door to dnspython: look-ups in DNS that end in time. No answer is an answer of its own kind, never a hang."""

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
CACHED = 2000  # answers
# Names that nobody has (RFC 6761, RFC 2606 §3): asking for them would only tell strangers what we do.
NOWHERE = ("test", "example", "invalid", "localhost", "local", "onion", "example.com", "example.net", "example.org")


class DnsAway(Exception):
    """No name server gave a usable answer in time."""


class Deadline:
    """The time that all look-ups for one mail may take together, in seconds."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Seconds; raises DnsAway when there are none."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise DnsAway("no time is left")
        return left


class Resolver:
    """Asks the name servers of the system, or those that are given as `127.0.0.1:53`. May be used from several threads."""

    def __init__(self, nameservers: tuple[str, ...] = ()) -> None:
        self._asks_for_all = bool(nameservers)
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.resolver.Resolver(configure=False)
        if nameservers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*endpoint(one)) for one in nameservers]
        self._resolver.cache = dns.resolver.LRUCache(CACHED)

    def records(self, name: str, kind: str, deadline: Deadline) -> list[Any]:
        """Records of a name: TXT as octets, A, AAAA and PTR as text, MX as preference and host. None is an empty list.

        Raises DnsAway where nobody answered, or only to say that he could not.
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
        return [one for one in found if not isinstance(one, bytes) or len(one) <= LONGEST_TEXT]

    def knows_nothing_of(self, name: str) -> bool:
        """Whether this is a name for examples and the like, about which only name servers of one's own are asked."""
        labels = name.rstrip(".").lower().split(".")
        return not self._asks_for_all and (labels[-1] in NOWHERE or ".".join(labels[-2:]) in NOWHERE)

    def texts(self, name: str, deadline: Deadline) -> list[bytes]:
        """TXT records, each in one piece. Raises DnsAway."""
        return self.records(name, "TXT", deadline)


READ: dict[str, Callable[[Any], Any]] = {
    "TXT": lambda record: b"".join(record.strings),
    "A": lambda record: str(record.address),
    "AAAA": lambda record: str(record.address),
    "MX": lambda record: (int(record.preference), record.exchange.to_text(True)),
    "PTR": lambda record: record.target.to_text(True),
}
