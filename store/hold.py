"""The hold: while its row exists, no node sends a letter.

Operators hold the letters, for example after restoring a backup, until they know which letters were sent before.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.operator_acts import OperatorAct, record_act
from helpdesk.store.schema import UNSENT, attempt, hold, outbox
from helpdesk.threading.model.letter_state import LetterState

ONLY = 1  # id of the only row that the table can have
GONE = "taken as gone: it was written before the database was restored"
BEGIN: dict[str, Any] = {
    name: dialect.insert(hold).on_conflict_do_nothing().returning(hold.c.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
NEWEST_ATTEMPT = select(select(func.max(attempt.c.id)).scalar_subquery(), exists(select(outbox.c.id)))


@dataclass(frozen=True, slots=True)
class Hold:
    """The time since which no letter is sent, and the reason, for operators."""

    since: datetime
    reason: str


def current_hold(connection: Connection) -> Hold | None:
    row = connection.execute(select(hold)).one_or_none()
    return Hold(row.since, row.reason) if row is not None else None


@repeats_lost_races
def hold_letters(database: Database, reason: str, now: datetime, act: OperatorAct | None = None) -> bool:
    """Stop sending on all nodes, and record the act of an operator. Return False if letters are already held."""
    with database.writing() as connection:
        row = {"id": ONLY, "since": now, "reason": reason}
        is_begun = connection.execute(BEGIN[connection.dialect.name], row).scalar() is not None
        if is_begun and act is not None:
            record_act(connection, act)
        return is_begun


@repeats_lost_races
def release_hold(database: Database, gone_before: datetime | None = None, act: OperatorAct | None = None) -> int | None:
    """Let letters be sent again. Return None if they were not held.

    Unsent letters that were created before `gone_before` count as sent before the restore: they become suppressed. Return their number.
    """
    with database.writing() as connection:
        if connection.execute(delete(hold)).rowcount == 0:
            return None
        if act is not None:
            record_act(connection, act)
        if gone_before is None:
            return 0
        gone = update(outbox).where(UNSENT, outbox.c.created_at < gone_before)
        values = {
            "state": LetterState.SUPPRESSED,
            "last_reply": GONE,
            "next_attempt_at": None,
            "lease_until": None,
            "lease_token": None,
        }
        return connection.execute(gone.values(values)).rowcount


def newest_attempt(connection: Connection) -> tuple[int, bool]:
    """Return the id of the newest attempt to send a letter, and whether this desk has ever written a letter.

    Ids of attempts increase; the id is 0 if there was no attempt.
    """
    newest, any_letter = connection.execute(NEWEST_ATTEMPT).one()
    return newest or 0, bool(any_letter)
