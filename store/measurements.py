"""Measurements of how long answers take: one row for each request, with the estimate at its arrival and the real time."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update

from helpdesk.config.policy import Busy
from helpdesk.store.clocks import MICROSECOND
from helpdesk.store.database import AnyRow
from helpdesk.store.schema import UNANSWERED, UNDECIDED, measurement, ticket
from helpdesk.threading.promises.busy import MOST_ANSWERS, MOST_LATE, Measured, PastAnswer, QueueLoad, pace_of
from helpdesk.threading.reporting.facts import MeasuredFacts

SETTLE = (
    update(measurement)
    .where(measurement.c.ticket_id == bindparam("of_ticket"))
    .values({name: bindparam(f"new_{name}") for name in ("answered_at", "took", "ended")})
)


def loads_of(connection: Connection, queues: Collection[str], busy: Busy, now: datetime) -> dict[str, QueueLoad]:
    """Return the load of each queue as a request that arrives now finds it.

    It takes three statements for each queue. None reads more rows than wait or are needed for the measurement.
    """
    waiting = dict(
        map(tuple, connection.execute(select(ticket.c.queue, func.count()).where(UNANSWERED).group_by(ticket.c.queue)))
    )
    return {
        queue: QueueLoad(
            waiting=waiting.get(queue, 0),
            busy=_was_busy(connection, queue),
            pace=pace_of(_answers(connection, queue, now - busy.window), _late(connection, queue, now), busy),
        )
        for queue in queues
    }


def measurement_of(connection: Connection, ticket_id: int) -> MeasuredFacts | None:
    """Return the measurement of one request; None if nothing was measured when it arrived."""
    row = connection.execute(select(measurement).where(measurement.c.ticket_id == ticket_id)).first()
    return _facts(row) if row else None


def measurements_between(connection: Connection, since: datetime, until: datetime) -> tuple[MeasuredFacts, ...]:
    """Return the measurements of the requests that arrived within a span and for which there was an estimate."""
    made = (measurement.c.at >= since, measurement.c.at < until, measurement.c.ninetieth_at.is_not(None))
    return tuple(_facts(row) for row in connection.execute(select(measurement).where(*made).order_by(measurement.c.ticket_id)))


def measurement_row(ticket_id: int, made: Measured) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "queue": made.queue,
        "waiting": made.waiting,
        "at": made.at,
        "median_at": made.median_at,
        "ninetieth_at": made.ninetieth_at,
        "busy": made.busy,
        "told": made.told,
        "ended": False,
    }


def microseconds(span: timedelta | None) -> int | None:
    return None if span is None else span // MICROSECOND


def _was_busy(connection: Connection, queue: str) -> bool:
    """Return whether the newest measurement of a queue found it busy, so that all nodes know the same state."""
    newest = select(measurement.c.busy).where(measurement.c.queue == queue).order_by(measurement.c.ticket_id.desc()).limit(1)
    return bool(connection.execute(newest).scalar())


def _answers(connection: Connection, queue: str, since: datetime) -> Sequence[PastAnswer]:
    """Return the answers of a queue since then, newest first, and whether each was in time for its two estimates."""
    in_time, in_time_for_median = (
        case((figure.is_(None), None), else_=measurement.c.answered_at <= figure)
        for figure in (measurement.c.ninetieth_at, measurement.c.median_at)
    )
    statement = (
        select(measurement.c.waiting, measurement.c.took, in_time, in_time_for_median)
        .where(measurement.c.queue == queue, measurement.c.answered_at > since)
        .order_by(measurement.c.answered_at.desc(), measurement.c.ticket_id.desc())
        .limit(MOST_ANSWERS)
    )
    return [
        PastAnswer(waiting, took * MICROSECOND, *(None if kept is None else bool(kept) for kept in estimates))
        for waiting, took, *estimates in connection.execute(statement)
    ]


def _late(connection: Connection, queue: str, now: datetime) -> int:
    """Return how many requests of a queue wait longer than their estimate, counted up to `MOST_LATE`."""
    late = select(measurement.c.ticket_id).where(measurement.c.queue == queue, measurement.c.ninetieth_at < now, UNDECIDED)
    return int(connection.execute(select(func.count()).select_from(late.limit(MOST_LATE).subquery())).scalar_one())


def _facts(row: AnyRow) -> MeasuredFacts:
    return MeasuredFacts(row.queue, row.at, row.median_at, row.ninetieth_at, row.busy, row.told, row.answered_at, row.ended)
