"""The open requests of each queue, counted for the operator's page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from helpdesk.store.schema import OPEN, ticket
from helpdesk.threading.model.status import WaitingOn

ON_SUPPORT = ticket.c.waiting_on == WaitingOn.SUPPORT
UNANSWERED = ON_SUPPORT & ticket.c.first_response_at.is_(None)
OPEN_BY_QUEUE = (
    select(
        ticket.c.queue,
        func.count(),
        func.sum(case((ON_SUPPORT, 1), else_=0)),
        func.sum(case((UNANSWERED, 1), else_=0)),
        func.min(case((ON_SUPPORT, ticket.c.created_at))),
    )
    .where(OPEN)
    .group_by(ticket.c.queue)
    .order_by(ticket.c.queue)
)


@dataclass(frozen=True, slots=True)
class OpenRequests:
    """The open requests of a queue. `waiting` are those whose turn is support's, and `oldest` is when the oldest of them came."""

    queue: str
    open: int
    waiting: int
    unanswered: int
    oldest: datetime | None


def open_by_queue(connection: Connection) -> list[OpenRequests]:
    """Count the open requests of each queue that has any. Reads open requests and no others."""
    return [OpenRequests(*row) for row in connection.execute(OPEN_BY_QUEUE)]
