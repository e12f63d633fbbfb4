"""The signs of life of nodes, and what waits in the store: the rows behind `helpdesk status`."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, TextClause, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.backfills import backfills_of
from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.hold import current_hold
from helpdesk.store.schema import (
    PENDING,
    QUARANTINED,
    UNSENT,
    UNSETTLED,
    WAITING,
    heartbeat,
    inbound,
    mailbox_mail,
    outbox,
    platform_reply,
    timer,
)
from helpdesk.threading.reporting.condition import SILENT, Condition, Heartbeat, Queue

LOST = timedelta(days=1)  # after which a node that ended without a word is forgotten
COLUMNS = tuple(column.name for column in heartbeat.columns)
CHANGING = tuple(name for name in COLUMNS if name not in ("node", "started_at"))
BEAT: dict[str, Any] = {}
for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
    row: Any = dialect.insert(heartbeat)
    BEAT[name] = row.on_conflict_do_update(index_elements=["node"], set_={column: row.excluded[column] for column in CHANGING})


@repeats_lost_races
def beat(database: Database, sign: Heartbeat) -> None:
    """Record a sign of life. Nodes of the same host that have been silent are forgotten: it has started again. Raises DatabaseAway."""
    now = sign.beat_at
    gone = (heartbeat.c.host == sign.host) & (heartbeat.c.beat_at < now - SILENT) | (heartbeat.c.beat_at < now - LOST)
    values = {name: getattr(sign, name) for name in COLUMNS}
    with database.writing() as connection:
        connection.execute(delete(heartbeat).where(gone))
        connection.execute(BEAT[connection.dialect.name], values)


@repeats_lost_races
def leave(database: Database, node: str) -> None:
    """Take away the sign of life of a node that is stopped. Raises DatabaseAway."""
    with database.writing() as connection:
        connection.execute(delete(heartbeat).where(heartbeat.c.node == node))


def forget_nodes(database: Database) -> None:
    """Take away the signs of life of all nodes: in a restored database they are those of the desk that was lost. Raises DatabaseAway."""
    with database.writing() as connection:
        connection.execute(delete(heartbeat))


def nodes_of_other_policies(connection: Connection, policy: str, now: datetime) -> list[str]:
    """Return the running nodes that decide by another policy than this one."""
    statement = select(heartbeat.c.node).where(heartbeat.c.policy != policy, heartbeat.c.beat_at > now - SILENT)
    return list(connection.execute(statement.order_by(heartbeat.c.node)).scalars())


def nodes_of(connection: Connection) -> tuple[Heartbeat, ...]:
    """The last sign of life of each node."""
    return tuple(Heartbeat(*node) for node in connection.execute(select(heartbeat).order_by(heartbeat.c.node)))


def condition_of(connection: Connection, now: datetime) -> Condition:
    """The condition of the desk at a moment. Each statement reads rows that wait, and no others."""
    hold = current_hold(connection)
    return Condition(
        now,
        nodes_of(connection),
        mails=_waiting(connection, inbound.c.received_at, PENDING),
        replies=_waiting(connection, platform_reply.c.created_at, WAITING),
        timers=_waiting(connection, timer.c.due_at, PENDING, timer.c.due_at <= now),
        letters=_waiting(connection, outbox.c.next_attempt_at, UNSENT, outbox.c.next_attempt_at <= now),
        unfetched=_waiting(connection, mailbox_mail.c.seen_at, UNSETTLED),
        quarantined=connection.execute(select(func.count()).select_from(inbound).where(QUARANTINED)).scalar_one(),
        held_reason=hold.reason if hold else "",
        fillings=backfills_of(connection),
    )


def _waiting(connection: Connection, since: ColumnElement[Any], *conditions: ColumnElement[bool] | TextClause) -> Queue:
    count, oldest = connection.execute(select(func.count(), func.min(since)).where(*conditions)).one()
    return Queue(count, oldest)
