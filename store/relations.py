"""Looks up the tickets that are linked to tickets: in either direction, the newest of each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, union

from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import related, ticket
from helpdesk.store.tickets import tickets_by_id
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

MOST_LINKS = 10  # newest linked tickets that are looked up for a ticket


@dataclass(frozen=True, slots=True)
class Link:
    """A linked ticket by its id. `follows` says that it is open and was begun after the ticket at the other end was closed."""

    other: int
    follows: bool


def links_of(connection: Connection, ids: Collection[int]) -> dict[int, list[Link]]:
    """Return the newest links of each ticket, newest first."""
    found: dict[int, list[Link]] = defaultdict(list)
    for row in rows_among(connection, LINKS, ids):
        begun_after = row.mine == Status.CLOSED and row.status != Status.CLOSED and _is_after(row.created_at, row.closed_at)
        found[row.ticket_id].append(Link(row.other_id, begun_after))
    return found


def _is_after(begun: datetime, closed: datetime | None) -> bool:
    return closed is not None and begun > closed


def follow_ups_of(links: Mapping[int, Sequence[Link]], ids: Iterable[int]) -> set[int]:
    """Return the ids of open tickets that were begun after one of these tickets was closed, and are linked to it."""
    return {link.other for number in ids for link in links.get(number, ()) if link.follows}


def related_tickets_of(
    connection: Connection, links: Mapping[int, Sequence[Link]], known: Mapping[int, Ticket]
) -> dict[int, tuple[Ticket, ...]]:
    """Return the linked tickets of each ticket that has links. `known` are tickets that have been read already."""
    wanted = {link.other for entries in links.values() for link in entries}
    tickets = {**known, **tickets_by_id(connection, wanted - set(known))} if wanted else known
    return {number: tuple(tickets[link.other] for link in entries if link.other in tickets) for number, entries in links.items()}


def _select_links() -> Select[Any]:
    linked = select(related.c.ticket_id, related.c.other_id).where(among(related.c.ticket_id))
    linking = select(related.c.other_id.label("ticket_id"), related.c.ticket_id.label("other_id")).where(
        among(related.c.other_id)
    )
    both = union(linked, linking).subquery()
    place = func.row_number().over(partition_by=both.c.ticket_id, order_by=both.c.other_id.desc()).label("place")
    newest = select(both, place).subquery()
    mine, other = ticket.alias("mine"), ticket.alias("other")
    return (
        select(
            newest.c.ticket_id,
            newest.c.other_id,
            mine.c.status.label("mine"),
            mine.c.closed_at,
            other.c.status,
            other.c.created_at,
        )
        .join_from(newest, mine, mine.c.id == newest.c.ticket_id)
        .join(other, other.c.id == newest.c.other_id)
        .where(newest.c.place <= MOST_LINKS)
        .order_by(newest.c.ticket_id, newest.c.place)
    )


LINKS = _select_links()
