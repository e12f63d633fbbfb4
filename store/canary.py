"""The letters on their way round: sent by one node in each span of time, and taken by whichever node they come back to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.schema import Instant, canary

KEPT = timedelta(days=2)
SEND: dict[str, Any] = {}
for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
    SEND[name] = dialect.insert(canary).on_conflict_do_nothing(index_elements=["slot"])


@dataclass(frozen=True, slots=True)
class CanaryRound:
    """When the first letter of all that are remembered was sent, when one came back last, and how long that one took."""

    first_sent_at: datetime | None = None
    last_return_at: datetime | None = None
    took: timedelta | None = None


@repeats_lost_races
def begin_canary(database: Database, slot: int, token: str, now: datetime) -> bool:
    """Record a letter that is to be sent, and forget old ones. Return False where one was sent in this span. Raises DatabaseAway."""
    with database.writing() as connection:
        newest = connection.execute(select(func.max(canary.c.returned_at))).scalar()
        old = canary.c.sent_at < now - KEPT
        if newest is not None:  # the newest return stays, so that its age is known
            old &= canary.c.returned_at.is_(None) | (canary.c.returned_at < newest)
        connection.execute(delete(canary).where(old))
        values = {"slot": slot, "token": token, "sent_at": now}
        send = SEND[connection.dialect.name].values(values).returning(canary.c.slot)
        return connection.execute(send).first() is not None


@repeats_lost_races
def take_canary(database: Database, token: str, at: datetime) -> bool:
    """Record that a letter has come back. Return whether it is one of ours; a copy of one that is back already is. Raises DatabaseAway."""
    with database.writing() as connection:
        returned = (
            update(canary)
            .where(canary.c.token == token)
            .values(returned_at=func.coalesce(canary.c.returned_at, literal(at, Instant)))
        )
        return connection.execute(returned).rowcount == 1


def is_back(database: Database, token: str) -> bool:
    """Whether a letter, or a report about it, has come back. Raises DatabaseAway."""
    with database.reading() as connection:
        found = select(canary.c.slot).where(canary.c.token == token, canary.c.returned_at.is_not(None))
        return connection.execute(found).first() is not None


def canary_round(connection: Connection) -> CanaryRound:
    """How the letters fare. The table has a few hundred rows at most."""
    first = connection.execute(select(func.min(canary.c.sent_at))).scalar()
    newest = select(canary.c.sent_at, canary.c.returned_at).where(canary.c.returned_at.is_not(None))
    row = connection.execute(newest.order_by(canary.c.returned_at.desc()).limit(1)).one_or_none()
    if row is None:
        return CanaryRound(first)
    return CanaryRound(first, row.returned_at, row.returned_at - row.sent_at)
