"""While letters are held none goes out, on no node: somebody looks first at what has gone already, as after a restored backup."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database
from helpdesk.store.schema import UNSENT, attempt, hold, outbox
from helpdesk.threading.model.letter_state import LetterState

ONLY = 1  # there is one hold at most
GONE = "taken as gone: it was written before the database was restored"
BEGIN: dict[str, Any] = {
    name: dialect.insert(hold).on_conflict_do_nothing().returning(hold.c.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


@dataclass(frozen=True, slots=True)
class Hold:
    """Since when no letter goes out, and why, in words for an operator."""

    since: datetime
    reason: str


def held(connection: Connection) -> Hold | None:
    row = connection.execute(select(hold)).one_or_none()
    return Hold(row.since, row.reason) if row is not None else None


def hold_letters(database: Database, reason: str, now: datetime) -> bool:
    """From now on no letter goes out; False where they are held already."""
    with database.writing() as connection:
        row = {"id": ONLY, "since": now, "reason": reason}
        return connection.execute(BEGIN[connection.dialect.name], row).scalar() is not None


def release_hold(database: Database, gone_before: datetime | None = None) -> int | None:
    """Letters go out again; None where none were held.

    Those that were written before `gone_before` and are unsent by this database are taken as gone, and stay; how many.
    """
    with database.writing() as connection:
        if connection.execute(delete(hold)).rowcount == 0:
            return None
        if gone_before is None:
            return 0
        taken = update(outbox).where(UNSENT, outbox.c.created_at < gone_before)
        values = {
            "state": LetterState.SUPPRESSED,
            "last_reply": GONE,
            "next_attempt_at": None,
            "lease_until": None,
            "lease_token": None,
        }
        return connection.execute(taken.values(values)).rowcount


def newest_attempt(connection: Connection) -> int:
    """The number of the last attempt to send a letter; they are counted up. 0 where there was none."""
    return connection.execute(select(func.max(attempt.c.id))).scalar() or 0


def has_letters(connection: Connection) -> bool:
    """Whether this desk has ever written one."""
    return connection.execute(select(outbox.c.id).limit(1)).first() is not None
