"""What is due. A timer fires through `record`, which lets each occurrence fire once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from helpdesk.store.schema import PENDING, timer
from helpdesk.threading.model import TimerKind


@dataclass(frozen=True, slots=True)
class TicketTimer:
    """A timer of a ticket; `state` is pending, fired or cancelled."""

    ticket_id: int
    kind: TimerKind
    occurrence: int
    due_at: datetime
    state: str


def due_timers(connection: Connection, now: datetime, limit: int) -> list[TicketTimer]:
    """Pending timers whose time has come, longest due first."""
    statement = select(timer).where(PENDING, timer.c.due_at <= now).order_by(timer.c.due_at, timer.c.ticket_id).limit(limit)
    return [
        TicketTimer(row.ticket_id, TimerKind(row.kind), row.occurrence, row.due_at, row.state)
        for row in connection.execute(statement)
    ]


def timers_of(connection: Connection, ticket_id: int) -> list[TicketTimer]:
    """All timers that a ticket ever had, by due time."""
    statement = select(timer).where(timer.c.ticket_id == ticket_id).order_by(timer.c.due_at, timer.c.kind, timer.c.occurrence)
    return [
        TicketTimer(row.ticket_id, TimerKind(row.kind), row.occurrence, row.due_at, row.state)
        for row in connection.execute(statement)
    ]
