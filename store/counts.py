"""Counters: numbers that would take long to count, kept beside the rows that they count.

The transaction that changes a ticket or adds a letter changes the counters too (`store.effects.counts`), so a counter is as exact as a
count of the rows. Nothing else writes the counted columns of `ticket` and `outbox`.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete

from helpdesk.store.database import AnyRow, Database
from helpdesk.store.schema import letter_count
from helpdesk.threading.model.status import WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import DONE

SLOT = timedelta(seconds=10)
FIRST_SLOT = datetime(1970, 1, 1, tzinfo=UTC)
DESK = ""  # name in `letter_count` of the letters to all domains together
KEPT = timedelta(hours=2)  # longer than any span over which slots are added up


class CounterKind(StrEnum):
    """What a counter counts."""

    ASSIGNED = "assigned"  # open tickets of a staff member that wait on support
    UNANSWERED = "unanswered"  # open tickets of a queue that wait on support and have had no answer
    ANSWERS = "answers"  # changes to the measured answers of a queue; who has read them sees that there are others


def counters_of(ticket: Ticket | AnyRow) -> list[tuple[CounterKind, str]]:
    """Return the kind and the name of each counter that counts a ticket."""
    if ticket.waiting_on != WaitingOn.SUPPORT or ticket.status in DONE:
        return []
    found = [] if ticket.assignee is None else [(CounterKind.ASSIGNED, ticket.assignee)]
    return found if ticket.first_response_at is not None else [*found, (CounterKind.UNANSWERED, ticket.queue)]


def slot_of(moment: datetime) -> int:
    """Return the number of the slot of ten seconds to which a moment belongs."""
    return (moment - FIRST_SLOT) // SLOT


def end_of_slot(number: int) -> datetime:
    """Return the first moment after a slot."""
    return FIRST_SLOT + (number + 1) * SLOT


def forget_letter_counts(database: Database, now: datetime) -> int:
    """Delete the counts of letters that no limit looks at any more. Return how many rows there were."""
    with database.writing() as connection:
        return connection.execute(delete(letter_count).where(letter_count.c.slot < slot_of(now - KEPT))).rowcount
