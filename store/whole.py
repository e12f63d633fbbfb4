"""Reads whole conversations, messages and internal notes, for the staff member who gets a request."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from helpdesk.store.lists import among, rows_among
from helpdesk.store.merges import Merges
from helpdesk.store.schema import internal_note, message
from helpdesk.threading.model.message import Direction, PastMessage, PastNote

MOST_SAID = 50  # messages, and as many notes, of one ticket that are read: the newest


def whole_conversations(connection: Connection, tickets: Collection[int], merges: Merges) -> dict[int, tuple[PastMessage, ...]]:
    """Return the newest `MOST_SAID` messages of each ticket with those of the tickets that were merged into it, oldest first."""
    found: dict[int, list[PastMessage]] = defaultdict(list)
    places = merges.places(tickets)
    for row in rows_among(connection, MESSAGES, places):
        for number in places[row.ticket_id]:
            origin = merges.origin(row.ticket_id, number)
            shapes = tuple(row.shapes or ())
            found[number].append(
                PastMessage(row.author, Direction(row.direction), row.text, row.at, origin=origin, shapes=shapes)
            )
    return {number: tuple(sorted(said, key=lambda message: message.at)[-MOST_SAID:]) for number, said in found.items()}


def past_notes(connection: Connection, tickets: Collection[int], merges: Merges) -> dict[int, tuple[PastNote, ...]]:
    """Return the newest `MOST_SAID` internal notes of each ticket with those of the tickets merged into it, oldest first. Only staff
    read them.
    """
    found: dict[int, list[PastNote]] = defaultdict(list)
    places = merges.places(tickets)
    for row in rows_among(connection, NOTES, places):
        for number in places[row.ticket_id]:
            origin = merges.origin(row.ticket_id, number)
            found[number].append(PastNote(row.author, row.text, row.at, origin, tuple(row.shapes or ())))
    return {number: tuple(sorted(notes, key=lambda note: note.at)[-MOST_SAID:]) for number, notes in found.items()}


def _newest(table: Table, *names: str) -> Select[Any]:
    place = func.row_number().over(partition_by=table.c.ticket_id, order_by=table.c.id.desc()).label("place")
    ranked = select(table.c.id, place).where(among(table.c.ticket_id)).subquery()
    columns = (table.c[name] for name in names)
    return (
        select(*columns)
        .join_from(ranked, table, table.c.id == ranked.c.id)
        .where(ranked.c.place <= MOST_SAID)
        .order_by(table.c.id)
    )


MESSAGES = _newest(message, "ticket_id", "author", "direction", "text", "at", "shapes")
NOTES = _newest(internal_note, "ticket_id", "author", "text", "at", "shapes")
