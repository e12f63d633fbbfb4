"""Digests: what they listed, which staff have none today, and what the next one would list."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.schema import GATHERED, OPEN, UNTOLD, digest, outbox, staff, ticket
from helpdesk.store.tickets import portions, tickets_by_id
from helpdesk.threading.decisions.time.digest import MOST_ROWS
from helpdesk.threading.decisions.time.gathered import MOST_ROWS as MOST_GATHERED
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reporting.report import Weeks

IF_NEW: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
FIRST = case((ticket.c.status == Status.ESCALATED, 0), (ticket.c.waiting_on == WaitingOn.SUPPORT, 1), else_=2)


@dataclass(frozen=True, slots=True)
class DigestCause(Cause):
    """A working day on which a staff member has had no digest yet."""

    staff: str  # canonical address
    day: date

    def __str__(self) -> str:
        return f"digest:{self.day}:{self.staff}"

    @property
    def writes_digest(self) -> bool:
        return True

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """A day of a staff member belongs to the node that writes its row first; another node waits for that commit, and lets go."""
        _claim_spans(connection, [(cause.staff, cause.day.isoformat()) for cause in causes_of(cls, outcomes)], outcomes)


@dataclass(frozen=True, slots=True)
class WeeklyCause(Cause):
    """A week of which a manager has had no report yet: the one that ended when this one, as ISO 8601 counts, began."""

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
        """A week of a manager is claimed as a day of a staff member is: by its row among the digests."""
        _claim_spans(connection, [(cause.staff, cause.week) for cause in causes_of(cls, outcomes)], outcomes)


@dataclass(frozen=True, slots=True)
class GatheredCause(Cause):
    """Letters to a staff member that did not go out, and of which one letter tells: their ids, and those of their tickets in the same order."""

    staff: str  # canonical address
    letter_ids: tuple[int, ...]
    ticket_ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"gathered:{self.letter_ids[0]}:{self.staff}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """A gathered letter is told of once, by the digest whose id is written into its row."""
        for cause, outcome in zip(causes_of(cls, outcomes), outcomes, strict=True):
            told = outcome.decision.digest
            if not (told and _mark_told(connection, cause.letter_ids, told.id)):
                raise LostClaim(f"{cause}: another letter tells of them")


def digest_row(wanted: Digest, now: datetime, span: str | None = None) -> dict[str, Any]:
    """A digest as a row. `span` is the day or week that it claims for its staff member; None where somebody asked for it."""
    return {
        "id": wanted.id,
        "staff": wanted.staff,
        "day": span,
        "at": now,
        "rows": [[row.number, row.ticket_id, row.reference, row.version] for row in wanted.rows],
    }


def _claim_spans(connection: Connection, spans: Sequence[tuple[str, str]], outcomes: Sequence[Outcome]) -> None:
    """Write the digests of days or weeks. Raises LostClaim where a staff member has one of the same span."""
    adding = IF_NEW[connection.dialect.name].insert(digest).on_conflict_do_nothing().returning(digest.c.id)
    for (address, span), outcome in sorted(zip(spans, outcomes, strict=True), key=lambda claim: claim[0]):
        wanted = outcome.decision.digest
        if wanted is not None and connection.execute(adding, digest_row(wanted, outcome.now, span)).scalar() is None:
            raise LostClaim(f"{address} has the digest of {span}")


def staff_without_digest(connection: Connection, day: date, limit: int) -> list[DigestCause]:
    """Active staff whose digest of that day has not been decided."""
    had = exists().where(digest.c.staff == staff.c.address, digest.c.day == day.isoformat())
    statement = select(staff.c.address).where(staff.c.active, ~had).order_by(staff.c.address).limit(limit)
    return [DigestCause(address, day) for address in connection.execute(statement).scalars()]


def managers_without_report(connection: Connection, week: str, limit: int) -> list[str]:
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


def _mark_told(connection: Connection, letter_ids: Sequence[int], digest_id: int) -> bool:
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
    """For each member the open tickets that they hold, and those that nobody holds in their queues: escalated ones first, then those that wait on
    support, the oldest first. One more than a digest lists, where there are more."""
    listed = {one.address: _open_ids(connection, one) for one in members}
    tickets = tickets_by_id(connection, {number for numbers in listed.values() for number in numbers})
    return {address: [tickets[number] for number in numbers] for address, numbers in listed.items()}


def _open_ids(connection: Connection, member: StaffMember) -> list[int]:
    unassigned = and_(ticket.c.assignee.is_(None), ticket.c.queue.in_(member.queues))
    mine = or_(ticket.c.assignee == member.address, unassigned)
    statement = select(ticket.c.id).where(OPEN, mine).order_by(FIRST, ticket.c.created_at, ticket.c.id)
    return list(connection.execute(statement.limit(MOST_ROWS + 1)).scalars())
