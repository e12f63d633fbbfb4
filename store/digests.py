"""Digests of staff: their rows, the staff who have none today, and the tickets that the next one lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.lists import among, rows_among
from helpdesk.store.merges import merges_of
from helpdesk.store.schema import GATHERED, OPEN, UNTOLD, digest, message, outbox, staff, ticket
from helpdesk.store.tickets import portions, tickets_by_id
from helpdesk.threading.decisions.time.digest import MOST_ROWS
from helpdesk.threading.decisions.time.gathered import MOST_ROWS as MOST_GATHERED
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.message import Direction, LastWord
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reporting.report import Weeks

IF_NEW: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
BY_ID = select(digest).where(among(digest.c.id))
NEWEST = select(func.max(message.c.id)).where(among(message.c.ticket_id)).group_by(message.c.ticket_id)
LAST_WORDS = select(message.c.ticket_id, message.c.author, message.c.direction, message.c.at).where(message.c.id.in_(NEWEST))
FIRST = case((ticket.c.status == Status.ESCALATED, 0), (ticket.c.waiting_on == WaitingOn.SUPPORT, 1), else_=2)


@dataclass(frozen=True, slots=True)
class DigestCause(Cause):
    """A working day on which a staff member has not had their digest."""

    staff: str  # canonical address
    day: date

    def __str__(self) -> str:
        return f"digest:{self.day}:{self.staff}"

    @property
    def writes_digest(self) -> bool:
        return True

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Write the digests of these days. The first node to write the row has the day; another node waits for that commit and drops it."""
        _claim_spans(connection, [(cause.staff, cause.day.isoformat()) for cause in causes_of(cls, outcomes)], outcomes)


@dataclass(frozen=True, slots=True)
class WeeklyCause(Cause):
    """An ISO 8601 week in which a manager has not had their report. The report is about the week before."""

    staff: str  # canonical address
    week: str  # "2026-W48"
    weeks: Weeks = field(compare=False)

    def __str__(self) -> str:
        return f"weekly:{self.week}:{self.staff}"

    @property
    def writes_digest(self) -> bool:
        return True

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Claim the week of a manager by its row in `digest`, like the day of a staff member."""
        _claim_spans(connection, [(cause.staff, cause.week) for cause in causes_of(cls, outcomes)], outcomes)


@dataclass(frozen=True, slots=True)
class GatheredCause(Cause):
    """Letters to a staff member that were gathered instead of sent, and that one summary letter lists.

    `ticket_ids` has the tickets of `letter_ids`, in the same order.
    """

    staff: str  # canonical address
    letter_ids: tuple[int, ...]
    ticket_ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"gathered:{self.letter_ids[0]}:{self.staff}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Write the id of the summary's digest into each gathered letter. A letter that already has one is listed elsewhere."""
        for cause, outcome in zip(causes_of(cls, outcomes), outcomes, strict=True):
            summary = outcome.decision.digest
            if not (summary and _mark_told(connection, cause.letter_ids, summary.id)):
                raise LostClaim(f"{cause}: another letter tells of them")


def digest_row(wanted: Digest, now: datetime, span: str | None = None) -> dict[str, Any]:
    """A digest as a row. `span` is the day or week that it claims for its staff member, or None for a digest on request."""
    return {
        "id": wanted.id,
        "staff": wanted.staff,
        "day": span,
        "at": now,
        "rows": [[row.number, row.ticket_id, row.reference, row.version] for row in wanted.rows],
    }


def _claim_spans(connection: Connection, spans: Sequence[tuple[str, str]], outcomes: Sequence[Outcome]) -> None:
    """Write the digests of days or weeks. Raises LostClaim if a staff member already has the digest of such a span."""
    adding = IF_NEW[connection.dialect.name].insert(digest).on_conflict_do_nothing().returning(digest.c.id)
    for (address, span), outcome in sorted(zip(spans, outcomes, strict=True), key=lambda claim: claim[0]):
        wanted = outcome.decision.digest
        if wanted is not None and connection.execute(adding, digest_row(wanted, outcome.now, span)).scalar() is None:
            raise LostClaim(f"{address} has the digest of {span}")


def staff_without_digest(connection: Connection, day: date, limit: int) -> list[DigestCause]:
    """Return the active staff whose digest of that day has not been recorded."""
    had = exists().where(digest.c.staff == staff.c.address, digest.c.day == day.isoformat())
    statement = select(staff.c.address).where(staff.c.active, ~had).order_by(staff.c.address).limit(limit)
    return [DigestCause(address, day) for address in connection.execute(statement).scalars()]


def managers_without_report(connection: Connection, week: str, limit: int) -> list[str]:
    """Return the active managers whose report of that week has not been recorded."""
    had = exists().where(digest.c.staff == staff.c.address, digest.c.day == week)
    statement = select(staff.c.address).where(staff.c.active, staff.c.role == "manager", ~had)
    return list(connection.execute(statement.order_by(staff.c.address).limit(limit)).scalars())


def gathered_letters(connection: Connection, before: datetime, limit: int) -> list[GatheredCause]:
    """Return the gathered letters of each staff member, oldest first, if the oldest was written at `before` or earlier."""
    oldest = func.min(outbox.c.created_at)
    waiting = select(outbox.c.recipient).where(GATHERED).group_by(outbox.c.recipient).having(oldest <= before)
    found = []
    for address in connection.execute(waiting.order_by(outbox.c.recipient).limit(limit)).scalars():
        letters = select(outbox.c.id, outbox.c.ticket_id).where(GATHERED, outbox.c.recipient == address).order_by(outbox.c.id)
        rows = connection.execute(letters.limit(MOST_GATHERED)).all()
        found.append(GatheredCause(address, tuple(row.id for row in rows), tuple(row.ticket_id for row in rows)))
    return found


def _mark_told(connection: Connection, letter_ids: Sequence[int], digest_id: int) -> bool:
    """Mark these letters as listed by a digest. Return False if another digest already lists any of them."""
    count = 0
    for part in portions(letter_ids):
        told = update(outbox).where(outbox.c.id.in_(part), outbox.c.told_in == UNTOLD).values(told_in=digest_id)
        count += connection.execute(told).rowcount
    return count == len(letter_ids)


def digests_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Digest]:
    return {
        row.id: Digest(row.id, row.staff, tuple(DigestRow(*values) for values in row.rows))
        for row in rows_among(connection, BY_ID, ids)
    }


def open_tickets_of(connection: Connection, members: Collection[StaffMember]) -> Mapping[str, Sequence[Ticket]]:
    """Return for each member their open tickets and the unassigned ones of their queues, without those that no person is to answer.

    Escalated tickets come first, then those that wait on support, each oldest first. At most `MOST_ROWS` + 1 tickets are returned, so
    that the caller can see whether there are more than a digest lists.
    """
    open_ids = {member.address: _open_ids(connection, member) for member in members}
    tickets = tickets_by_id(connection, {number for numbers in open_ids.values() for number in numbers})
    return {address: [tickets[number] for number in numbers] for address, numbers in open_ids.items()}


def tickets_of_absent(connection: Connection, team: Collection[StaffMember]) -> Sequence[Ticket]:
    """Return the tickets that wait on support in the hands of staff who are or were away, oldest first.

    At most `MOST_ROWS` + 1 for each of them. Who is still away, and who stands in, is not decided here.
    """
    absent = [member.address for member in team if member.away_until is not None]
    waiting = select(ticket.c.id).where(OPEN, ticket.c.waiting_on == WaitingOn.SUPPORT).order_by(ticket.c.created_at, ticket.c.id)
    ids = [
        number
        for address in absent
        for number in connection.execute(waiting.where(ticket.c.assignee == address).limit(MOST_ROWS + 1)).scalars()
    ]
    tickets = tickets_by_id(connection, set(ids))
    return [tickets[number] for number in ids]


def last_words_of(connection: Connection, tickets: Collection[int]) -> dict[int, LastWord]:
    """Return who wrote the newest message of each ticket, those that were merged into it included, and when."""
    places = merges_of(connection, tickets).places(tickets)
    found: dict[int, LastWord] = {}
    for row in sorted(rows_among(connection, LAST_WORDS, places), key=lambda row: row.at):
        found |= dict.fromkeys(places[row.ticket_id], LastWord(row.author, Direction(row.direction), row.at))
    return found


def _open_ids(connection: Connection, member: StaffMember) -> list[int]:
    self_served = and_(ticket.c.status == Status.SUBMITTED, ticket.c.waiting_on == WaitingOn.NOBODY)
    unassigned = and_(ticket.c.assignee.is_(None), ticket.c.queue.in_(member.queues), not_(self_served))
    mine = or_(ticket.c.assignee == member.address, unassigned)
    statement = select(ticket.c.id).where(OPEN, mine).order_by(FIRST, ticket.c.created_at, ticket.c.id)
    return list(connection.execute(statement.limit(MOST_ROWS + 1)).scalars())
