"""Who may have a session: how many there are in all and from one peer, room kept for our own relays, and who goes when there is none.

No I/O. Moments are seconds of the event loop's clock.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol, TypeVar

from helpdesk.threading.trust.assurance import is_within
from helpdesk.threading.trust.peers import network_of, plain_address

KEPT = 10  # one of so many places is kept for trusted relays, and at least one
PATIENCE = 10.0  # seconds that a session may be without a mail when its place is wanted, and
PATIENCE_IN_TRANSACTION = 60.0  # where it has begun one


class Guest(Protocol):
    """A session, as far as its place is concerned."""

    @property
    def last_progress(self) -> float:
        """When it began, or last logged in or brought a mail."""

    @property
    def is_at_work(self) -> bool:
        """Mail data is coming in or being stored."""

    @property
    def is_in_transaction(self) -> bool:
        """A mail has begun."""


AnyGuest = TypeVar("AnyGuest", bound=Guest)


class Admission:
    """Counts sessions. A peer is an IPv4 address or a /64 network of IPv6.

    Addresses in `relays` are trusted: each is counted by itself, and room is kept for them that nobody else can take.
    """

    def __init__(self, most: int, most_of_a_peer: int, relays: tuple[str, ...] = ()) -> None:
        self._most = most
        self._most_of_a_peer = most_of_a_peer
        self._relays = relays
        self._kept = max(most // KEPT, 1) if relays else 0
        self._of_peer: Counter[str] = Counter()
        self._of_relay: Counter[str] = Counter()

    def enter(self, peer: str) -> bool:
        """Whether there is room for one more, which is then counted until it leaves."""
        if self.has_its_share(peer) or self.is_full_for(peer):
            return False
        counted, key = self._place(peer)
        counted[key] += 1
        return True

    def leave(self, peer: str) -> None:
        counted, key = self._place(peer)
        counted[key] -= 1
        if counted[key] <= 0:
            del counted[key]

    def has_its_share(self, peer: str) -> bool:
        """Whether the peer has as many sessions as one peer may have."""
        counted, key = self._place(peer)
        return counted[key] >= self._most_of_a_peer

    def is_full_for(self, peer: str) -> bool:
        """Whether somebody has to go before this peer may come in. Where there is one place only, a relay comes in beside whoever has it."""
        strangers, relays = self._of_peer.total(), self._of_relay.total()
        if self.is_relay(peer):
            return relays >= self._kept and strangers + relays >= self._most
        return strangers >= self._most - max(relays, min(self._kept, self._most - 1))

    def is_relay(self, peer: str) -> bool:
        return is_within(plain_address(peer), self._relays)

    def _place(self, peer: str) -> tuple[Counter[str], str]:
        return (self._of_relay, plain_address(peer)) if self.is_relay(peer) else (self._of_peer, network_of(peer))


def who_gives_place(guests: Iterable[AnyGuest], now: float, at_once: bool) -> AnyGuest | None:
    """The session that has been without a mail for longest past its patience, never one whose mail is under way; `at_once` asks for no
    patience. None where nobody has to go."""
    overdue = [(now - one.last_progress - _patience(one), one) for one in guests if not one.is_at_work]
    longest, guest = max(overdue, key=lambda pair: pair[0], default=(0.0, None))
    return guest if at_once or longest > 0 else None


def _patience(guest: Guest) -> float:
    return PATIENCE_IN_TRANSACTION if guest.is_in_transaction else PATIENCE
