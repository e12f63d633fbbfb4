"""Reads the facts for reports: counts and times, but no text that people wrote."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from helpdesk.store.clocks import clocks_from_json
from helpdesk.store.measurements import measurements_between
from helpdesk.store.schema import event, message, outbox, ticket
from helpdesk.store.tickets import portions
from helpdesk.threading.lifecycle.draft import TARGET_LATE, TARGET_OVER
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.status import Status, Trigger, WaitingOn
from helpdesk.threading.promises.targets import kinds_in
from helpdesk.threading.reporting.facts import DeskFacts, Mark, Move, TicketFacts

MARKS = (Trigger.TARGET_MISSED, TARGET_LATE, TARGET_OVER)


def desk_facts(connection: Connection, since: datetime, until: datetime) -> DeskFacts:
    """Return the tickets opened before `until` and not closed before `since`, and the counts of messages and letters between.

    Merged tickets are omitted, because their conversation continues on another ticket and counts there.
    """
    alive = or_(ticket.c.closed_at.is_(None), ticket.c.updated_at >= since)
    rows = connection.execute(
        select(ticket).where(ticket.c.created_at < until, alive, ticket.c.merged_into.is_(None)).order_by(ticket.c.id)
    ).all()
    ids = [row.id for row in rows]
    moves, marks = _moves(connection, ids), _marks(connection, ids)
    in_span = (message.c.at >= since, message.c.at < until)
    made = (outbox.c.created_at >= since, outbox.c.created_at < until)
    reported = (event.c.kind == "delivery_failed", event.c.at >= since, event.c.at < until)
    return DeskFacts(
        tickets=tuple(
            TicketFacts(
                row.created_at,
                row.queue,
                row.plan,
                row.category,
                Status(row.status),
                WaitingOn(row.waiting_on),
                row.first_response_at,
                tuple(moves[row.id]),
                row.severity,
                clocks_from_json(row.clocks),
                tuple(marks[row.id]),
            )
            for row in rows
        ),
        customer_messages=_count(connection, message.c.id, *in_span, message.c.direction == Direction.CUSTOMER),
        letters=_count(connection, outbox.c.id, *made, outbox.c.state.in_((LetterState.SENT, LetterState.FAILED))),
        ratings=_ratings(connection, since, until),
        undelivered=_count(connection, event.c.number, *reported),
        measured=measurements_between(connection, since, until),
    )


def _moves(connection: Connection, ids: list[int]) -> dict[int, list[Move]]:
    found: dict[int, list[Move]] = defaultdict(list)
    for part in portions(ids):
        moved = select(event).where(event.c.ticket_id.in_(part), event.c.to_status.is_not(None), event.c.from_status.is_not(None))
        for row in connection.execute(moved.order_by(event.c.ticket_id, event.c.number)):
            found[row.ticket_id].append(Move(row.at, Status(row.from_status), Status(row.to_status)))
    return found


def _marks(connection: Connection, ids: list[int]) -> dict[int, list[Mark]]:
    found: dict[int, list[Mark]] = defaultdict(list)
    for part in portions(ids):
        marked = select(event).where(event.c.ticket_id.in_(part), event.c.kind.in_(MARKS))
        for row in connection.execute(marked.order_by(event.c.ticket_id, event.c.number)):
            found[row.ticket_id].append(mark_of(row.kind, row.at, row.detail))
    return found


def mark_of(kind: str, at: datetime, detail: str) -> Mark:
    """Read an event of one of the kinds in `MARKS`."""
    words, _, more = detail.partition("; ")
    return Mark(at, kinds_in(words), datetime.fromisoformat(more) if kind == TARGET_OVER else None)


def _ratings(connection: Connection, since: datetime, until: datetime) -> tuple[str, ...]:
    rated = (ticket.c.rated_at >= since, ticket.c.rated_at < until, ticket.c.merged_into.is_(None))
    return tuple(connection.execute(select(ticket.c.rating).where(*rated).order_by(ticket.c.id)).scalars())


def _count(connection: Connection, column: ColumnElement[Any], *conditions: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count(column)).where(*conditions)).scalar_one())
