"""What the store counts, counted again from all rows: slow, and with nothing kept between two questions."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, case, delete, insert, select

from helpdesk.config.conduct import Busy
from helpdesk.store.clocks import MICROSECOND
from helpdesk.store.counts import KEPT, slot_of
from helpdesk.store.schema import counter, letter_count, measurement, outbox, staff, ticket
from helpdesk.threading.letters.tally import DAY, DESK, HOUR, MINUTE, TEN_MINUTES, Tally, apart, confirmations, of_domain
from helpdesk.threading.model.people import StaffMember, StaffRole
from helpdesk.threading.promises.busy import MOST_ANSWERS, MOST_LATE, PastAnswer, QueueLoad, pace_of

OVER = ("resolved", "closed")


def staff_with_loads(connection: Connection) -> tuple[StaffMember, ...]:
    """What `store.people.list_staff` returns."""
    rows = connection.execute(select(ticket.c.id, ticket.c.assignee, ticket.c.status, ticket.c.waiting_on)).all()
    loads = Counter(row.assignee for row in rows if row.status not in OVER and row.waiting_on == "support")
    newest = {row.assignee: row.id for row in sorted(rows, key=lambda row: int(row.id))}
    return tuple(
        StaffMember(
            row.name,
            row.address,
            StaffRole(row.role),
            tuple(row.queues),
            loads[row.address],
            newest.get(row.address, 0),
            row.away_until,
            tuple(row.addresses),
        )
        for row in connection.execute(select(staff).order_by(staff.c.address))
        if row.active
    )


def tally(connection: Connection, counted_as: Collection[str], domains: Collection[str], now: datetime) -> Tally:
    """What `store.tallies.tally_of` returns."""
    minute, ten_minutes, hour, day = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    names = (outbox.c.counted_as, outbox.c.counted_domain, outbox.c.unproved, outbox.c.notice, outbox.c.created_at)
    for address, domain, unproved, notice, at in connection.execute(select(*names)):
        if address in counted_as:
            day[apart(address, unproved)] += at > now - DAY
            hour[apart(address, unproved)] += at > now - HOUR
            ten_minutes[apart(address, unproved)] += at > now - TEN_MINUTES
            hour[apart(confirmations(address), unproved)] += at > now - HOUR and notice in ("confirmation", "self_service")
        if domain in domains:
            hour[apart(of_domain(domain), unproved)] += at > now - HOUR
        if domain is not None:
            hour[apart(DESK, unproved)] += at > now - HOUR
            minute[apart(DESK, unproved)] += at > now - MINUTE
    return Tally(+minute, +ten_minutes, +hour, +day)


def loads(connection: Connection, queues: Collection[str], busy: Busy, now: datetime) -> dict[str, QueueLoad]:
    """What `store.measurements.loads_of` returns."""
    waiting = Counter(
        row.queue
        for row in connection.execute(select(ticket))
        if row.first_response_at is None and row.waiting_on == "support" and row.status not in OVER
    )
    return {queue: _load(connection, queue, waiting[queue], busy, now) for queue in queues}


def _load(connection: Connection, queue: str, waiting: int, busy: Busy, now: datetime) -> QueueLoad:
    measured = connection.execute(
        select(measurement).where(measurement.c.queue == queue).order_by(measurement.c.ticket_id.desc())
    ).all()
    late = [
        row
        for row in measured
        if row.ninetieth_at is not None and row.ninetieth_at < now and row.answered_at is None and not row.ended
    ]
    in_time = [
        case((figure.is_(None), None), else_=measurement.c.answered_at <= figure)
        for figure in (measurement.c.ninetieth_at, measurement.c.median_at)
    ]
    answered = connection.execute(
        select(measurement.c.waiting, measurement.c.took, *in_time)
        .where(measurement.c.queue == queue, measurement.c.answered_at > now - busy.window)
        .order_by(measurement.c.answered_at.desc(), measurement.c.ticket_id.desc())
    )
    answers = [
        PastAnswer(before, took * MICROSECOND, *(None if kept is None else bool(kept) for kept in estimates))
        for before, took, *estimates in answered
    ]
    return QueueLoad(
        waiting=waiting,
        busy=bool(measured and measured[0].busy),
        pace=pace_of(answers[:MOST_ANSWERS], min(len(late), MOST_LATE), busy),
    )


def drift(connection: Connection, now: datetime | None = None) -> dict[str, object]:
    """The differences between the counters and the rows that they count; empty if there are none.

    With `now`, counts of letters that a node may have forgotten by then are left out.
    """
    oldest = slot_of(now - KEPT) if now else 0
    expected = _counted_tickets(connection)
    kept = {
        (row.kind, row.name): row.value
        for row in connection.execute(select(counter).where(counter.c.kind != "answers"))
        if row.value
    }
    letters: Counter[tuple[str, bool, int]] = Counter()
    statement = select(outbox.c.counted_domain, outbox.c.unproved, outbox.c.created_at).where(
        outbox.c.counted_domain.is_not(None)
    )
    for domain, unproved, at in connection.execute(statement):
        slot = int(at.timestamp()) // 10
        letters.update([(domain, unproved, slot), ("", unproved, slot)])
    counted = {(row.domain, row.unproved, row.slot): row.letters for row in connection.execute(select(letter_count))}
    found = {str(key): (kept.get(key), expected.get(key)) for key in {*kept, *expected} if kept.get(key) != expected.get(key)}
    differing = {key for key in {*letters, *counted} if key[2] >= oldest and letters.get(key) != counted.get(key)}
    return found | {str(key): (counted.get(key), letters.get(key)) for key in differing}


def recount(connection: Connection) -> None:
    """Set the counters of tickets anew, for a test that has written tickets itself."""
    connection.execute(delete(counter).where(counter.c.kind != "answers"))
    for (kind, name), value in _counted_tickets(connection).items():
        connection.execute(insert(counter).values(kind=kind, name=name, value=value))


def _counted_tickets(connection: Connection) -> Counter[tuple[str, str]]:
    rows = connection.execute(select(ticket)).all()
    waiting = [row for row in rows if row.status not in OVER and row.waiting_on == "support"]
    expected = Counter(("assigned", row.assignee) for row in waiting if row.assignee is not None)
    expected.update(("unanswered", row.queue) for row in waiting if row.first_response_at is None)
    return expected
