"""Looks up how tickets were sorted: the events that say why a ticket is in its queue and in whose hands it is."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select

from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import event
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.sentence import unpacked
from helpdesk.threading.model.status import Status, Trigger

KINDS = (
    "opened", "queue_changed", "category_changed", "severity_changed", "priority_changed",
    Trigger.TRIAGED, Trigger.SELF_SERVED, Trigger.ASSIGNED, Trigger.ESCALATED, Trigger.TARGET_MISSED,
)  # fmt: skip
MOST_EVENTS = 50  # oldest events of a ticket that are told
SORTING = select(event).where(among(event.c.ticket_id), event.c.kind.in_(KINDS)).order_by(event.c.ticket_id, event.c.number)


def sorting_of(connection: Connection, ids: Collection[int]) -> dict[int, tuple[Event, ...]]:
    """Return for each ticket the events that have sorted it, oldest first."""
    found: dict[int, list[Event]] = defaultdict(list)
    for row in rows_among(connection, SORTING, ids):
        before = Status(row.from_status) if row.from_status else None
        after = Status(row.to_status) if row.to_status else None
        found[row.ticket_id].append(Event(row.number, row.kind, row.actor, row.at, before, after, unpacked(row.detail)))
    return {number: tuple(events[:MOST_EVENTS]) for number, events in found.items()}
