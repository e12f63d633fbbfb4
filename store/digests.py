"""Digests as they were written, who has none today, and what the next one would list."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, and_, case, exists, func, or_, select, update

from helpdesk.store.cause import DigestCause, GatheredCause
from helpdesk.store.schema import GATHERED, OPEN, UNTOLD, digest, outbox, staff, ticket
from helpdesk.store.tickets import portions, tickets_by_id
from helpdesk.threading.decisions.time.digest import MOST_ROWS
from helpdesk.threading.decisions.time.gathered import MOST_ROWS as MOST_GATHERED
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket

FIRST = case((ticket.c.status == Status.ESCALATED, 0), (ticket.c.waiting_on == WaitingOn.SUPPORT, 1), else_=2)


def without_digest(connection: Connection, day: date, limit: int) -> list[DigestCause]:
    """Active staff whose digest of that day has not been decided."""
    had = exists().where(digest.c.staff == staff.c.address, digest.c.day == day.isoformat())
    statement = select(staff.c.address).where(staff.c.active, ~had).order_by(staff.c.address).limit(limit)
    return [DigestCause(address, day) for address in connection.execute(statement).scalars()]


def without_report(connection: Connection, week: str, limit: int) -> list[str]:
    """Active managers to whom the report that is due in that week has not been written."""
    had = exists().where(digest.c.staff == staff.c.address, digest.c.day == week)
    statement = select(staff.c.address).where(staff.c.active, staff.c.role == "manager", ~had)
    return list(connection.execute(statement.order_by(staff.c.address).limit(limit)).scalars())


def gathered_letters(connection: Connection, before: datetime, limit: int) -> list[GatheredCause]:
    """For each staff member the letters that are gathered, the oldest first, once the first of them was written `before` that time."""
    oldest = func.min(outbox.c.created_at)
    waiting = select(outbox.c.recipient).where(GATHERED).group_by(outbox.c.recipient).having(oldest <= before)
    found = []
    for address in connection.execute(waiting.order_by(outbox.c.recipient).limit(limit)).scalars():
        letters = select(outbox.c.id, outbox.c.ticket_id).where(GATHERED, outbox.c.recipient == address).order_by(outbox.c.id)
        rows = connection.execute(letters.limit(MOST_GATHERED)).all()
        found.append(GatheredCause(address, tuple(row.id for row in rows), tuple(row.ticket_id for row in rows)))
    return found


def claim_gathered(connection: Connection, letter_ids: Sequence[int], digest_id: int) -> bool:
    """From now on that digest tells of these letters; False where another one tells of any of them."""
    count = 0
    for part in portions(letter_ids):
        told = update(outbox).where(outbox.c.id.in_(part), outbox.c.told_in == UNTOLD).values(told_in=digest_id)
        count += connection.execute(told).rowcount
    return count == len(letter_ids)


def digests_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Digest]:
    return {
        row.id: Digest(row.id, row.staff, tuple(DigestRow(*values) for values in row.rows))
        for part in portions(ids)
        for row in connection.execute(select(digest).where(digest.c.id.in_(part)))
    }


def open_tickets_of(connection: Connection, members: Collection[StaffMember]) -> Mapping[str, Sequence[Ticket]]:
    """For each member the open tickets in his hands, and those in nobody's in his queues: escalated ones first, then those that wait on
    support, the oldest first. One more than a digest lists, where there are more."""
    listed = {one.address: _open_ids(connection, one) for one in members}
    tickets = tickets_by_id(connection, {number for numbers in listed.values() for number in numbers})
    return {address: [tickets[number] for number in numbers] for address, numbers in listed.items()}


def _open_ids(connection: Connection, member: StaffMember) -> list[int]:
    unassigned = and_(ticket.c.assignee.is_(None), ticket.c.queue.in_(member.queues))
    mine = or_(ticket.c.assignee == member.address, unassigned)
    statement = select(ticket.c.id).where(OPEN, mine).order_by(FIRST, ticket.c.created_at, ticket.c.id)
    return list(connection.execute(statement.limit(MOST_ROWS + 1)).scalars())
