"""Admission of sessions to a door: how many there may be in all and from one peer, and which session ends to make room for
another.

Trusted relays have a reserved share of the places. This module does no I/O. Moments are seconds of the event loop's clock.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol, TypeVar

from helpdesk.threading.trust.assurance import is_within
from helpdesk.threading.trust.peers import network_of, plain_address

RESERVED_SHARE = 10  # one of every 10 places is reserved for trusted relays, and at least one place
REMEMBERED = 4096  # peers whose place is known without reading their address again
PATIENCE = 10.0  # seconds that a session may bring no mail before it can be ended to make room
PATIENCE_IN_TRANSACTION = 60.0  # the same for a session that has sent MAIL


class AdmittedSession(Protocol):
    """What Admission needs to know of a session."""

    @property
    def last_progress(self) -> float:
        """When the session began, or last logged in or delivered a mail."""

    @property
    def is_at_work(self) -> bool:
        """Whether mail data is being received or stored."""

    @property
    def is_in_transaction(self) -> bool:
        """Whether the client has sent MAIL."""


AnySession = TypeVar("AnySession", bound=AdmittedSession)


class Admission:
    """Count the sessions of a door, and say whether there is room for another.

    A peer is an IPv4 address or a /64 network of IPv6. Addresses in `relays` are trusted: each is counted by itself, and no
    other peer can take the places reserved for them.
    """

    def __init__(self, most: int, most_of_a_peer: int, relays: tuple[str, ...] = ()) -> None:
        self._most = most
        self._most_of_a_peer = most_of_a_peer
        self._relays = relays
        self._reserved = max(most // RESERVED_SHARE, 1) if relays else 0
        self._of_peer: Counter[str] = Counter()
        self._of_relay: Counter[str] = Counter()
        self._place = lru_cache(maxsize=REMEMBERED)(self._place_of)

    def enter(self, peer: str) -> bool:
        """Count one more session until it leaves. Return False, and count nothing, where there is no room."""
        if self.has_reached_its_share(peer) or self.is_full_for(peer):
            return False
        counted, key = self._place(peer)
        counted[key] += 1
        return True

    def leave(self, peer: str) -> None:
        """Stop counting a session that `enter` has counted."""
        counted, key = self._place(peer)
        counted[key] -= 1
        if counted[key] <= 0:
            del counted[key]

    def has_reached_its_share(self, peer: str) -> bool:
        """Whether the peer has as many sessions as one peer may have."""
        counted, key = self._place(peer)
        return counted[key] >= self._most_of_a_peer

    def is_full_for(self, peer: str) -> bool:
        """Whether another session has to end before this peer may come in.

        Where there is one place only, a relay is let in beside the session that has it.
        """
        strangers, relays = self._of_peer.total(), self._of_relay.total()
        if self.is_relay(peer):
            return relays >= self._reserved and strangers + relays >= self._most
        return strangers >= self._most - max(relays, min(self._reserved, self._most - 1))

    def is_relay(self, peer: str) -> bool:
        """Whether the peer is a trusted relay."""
        counted, _ = self._place(peer)
        return counted is self._of_relay

    def _place_of(self, peer: str) -> tuple[Counter[str], str]:
        address = plain_address(peer)
        return (self._of_relay, address) if is_within(address, self._relays) else (self._of_peer, network_of(peer))


def session_to_close(sessions: Iterable[AnySession], now: float, at_once: bool) -> AnySession | None:
    """The session that has brought no mail for longest beyond its patience; None where no session has to end.

    A session whose mail data is under way is never chosen. `at_once` leaves the patience out of account.
    """
    overdue = [(now - session.last_progress - _patience(session), session) for session in sessions if not session.is_at_work]
    longest, idlest = max(overdue, key=lambda pair: pair[0], default=(0.0, None))
    return idlest if at_once or longest > 0 else None


def _patience(session: AdmittedSession) -> float:
    return PATIENCE_IN_TRANSACTION if session.is_in_transaction else PATIENCE
