"""Finds the tickets that were merged into tickets, whose words belong to those from then on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import related, ticket
from helpdesk.threading.matching.known import MOST_MERGES

MERGED = (
    select(related.c.other_id, related.c.ticket_id, ticket.c.reference)
    .join(ticket, (ticket.c.id == related.c.other_id) & (ticket.c.merged_into == related.c.ticket_id))
    .where(among(related.c.ticket_id))
)


@dataclass(frozen=True, slots=True)
class Merges:
    """For each ticket that was asked for, and for each ticket merged into one of them, the tickets to which its words belong.

    `references` are those of the merged tickets, by their ids.
    """

    shared: Mapping[int, frozenset[int]]
    references: Mapping[int, str] = field(default_factory=dict)

    def places(self, ids: Iterable[int]) -> dict[int, frozenset[int]]:
        """The same for some of the tickets that were asked for."""
        wanted = frozenset(ids)
        return {number: mine for number, whose in self.shared.items() if (mine := whose & wanted)}

    def origin(self, number: int, reader: int) -> str:
        """The reference of a ticket whose words another ticket shows; "" for words of its own."""
        return "" if number == reader else self.references.get(number, "")

    @property
    def survivors(self) -> set[int]:
        """The tickets into which another one was merged."""
        return {number for gone in self.references for number in self.shared[gone] if number != gone}


def merges_of(connection: Connection, ids: Collection[int]) -> Merges:
    """Return what was merged into these tickets, directly or over others.

    A merge writes a row into `related`, so merged tickets are found by a key and not by a search.
    """
    shared = {number: frozenset({number}) for number in ids}
    references: dict[int, str] = {}
    latest = set(ids)
    for _ in range(MOST_MERGES):
        rows = rows_among(connection, MERGED, latest)
        for gone, into, reference in rows:
            shared[gone] = shared.get(gone, frozenset({gone})) | shared[into]
            references[gone] = reference
        latest = {gone for gone, _, _ in rows}
        if not latest:
            break
    return Merges(shared, references)
