"""Gives rows of the platform inbox their positions, so that a reader who asks for what is beyond the last one misses nothing.

Ids are drawn in another order than transactions commit: a row with a smaller id may become visible after one with a larger id. A position is
given to a row that is visible already. One node gives positions at a time, and they become visible in their order.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, text, update

from helpdesk.store.database import AnyRow, Database, repeats_lost_races
from helpdesk.store.schema import UNPLACED_ROW, inbox_numbering, platform_inbox, platform_thread

AT_ONCE = 1000  # rows that get their positions in one transaction
WAITING_ROWS = (
    select(platform_inbox.c.id, platform_inbox.c.thread_key, platform_inbox.c.created_at)
    .where(UNPLACED_ROW)
    .order_by(platform_inbox.c.id)
)
BEGIN = text("INSERT INTO inbox_numbering (id, last) VALUES (1, 0) ON CONFLICT DO NOTHING")
GIVE = update(platform_inbox).where(platform_inbox.c.id == bindparam("key")).values(position=bindparam("place"))
MOVE_UP = (
    update(platform_thread)
    .where(platform_thread.c.thread_key == bindparam("key"))
    .values(last_position=bindparam("place"), last_at=bindparam("at"))
)


@repeats_lost_races
def give_positions(database: Database) -> int:
    """Give positions to the rows that have none, at most `AT_ONCE` of them. Return how many. Raises DatabaseAway.

    The conversations of these rows move to the top of their lists in the same transaction.
    """
    with database.reading() as connection:
        if connection.execute(WAITING_ROWS.limit(1)).first() is None:
            return 0
    with database.writing() as connection:
        connection.execute(BEGIN)
        last = connection.execute(select(inbox_numbering.c.last).with_for_update()).scalar_one()
        rows = connection.execute(WAITING_ROWS.limit(AT_ONCE)).all()
        if rows:
            _place(connection, rows, last + 1)
            connection.execute(update(inbox_numbering).values(last=last + len(rows)))
        return len(rows)


def _place(connection: Connection, rows: Sequence[AnyRow], first: int) -> None:
    connection.execute(GIVE, [{"key": row.id, "place": place} for place, row in enumerate(rows, start=first)])
    newest = {
        row.thread_key: {"key": row.thread_key, "place": place, "at": row.created_at}
        for place, row in enumerate(rows, start=first)
    }
    # Rows of conversations are locked in the order of their keys, as `store.effects.threads` locks them too.
    connection.execute(MOVE_UP, [newest[key] for key in sorted(newest)])
