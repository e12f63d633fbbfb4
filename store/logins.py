"""Counts attempts to log in, for all nodes together, and remembers the sources from which staff have logged in.

A row is locked while its count changes, so that attempts on several nodes are counted one after another. Refusing a source takes one
look-up and writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.database import Database, DatabaseAway, StaleTicket
from helpdesk.store.schema import GUESSING_UNTOLD, login_count, login_source
from helpdesk.threading.trust.guessing import (
    FORGOTTEN_AFTER,
    STRANGE_AFTER,
    Alarm,
    Count,
    LaneName,
    Place,
    Turn,
    places,
    take_back,
    turn,
)

Done = TypeVar("Done")
TRIES = 3  # attempts at a transaction that conflicts with one of another node
NOTED_AGAIN = timedelta(days=1)  # how often the time of a known source is updated at most
KEY = (login_count.c.lane, login_count.c.source, login_count.c.account)
ADD_COUNT: dict[str, Any] = {
    name: dialect.insert(login_count).on_conflict_do_nothing()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def _upsert_source(dialect: Any) -> Any:
    adding = dialect.insert(login_source)
    return adding.on_conflict_do_update(index_elements=["source", "account"], set_={"last_at": adding.excluded.last_at})


NOTE_SOURCE: dict[str, Any] = {"sqlite": _upsert_source(sqlite), "postgresql": _upsert_source(postgresql)}


@dataclass(frozen=True, slots=True)
class GuessingCause(Cause):
    """Alarms about guessed passwords that nobody has been told of, each with its place and number of failures."""

    alarms: tuple[Alarm, ...]
    at: datetime  # of the newest alarm

    def __str__(self) -> str:
        return f"guessing:{self.at.isoformat()}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Mark the rows of the alarms. The node that marks them first reports the alarms."""
        for cause in causes_of(cls, outcomes):
            own = tuple_(*KEY).in_([alarm.place for alarm in cause.alarms])
            told = connection.execute(update(login_count).where(own, GUESSING_UNTOLD).values(untold=False)).rowcount
            if told != len(cause.alarms):
                raise LostClaim(f"{cause} has been told by another node")


@dataclass(frozen=True, slots=True)
class LoginTurn:
    """An attempt to log in that may be made, with its source and account."""

    source: str
    account: str
    is_known: bool
    turn: Turn


def login_turn(database: Database, source: str, account: str, now: datetime) -> LoginTurn | None:
    """Decide when an attempt to log in may be made, and count it as a failure until it succeeds. Raises DatabaseAway.

    Returns None, and writes nothing, if the attempt would have to wait too long.
    """
    with database.reading() as connection:
        is_known = _is_known(connection, source, account, now)
        if turn(source, account, is_known, _counts(connection, places(source, account)), now) is None:
            return None
    found = _write(database, lambda connection: _take_turn(connection, source, account, is_known, now))
    return LoginTurn(source, account, is_known, found) if found else None


def record_login(database: Database, attempt: LoginTurn, now: datetime) -> None:
    """Record that an attempt succeeded: it no longer counts as a failure, and its source is remembered. Raises DatabaseAway."""

    def succeed(connection: Connection) -> None:
        _take_back(connection, attempt)
        if _is_news(connection, attempt, now):
            row = {"source": attempt.source, "account": attempt.account, "last_at": now}
            connection.execute(NOTE_SOURCE[connection.dialect.name], row)

    _write(database, succeed)


def take_back_attempt(database: Database, attempt: LoginTurn) -> None:
    """Record that an attempt was not made, so that it no longer counts as a failure. Raises DatabaseAway."""
    _write(database, lambda connection: _take_back(connection, attempt))


def alarms_to_report(connection: Connection, limit: int) -> GuessingCause | None:
    """Return the alarms that nobody has been told of, those with most failures first; None if there are none."""
    statement = select(login_count).where(GUESSING_UNTOLD).order_by(login_count.c.failures.desc(), *KEY).limit(limit)
    rows = list(connection.execute(statement))
    if not rows:
        return None
    alarms = tuple(Alarm(Place(LaneName(row.lane), row.source, row.account), row.failures) for row in rows)
    return GuessingCause(alarms, max(row.alarmed_at for row in rows))


def forget_logins(database: Database, now: datetime) -> int:
    """Delete counts without an attempt for a day and sources without a login for half a year. Return their number. Raises DatabaseAway."""
    with database.writing() as connection:
        counts = connection.execute(delete(login_count).where(login_count.c.last_at < now - FORGOTTEN_AFTER)).rowcount
        return counts + connection.execute(delete(login_source).where(login_source.c.last_at < now - STRANGE_AFTER)).rowcount


def _write(database: Database, write: Callable[[Connection], Done]) -> Done:
    """Run `write` in a transaction, and repeat it if the transaction conflicts with one of another node."""
    for _ in range(TRIES):
        try:
            with database.writing() as connection:
                return write(connection)
        except StaleTicket:
            continue
    raise DatabaseAway("other nodes count attempts to log in at the same places all the time")


def _take_back(connection: Connection, attempt: LoginTurn) -> None:
    for place, count in _counts(connection, sorted(attempt.turn.counts)).items():
        _set(connection, place, take_back(count))


def _take_turn(connection: Connection, source: str, account: str, is_known: bool, now: datetime) -> Turn | None:
    """Decide again while the rows are locked, and write the counts. All nodes lock the rows in the same order."""
    possible = places(source, account)
    concerned = [place for place in possible if (place.lane is LaneName.KNOWN) is is_known]
    for place in concerned:
        empty = {"failures": 0, "last_at": now, "free_at": now, "alarmed_at": None, "untold": False}
        connection.execute(ADD_COUNT[connection.dialect.name], place._asdict() | empty)
    found = turn(source, account, is_known, _counts(connection, concerned), now)
    if found is None:
        return None
    alarmed = {alarm.place for alarm in found.alarms}
    for place, count in found.counts.items():
        _set(connection, place, count, {"untold": True} if place in alarmed else {})
    return found


def _counts(connection: Connection, wanted: Sequence[Place]) -> Mapping[Place, Count]:
    statement = select(login_count).where(tuple_(*KEY).in_(wanted)).order_by(*KEY)
    if connection.get_execution_options().get("writes", False):
        statement = statement.with_for_update()
    return {
        Place(LaneName(row.lane), row.source, row.account): Count(row.failures, row.last_at, row.free_at, row.alarmed_at)
        for row in connection.execute(statement)
    }


def _set(connection: Connection, place: Place, count: Count, more: Mapping[str, Any] = MappingProxyType({})) -> None:
    own = [column == value for column, value in zip(KEY, place, strict=True)]
    values = {"failures": count.failures, "last_at": count.last_at, "free_at": count.free_at, "alarmed_at": count.alarmed_at}
    connection.execute(update(login_count).where(*own).values({**values, **more}))


def _is_known(connection: Connection, source: str, account: str, now: datetime) -> bool:
    own = (login_source.c.source == source, login_source.c.account == account, login_source.c.last_at > now - STRANGE_AFTER)
    return connection.execute(select(login_source.c.account).where(*own)).first() is not None


def _is_news(connection: Connection, attempt: LoginTurn, now: datetime) -> bool:
    own = (login_source.c.source == attempt.source, login_source.c.account == attempt.account)
    last = connection.execute(select(login_source.c.last_at).where(*own)).scalar()
    return last is None or now - last > NOTED_AGAIN
