"""Timers of tickets. Each occurrence of a timer fires once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, tuple_, update

from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.schema import PENDING, timer
from helpdesk.threading.model.timer import TimerKind, TimerState

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TicketTimer:
    """A row of the table `timer`."""

    ticket_id: int
    kind: TimerKind
    occurrence: int
    due_at: datetime
    state: TimerState


@dataclass(frozen=True, slots=True)
class TimerCause(Cause):
    """A timer that is due."""

    ticket_id: int
    kind: TimerKind
    occurrence: int

    def __str__(self) -> str:
        return f"timer:{self.ticket_id}:{self.kind}:{self.occurrence}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Lock the pending rows and mark them as fired.

        This is done before the effects are written, because the decision may cancel pending timers of the same kind.
        """
        causes = causes_of(cls, outcomes)
        wanted = [(cause.ticket_id, cause.kind.value, cause.occurrence) for cause in causes]
        statement = select(*KEY).where(tuple_(*KEY).in_(wanted), PENDING).order_by(*KEY).with_for_update()
        pending = {tuple(row) for row in connection.execute(statement)}
        for cause, key in zip(causes, wanted, strict=True):
            if key not in pending:
                raise LostClaim(f"{cause} is no longer pending")
        names = ("of_ticket", "of_kind", "of_occurrence")
        connection.execute(FIRE, [dict(zip(names, key, strict=True)) for key in wanted])


KEY = (timer.c.ticket_id, timer.c.kind, timer.c.occurrence)
FIRE = (
    update(timer)
    .where(timer.c.ticket_id == bindparam("of_ticket"), timer.c.kind == bindparam("of_kind"), PENDING)
    .where(timer.c.occurrence == bindparam("of_occurrence"))
    .values(state=TimerState.FIRED)
)


def due_timers(connection: Connection, now: datetime, limit: int) -> list[TicketTimer]:
    """Return the due timers, longest due first. A timer that failed is omitted until its next attempt."""
    rested = or_(timer.c.not_before.is_(None), timer.c.not_before <= now)
    statement = select(timer).where(PENDING, timer.c.due_at <= now, rested)
    statement = statement.order_by(timer.c.due_at, timer.c.ticket_id).limit(limit)
    return [
        TicketTimer(row.ticket_id, TimerKind(row.kind), row.occurrence, row.due_at, TimerState(row.state))
        for row in connection.execute(statement)
    ]


@repeats_lost_races
def put_off(database: Database, cause: TimerCause, now: datetime) -> int:
    """Postpone a timer that could not be decided. Each further wait is longer, up to an hour. Return how many attempts it had."""
    own = (timer.c.ticket_id == cause.ticket_id, timer.c.kind == cause.kind, timer.c.occurrence == cause.occurrence, PENDING)
    with database.writing() as connection:
        attempts = connection.execute(select(timer.c.attempts).where(*own).with_for_update()).scalar()
        if attempts is None:
            return 0
        wait = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)
        connection.execute(update(timer).where(*own).values(attempts=attempts + 1, not_before=now + wait))
        return int(attempts) + 1


def timers_of(connection: Connection, ticket_id: int) -> list[TicketTimer]:
    """Return all timers that a ticket ever had, by due time."""
    statement = select(timer).where(timer.c.ticket_id == ticket_id).order_by(timer.c.due_at, timer.c.kind, timer.c.occurrence)
    return [
        TicketTimer(row.ticket_id, TimerKind(row.kind), row.occurrence, row.due_at, TimerState(row.state))
        for row in connection.execute(statement)
    ]
