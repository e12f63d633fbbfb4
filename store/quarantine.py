"""Replays and drops mails that had no effect, and deletes the content of dropped mails in the end."""

from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, exists, func, or_, select, update

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.operator_acts import OperatorAct, record_act
from helpdesk.store.schema import QUARANTINED, inbound, outbox
from helpdesk.threading.model.held import ReleaseWord
from helpdesk.threading.model.letter_state import UNSENT_STATES
from helpdesk.threading.model.mail import Disposition

DROPPABLE = (Disposition.QUARANTINED, Disposition.HELD)
REPLAYABLE = (Disposition.QUARANTINED, Disposition.REFUSED, Disposition.DISCARDED, Disposition.HELD)
NEEDED_BY_A_LETTER = exists(select(outbox.c.id).where(outbox.c.files_of == inbound.c.id, outbox.c.state.in_(UNSENT_STATES)))


def replay(database: Database, inbound_id: int, act: OperatorAct | None = None) -> bool:
    """Make a mail pending again that had no effect (quarantined, refused, discarded, held), and record the act.

    Return False if the mail had an effect, or if it was dropped and its content has been deleted.
    """
    return _replay(database, (inbound.c.id == inbound_id, inbound.c.state.in_(REPLAYABLE)), act) == 1


def replay_quarantined(database: Database, act: OperatorAct | None = None) -> int:
    """Make every mail pending again that could not be processed. Return how many there were. What was kept out as spam stays."""
    return _replay(database, (QUARANTINED,), act)


def let_in(database: Database, inbound_id: int, by: str, act: OperatorAct | None = None) -> bool:
    """Make a mail pending again that was kept out, and record who lets it in. Nothing keeps it out a second time.

    Return False if nothing kept it out, or if its content is gone.
    """
    conditions = (inbound.c.id == inbound_id, inbound.c.state.in_(REPLAYABLE), inbound.c.stopped_by.is_not(None))
    word = {"by": by, "word": ReleaseWord.LET_IN, "reference": "", "waived": [], "asked": []}
    return _replay(database, conditions, act, release=word) == 1


@repeats_lost_races
def drop(database: Database, inbound_id: int, by: str, now: datetime, act: OperatorAct | None = None) -> bool:
    """Discard a quarantined or held mail, and record who dropped it and when. Return False if there is no such mail.

    The mail can be replayed until `forget_dropped` deletes its content.
    """
    statement = (
        update(inbound)
        .where(inbound.c.id == inbound_id, inbound.c.state.in_(DROPPABLE))
        .values(state=Disposition.DISCARDED, dropped_at=now, dropped_by=by, finished_at=now, lease_until=None, lease_token=None)
    )
    with database.writing() as connection:
        is_dropped = connection.execute(statement).rowcount == 1
        if is_dropped and act is not None:
            record_act(connection, act)
        return is_dropped


@repeats_lost_races
def forget_dropped(database: Database, before: datetime) -> int:
    """Delete the content of mails that were dropped before that moment, and keep their rows. Return how many there were.

    A content in the blob store stays, because another mail with the same octets may be about to refer to it. The content of a mail also
    stays while an unsent letter needs a file in it.
    """
    statement = (
        update(inbound)
        .where(inbound.c.dropped_at < before, inbound.c.state == Disposition.DISCARDED, func.length(inbound.c.content) > 0)
        .where(~NEEDED_BY_A_LETTER)
        .values(content=b"")
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount


@repeats_lost_races
def _replay(
    database: Database, conditions: tuple[ColumnElement[bool] | TextClause, ...], act: OperatorAct | None, **also: object
) -> int:
    is_there = or_(inbound.c.content.is_(None), func.length(inbound.c.content) == inbound.c.size)
    statement = (
        update(inbound)
        .where(is_there, *conditions)
        .values(
            state=Disposition.PENDING,
            attempts=0,
            lease_until=None,
            lease_token=None,
            finished_at=None,
            dropped_at=None,
            dropped_by=None,
            **also,
        )
    )
    with database.writing() as connection:
        count = connection.execute(statement).rowcount
        if count and act is not None:
            record_act(connection, act)
        return count
