"""Measurements of how long answers take: one row for each request, with the estimate at its arrival and the real time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, select, update

from helpdesk.config.conduct import Busy
from helpdesk.store.clocks import MICROSECOND
from helpdesk.store.counts import CounterKind
from helpdesk.store.database import AnyRow
from helpdesk.store.lists import values_of
from helpdesk.store.schema import UNDECIDED, counter, measurement
from helpdesk.threading.promises.busy import MOST_ANSWERS, MOST_LATE, Measured, Pace, PastAnswer, QueueLoad, pace_of
from helpdesk.threading.reporting.facts import MeasuredFacts

SETTLE = (
    update(measurement)
    .where(measurement.c.ticket_id == bindparam("of_ticket"))
    .values({name: bindparam(f"new_{name}") for name in ("answered_at", "took", "ended")})
)


@dataclass(frozen=True, slots=True)
class _ReadAnswers:
    """The answers of a queue as a connection has read them, and the pace that was computed from them last.

    `changes` is the counter of changes to the queue's answers before they were read. While it stays the same, the answers are those that
    another read would find, apart from those that have become too old.
    """

    changes: int
    since: datetime
    answers: Sequence[tuple[datetime, PastAnswer]]  # newest first
    late: int = -1
    busy: Busy | None = None
    pace: Pace | None = None


def loads_of(connection: Connection, queues: Collection[str], busy: Busy, now: datetime) -> dict[str, QueueLoad]:
    """Return the load of each queue as a request that arrives now finds it.

    It takes one statement, and one more for each queue that has had answers since this connection read them last.
    """
    asked = {"queues": list(queues), "now": now}
    return {
        queue: QueueLoad(
            waiting=waiting or 0,
            busy=bool(was_busy),
            pace=_pace(connection, queue, changes or 0, late, busy, now),
        )
        for queue, waiting, changes, was_busy, late in connection.execute(LOADS[connection.dialect.name], asked)
    }


def _pace(connection: Connection, queue: str, changes: int, late: int, busy: Busy, now: datetime) -> Pace | None:
    """Return the pace of a queue. The answers are kept with the connection, which belongs to one thread at a time."""
    kept: dict[str, _ReadAnswers] = connection.info.setdefault("answers", {})
    since = now - busy.window
    known = kept.get(queue)
    if known is None or known.changes != changes or known.since > since:
        known = _ReadAnswers(changes, since, _answers(connection, queue, since))
    fresh = [entry for entry in known.answers if entry[0] > since]
    if len(fresh) == len(known.answers) and known.late == late and known.busy == busy:
        kept[queue] = known
        return known.pace
    pace = pace_of([answer for _, answer in fresh], late, busy)
    kept[queue] = _ReadAnswers(changes, since, fresh, late, busy, pace)
    return pace


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


def _answers(connection: Connection, queue: str, since: datetime) -> Sequence[tuple[datetime, PastAnswer]]:
    """Return the answers of a queue since then, newest first, and whether each was in time for its two estimates."""
    return [
        (at, PastAnswer(waiting, took * MICROSECOND, *(None if kept is None else bool(kept) for kept in estimates)))
        for at, waiting, took, *estimates in connection.execute(ANSWERS, {"queue": queue, "since": since})
    ]


def _facts(row: AnyRow) -> MeasuredFacts:
    return MeasuredFacts(row.queue, row.at, row.median_at, row.ninetieth_at, row.busy, row.told, row.answered_at, row.ended)


def _select_loads(queue: ColumnElement[str]) -> Select[Any]:
    """Build the statement that reads, for each queue: requests that wait, changes of its answers, whether it was busy, late requests.

    Whether a queue was busy is in its newest measurement, so that all nodes know the same state. Late are the requests that wait longer
    than their estimate; they are counted up to `MOST_LATE`.
    """
    waiting, changes = (
        select(counter.c.value).where(counter.c.kind == kind, counter.c.name == queue).scalar_subquery()
        for kind in (CounterKind.UNANSWERED, CounterKind.ANSWERS)
    )
    newest = select(measurement.c.busy).where(measurement.c.queue == queue).order_by(measurement.c.ticket_id.desc()).limit(1)
    late = select(measurement.c.ticket_id).where(
        measurement.c.queue == queue, measurement.c.ninetieth_at < bindparam("now"), UNDECIDED
    )
    counted = select(func.count()).select_from(late.limit(MOST_LATE).correlate(queue.table).subquery())
    return select(queue, waiting, changes, newest.scalar_subquery(), counted.scalar_subquery())


def _select_answers() -> Select[Any]:
    in_time = (
        case((figure.is_(None), None), else_=measurement.c.answered_at <= figure)
        for figure in (measurement.c.ninetieth_at, measurement.c.median_at)
    )
    return (
        select(measurement.c.answered_at, measurement.c.waiting, measurement.c.took, *in_time)
        .where(measurement.c.queue == bindparam("queue"), measurement.c.answered_at > bindparam("since"))
        .order_by(measurement.c.answered_at.desc(), measurement.c.ticket_id.desc())
        .limit(MOST_ANSWERS)
    )


ANSWERS = _select_answers()
LOADS = {name: _select_loads(values) for name, values in values_of("queues").items()}
