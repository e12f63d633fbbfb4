"""Rows of measurements, of their answers, of the words of new requests, and of absences of staff."""

from collections.abc import Iterator

from sqlalchemy import bindparam, update

from helpdesk.store.cause import Outcome
from helpdesk.store.effects.statements import DIALECTS, Values
from helpdesk.store.measurements import measurement_row, microseconds
from helpdesk.store.schema import directory_version, staff

NEXT_VERSION = {
    name: dialect.insert(directory_version).on_conflict_do_update(
        index_elements=["id"], set_={"version": directory_version.c.version + 1}
    )
    for name, dialect in DIALECTS.items()
}
AWAY = update(staff).where(staff.c.address == bindparam("of_staff")).values(away_until=bindparam("until"))


def measurement_rows(outcome: Outcome) -> Iterator[Values]:
    one, made = outcome.decision.ticket, outcome.decision.opening.measured
    if one and made:
        yield measurement_row(one.id, made)


def answered_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.answered
    if one:
        took = microseconds(one.took)
        yield {"of_ticket": one.ticket_id, "new_answered_at": one.at, "new_took": took, "new_ended": one.ended}


def word_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.opening.report
    if one:
        yield {"ticket_id": one.ticket_id, "customer": one.customer, "words": list(one.words), "at": one.at}


def absence_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.absence
    if one is not None:
        yield {"of_staff": one.staff, "until": one.until}


def version_rows(outcome: Outcome) -> Iterator[Values]:
    """An absence counts the version of the directory up: what others have read of staff is valid only while it stays."""
    if outcome.decision.absence is not None:
        yield {"id": 1, "version": 1}
