"""Whose requests and mail neither retention nor an erasure may take (`[retention] legal_hold`)."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import participant, ticket
from helpdesk.threading.trust.addresses import canonical, domain_of

TICKETS = select(ticket.c.id, ticket.c.reference, ticket.c.account).where(among(ticket.c.id))
PEOPLE = select(participant.c.ticket_id, participant.c.address).where(among(participant.c.ticket_id))


class LegalHold:
    """The entries of the configuration: addresses, domains written as @domain, ids of accounts, references of tickets."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(canonical(entry) if "@" in entry[1:] else entry for entry in entries)
        self._folded = frozenset(entry.lower() for entry in self._entries)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def holds_any(self, addresses: Iterable[str]) -> bool:
        """Whether one of these addresses is held."""
        return bool(self._folded) and any(
            canonical(address) in self._folded or f"@{domain_of(address)}" in self._folded for address in addresses if address
        )

    def of_tickets(self, connection: Connection, tickets: Collection[int]) -> set[int]:
        """Those of the tickets that are held, by themselves, by their account, or by somebody who takes part."""
        if not self._entries:
            return set()
        held = {
            row.id
            for row in rows_among(connection, TICKETS, tickets)
            if row.reference.lower() in self._folded or row.account in self._entries
        }
        return held | {row.ticket_id for row in rows_among(connection, PEOPLE, tickets) if self.holds_any((row.address,))}
