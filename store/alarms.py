"""The alarms of which an operator was told, so that of several nodes one tells each of them, and a node that starts again knows them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.schema import alarm
from helpdesk.threading.reporting.alarms import REMINDED_AFTER, AlarmStage, OpenAlarm, Telling, TroubleKind

BEGIN: dict[str, Any] = {}
for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
    BEGIN[name] = dialect.insert(alarm).on_conflict_do_nothing(index_elements=["name"])


LOST = 2 * REMINDED_AFTER  # without a reminder, after which an alarm is forgotten: the node that told it runs no more


def open_alarms(connection: Connection, now: datetime) -> list[OpenAlarm]:
    """The alarms that are not over, the oldest first."""
    rows = connection.execute(select(alarm).where(alarm.c.told_at > now - LOST).order_by(alarm.c.since, alarm.c.name)).all()
    return [OpenAlarm(row.name, TroubleKind(row.kind), row.text, row.since, row.told_at) for row in rows]


@repeats_lost_races
def claim_telling(database: Database, telling: Telling, now: datetime) -> bool:
    """Record that this node tells the operator. Return False where another node has told the same. Raises DatabaseAway."""
    with database.writing() as connection:
        connection.execute(delete(alarm).where(alarm.c.told_at <= now - LOST))
        return connection.execute(CLAIMS[telling.stage](connection, telling, now)).first() is not None


def _begin(connection: Connection, telling: Telling, now: datetime) -> Executable:
    about = telling.alarm
    row = {"name": about.name, "kind": about.kind, "text": about.text, "since": about.since, "told_at": now}
    begin: Executable = BEGIN[connection.dialect.name].values(row).returning(alarm.c.name)
    return begin


def _remind(connection: Connection, telling: Telling, now: datetime) -> Executable:
    due = (alarm.c.name == telling.alarm.name) & (alarm.c.told_at <= now - REMINDED_AFTER)
    return update(alarm).where(due).values(told_at=now, text=telling.alarm.text).returning(alarm.c.name)


def _end(connection: Connection, telling: Telling, now: datetime) -> Executable:
    return delete(alarm).where(alarm.c.name == telling.alarm.name).returning(alarm.c.name)


CLAIMS: dict[AlarmStage, Callable[[Connection, Telling, datetime], Executable]] = {
    AlarmStage.BEGAN: _begin,
    AlarmStage.LASTS: _remind,
    AlarmStage.OVER: _end,
}
