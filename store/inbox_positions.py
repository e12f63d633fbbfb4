"""Gives rows of the platform inbox and ends of replies their positions, so that a reader who asks for what is beyond misses nothing.

Ids are drawn in another order than transactions commit: a row with a smaller id may become visible after one with a larger id. A position is
given to a row that is visible already. One node gives positions at a time, and they become visible in their order.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, text, update

from helpdesk.store.database import AnyRow, Database, repeats_lost_races
from helpdesk.store.schema import UNPLACED_REPLY, UNPLACED_ROW, inbox_numbering, platform_inbox, platform_reply, platform_thread

AT_ONCE = 1000  # rows that get their positions in one transaction
WAITING_ROWS = (
    select(platform_inbox.c.id, platform_inbox.c.thread_key, platform_inbox.c.created_at)
    .where(UNPLACED_ROW)
    .order_by(platform_inbox.c.id)
)
ENDED_REPLIES = select(platform_reply.c.id).where(UNPLACED_REPLY).order_by(platform_reply.c.id)
BEGIN = text("INSERT INTO inbox_numbering (id, last) VALUES (1, 0) ON CONFLICT DO NOTHING")
GIVE = update(platform_inbox).where(platform_inbox.c.id == bindparam("key")).values(position=bindparam("place"))
GIVE_REPLY = update(platform_reply).where(platform_reply.c.id == bindparam("key")).values(position=bindparam("place"))
MOVE_UP = (
    update(platform_thread)
    .where(platform_thread.c.thread_key == bindparam("key"))
    .values(last_position=bindparam("place"), last_at=bindparam("at"))
)


@repeats_lost_races
def give_positions(database: Database) -> int:
    """Give positions to the rows that have none, at most `AT_ONCE` of each table. Return how many. Raises DatabaseAway.

    The conversations of these rows move to the top of their lists in the same transaction. A reply that was taken stands behind its message.
    """
    with database.reading() as connection:
        if all(connection.execute(waiting.limit(1)).first() is None for waiting in (WAITING_ROWS, ENDED_REPLIES)):
            return 0
    with database.writing() as connection:
        connection.execute(BEGIN)
        last = connection.execute(select(inbox_numbering.c.last).with_for_update()).scalar_one()
        rows = connection.execute(WAITING_ROWS.limit(AT_ONCE)).all()
        ended = connection.execute(ENDED_REPLIES.limit(AT_ONCE)).scalars().all() if len(rows) < AT_ONCE else []
        if rows:
            _place(connection, rows, last + 1)
        if ended:
            connection.execute(GIVE_REPLY, [{"key": key, "place": last + len(rows) + n} for n, key in enumerate(ended, start=1)])
        if rows or ended:
            connection.execute(update(inbox_numbering).values(last=last + len(rows) + len(ended)))
        return len(rows) + len(ended)


def _place(connection: Connection, rows: Sequence[AnyRow], first: int) -> None:
    connection.execute(GIVE, [{"key": row.id, "place": place} for place, row in enumerate(rows, start=first)])
    newest = {
        row.thread_key: {"key": row.thread_key, "place": place, "at": row.created_at}
        for place, row in enumerate(rows, start=first)
    }
    # Rows of conversations are locked in the order of their keys, as `store.effects.threads` locks them too.
    connection.execute(MOVE_UP, [newest[key] for key in sorted(newest)])
