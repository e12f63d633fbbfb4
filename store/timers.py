"""What is due. A timer fires through `record`, which lets each occurrence fire once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from helpdesk.store.cause import TimerCause
from helpdesk.store.database import Database
from helpdesk.store.schema import PENDING, timer
from helpdesk.threading.model.timer import TimerKind

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TicketTimer:
    """A timer of a ticket; `state` is pending, fired or cancelled."""

    ticket_id: int
    kind: TimerKind
    occurrence: int
    due_at: datetime
    state: str


def due_timers(connection: Connection, now: datetime, limit: int) -> list[TicketTimer]:
    """Pending timers whose time has come, longest due first. One that failed waits for its next attempt, so it holds up no other."""
    rested = or_(timer.c.not_before.is_(None), timer.c.not_before <= now)
    statement = select(timer).where(PENDING, timer.c.due_at <= now, rested)
    statement = statement.order_by(timer.c.due_at, timer.c.ticket_id).limit(limit)
    return [
        TicketTimer(row.ticket_id, TimerKind(row.kind), row.occurrence, row.due_at, row.state)
        for row in connection.execute(statement)
    ]


def put_off(database: Database, cause: TimerCause, now: datetime) -> int:
    """A timer could not be decided: it stays due and is tried again later, each time after a longer wait. How many attempts it had."""
    own = (timer.c.ticket_id == cause.ticket_id, timer.c.kind == cause.kind, timer.c.occurrence == cause.occurrence, PENDING)
    with database.writing() as connection:
        attempts = connection.execute(select(timer.c.attempts).where(*own).with_for_update()).scalar()
        if attempts is None:
            return 0
        wait = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)
        connection.execute(update(timer).where(*own).values(attempts=attempts + 1, not_before=now + wait))
        return int(attempts) + 1


def timers_of(connection: Connection, ticket_id: int) -> list[TicketTimer]:
    """All timers that a ticket ever had, by due time."""
    statement = select(timer).where(timer.c.ticket_id == ticket_id).order_by(timer.c.due_at, timer.c.kind, timer.c.occurrence)
    return [
        TicketTimer(row.ticket_id, TimerKind(row.kind), row.occurrence, row.due_at, row.state)
        for row in connection.execute(statement)
    ]
