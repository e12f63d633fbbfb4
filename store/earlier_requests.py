"""Looks up the recent requests of people by their addresses, with the words by which requests are compared."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, select

from helpdesk.store.identifiers import first_id
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import participant, ticket, ticket_words
from helpdesk.threading.matching.known import EarlierRequest
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.status import Status

WITHIN = timedelta(days=30)  # in which a request counts as recent; the words are stored as long
MOST_OF_PERSON = 5  # newest requests of one person
_PLACE = func.row_number().over(partition_by=participant.c.address, order_by=participant.c.ticket_id.desc()).label("place")
_OWN = (
    select(participant.c.address, participant.c.ticket_id, _PLACE)
    .where(
        among(participant.c.address),
        participant.c.ticket_id >= bindparam("since"),
        participant.c.role == Role.CUSTOMER,
        participant.c.state == ParticipantState.ACTIVE,
    )
    .subquery()
)
REQUESTS_OF = (
    select(_OWN.c.address, ticket.c.id, ticket.c.reference, ticket.c.subject, ticket.c.status, ticket_words.c.words)
    .select_from(
        _OWN.join(ticket, ticket.c.id == _OWN.c.ticket_id).outerjoin(ticket_words, ticket_words.c.ticket_id == ticket.c.id)
    )
    .where(and_(_OWN.c.place <= MOST_OF_PERSON, ticket.c.merged_into.is_(None)))
    .order_by(ticket.c.id.desc())
)


def requests_of(connection: Connection, addresses: Collection[str], now: datetime) -> dict[str, tuple[EarlierRequest, ...]]:
    """Return the newest requests of each person that were begun in the last 30 days, newest first."""
    found: dict[str, list[EarlierRequest]] = defaultdict(list)
    for row in rows_among(connection, REQUESTS_OF, addresses, since=first_id(now - WITHIN)):
        words = tuple(row.words or ())
        found[row.address].append(EarlierRequest(row.id, row.reference, row.subject, Status(row.status), words))
    return {address: tuple(requests) for address, requests in found.items()}
