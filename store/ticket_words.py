"""The words of new tickets: which tickets wait to be compared, what they are compared with, and which are proposed as an incident."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, select, update

from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.database import AnyRow
from helpdesk.store.identifiers import first_id
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import UNLOOKED, ticket, ticket_words
from helpdesk.store.tickets import portions, tickets_by_id
from helpdesk.threading.decisions.customer.incident import MOST_ATTACHED
from helpdesk.threading.decisions.time.outbreak import OVER, Looked
from helpdesk.threading.incidents.likeness import MOST_COMPARED, Crowd, FaultReport, features
from helpdesk.threading.matching.known import OpenIncidents, Proposed

KEPT = timedelta(days=30)  # how long the words of a request are stored, and the age limit of incidents to compare with
STATE = (
    ticket_words.c.ticket_id,
    ticket_words.c.proposal,
    ticket_words.c.looked_at,
    ticket.c.status,
    ticket.c.incident,
    ticket.c.merged_into,
)
PROPOSED_UNDER = (
    select(ticket_words.c.proposal, ticket_words.c.ticket_id, ticket_words.c.listed)
    .where(among(ticket_words.c.proposal))
    .order_by(ticket_words.c.ticket_id)
    .limit(MOST_ATTACHED)
)
LOOK = (
    update(ticket_words)
    .where(ticket_words.c.ticket_id == bindparam("of_ticket"), UNLOOKED, ticket_words.c.proposal.is_(None))
    .values(looked_at=bindparam("now"), proposal=bindparam("under"))
)


@dataclass(frozen=True, slots=True)
class OutbreakCause(Cause):
    """Similar requests of many customers, oldest first, and the words that they share."""

    ticket_ids: tuple[int, ...]
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"outbreak:{self.ticket_ids[0]}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Mark the requests as proposed. A request is proposed as part of an incident once, on one node."""
        for cause, outcome in zip(causes_of(cls, outcomes), outcomes, strict=True):
            if not _claim_proposal(connection, cause.ticket_ids, outcome.decision.proposed, outcome.now):
                raise LostClaim(f"{cause}: a request of it has been proposed already")


def has_uncompared_requests(connection: Connection, since: datetime) -> bool:
    """Return whether a request that arrived since then has not been compared."""
    return connection.execute(UNCOMPARED, {"since": first_id(since)}).first() is not None


def crowd_of(connection: Connection, since: datetime, read: dict[int, FaultReport] | None = None) -> Crowd:
    """Return the newest requests since then and the newest before, at most `MOST_COMPARED` of each. All queries use the key.

    `read` are the requests that an earlier call has read, by their ids; afterwards it has those of this call. What a request said is
    never changed, so only the words of new requests and the state of recent ones are read again.
    """
    known = {} if read is None else read
    states = select(*STATE).join_from(ticket_words, ticket, ticket.c.id == ticket_words.c.ticket_id)
    recent = _newest(connection, states.where(ticket_words.c.ticket_id >= first_id(since)))
    ids = select(ticket_words.c.ticket_id).join(ticket, ticket.c.id == ticket_words.c.ticket_id)
    earlier = _newest(connection, ids.where(ticket_words.c.ticket_id < first_id(since)))
    numbers = [row.ticket_id for row in (*recent, *earlier)]
    said = {number: known[number] for number in numbers if number in known} | _read_words(
        connection, [number for number in numbers if number not in known]
    )
    known.clear()
    known.update(said)
    return Crowd(
        tuple(_in_state(said[row.ticket_id], row) for row in recent if row.ticket_id in said),
        tuple(said[row.ticket_id] for row in earlier if row.ticket_id in said),
    )


def open_incidents(connection: Connection, now: datetime, within: timedelta) -> OpenIncidents:
    """Return the open incidents of the last 30 days with their newest requests. It takes one statement if there are none."""
    found = _reports(connection, OPEN_INCIDENTS, {"since": first_id(now - KEPT)})
    if not found:
        return OpenIncidents()
    incidents = tickets_by_id(connection, {report.incident for report in found if report.incident is not None})
    return OpenIncidents(incidents, Crowd(found, _earlier_than(connection, now - within)))


def mark(connection: Connection, looked: Looked, now: datetime) -> int:
    """Mark requests as compared, and return how many. Requests of an outbreak stay unmarked until their proposal is recorded.

    Words that are too old for comparisons are deleted.
    """
    rows = [(number, None) for number in looked.others] + list(looked.joined)
    if rows:
        connection.execute(LOOK, [{"of_ticket": number, "under": under, "now": now} for number, under in sorted(rows)])
    connection.execute(delete(ticket_words).where(ticket_words.c.ticket_id < first_id(now - KEPT)))
    return len(rows)


def proposed_under(connection: Connection, ids: Collection[int]) -> Mapping[int, Proposed]:
    """Return by request the requests that were proposed with it as one incident, and similar requests that arrived later."""
    found: dict[int, Proposed] = {}
    for proposal, number, listed in rows_among(connection, PROPOSED_UNDER, ids):
        before = found.get(proposal, Proposed())
        found[proposal] = (
            Proposed((*before.listed, number), before.later) if listed else Proposed(before.listed, (*before.later, number))
        )
    return found


def _claim_proposal(connection: Connection, ids: Sequence[int], proposed: Sequence[int], now: datetime) -> bool:
    """Mark these requests as one proposal under the first that it lists. Return False if any of them has been proposed already.

    The rows are locked in the order of the key, so that two nodes can neither both propose them nor deadlock.
    """
    statement = select(ticket_words.c.ticket_id).where(ticket_words.c.ticket_id.in_(ids), ticket_words.c.proposal.is_(None))
    free = connection.execute(statement.order_by(ticket_words.c.ticket_id).with_for_update()).scalars().all()
    if len(free) != len(set(ids)):
        return False
    under = proposed[0] if proposed else None
    for number in free:
        changed = update(ticket_words).where(ticket_words.c.ticket_id == number)
        connection.execute(changed.values(looked_at=now, proposal=under, listed=number in proposed))
    return True


def _columns() -> Select[tuple[object, ...]]:
    words = (ticket_words.c.customer, ticket_words.c.words, ticket_words.c.at)
    return select(*STATE, *words).join_from(ticket_words, ticket, ticket.c.id == ticket_words.c.ticket_id)


def _earlier_than(connection: Connection, moment: datetime) -> tuple[FaultReport, ...]:
    """Return the newest requests before then, which show which words are usual."""
    return _reports(connection, EARLIER, {"moment": first_id(moment)})


def _newest(connection: Connection, statement: Select[Any]) -> list[AnyRow]:
    """Return the newest `MOST_COMPARED` rows, oldest first."""
    newest = statement.order_by(ticket_words.c.ticket_id.desc()).limit(MOST_COMPARED)
    return list(reversed(connection.execute(newest).all()))


def _read_words(connection: Connection, ids: Sequence[int]) -> dict[int, FaultReport]:
    columns = (ticket_words.c.ticket_id, ticket_words.c.customer, ticket_words.c.words, ticket_words.c.at)
    rows = (
        row for part in portions(ids) for row in connection.execute(select(*columns).where(ticket_words.c.ticket_id.in_(part)))
    )
    return {
        row.ticket_id: FaultReport(row.ticket_id, row.customer, tuple(row.words), row.at, features=features(row.words))
        for row in rows
    }


def _reports(connection: Connection, statement: Select[tuple[object, ...]], values: dict[str, int]) -> tuple[FaultReport, ...]:
    return tuple(_report(row) for row in reversed(connection.execute(statement, values).all()))


def _report(row: AnyRow) -> FaultReport:
    said = FaultReport(row.ticket_id, row.customer, tuple(row.words), row.at, features=features(row.words))
    return _in_state(said, row)


def _in_state(said: FaultReport, row: AnyRow) -> FaultReport:
    """Return what a request said, with the state that it has now."""
    return replace(
        said,
        counts=row.status not in OVER and row.incident is None and row.merged_into is None and row.proposal is None,
        incident=None if row.status in OVER else row.incident,
        proposal=row.proposal,
        looked_at=row.looked_at,
    )


def _select_open_incidents() -> Select[tuple[object, ...]]:
    incident = ticket.alias("incident_itself")
    statement = _columns().join(incident, incident.c.id == ticket.c.incident)
    return statement.where(ticket.c.incident >= bindparam("since"), incident.c.status.not_in(tuple(OVER)))


OPEN_INCIDENTS = _select_open_incidents().order_by(ticket_words.c.ticket_id.desc()).limit(MOST_COMPARED)
EARLIER = (
    _columns()
    .where(ticket_words.c.ticket_id < bindparam("moment"))
    .order_by(ticket_words.c.ticket_id.desc())
    .limit(MOST_COMPARED)
)
UNCOMPARED = select(ticket_words.c.ticket_id).where(UNLOOKED, ticket_words.c.ticket_id >= bindparam("since")).limit(1)
