"""Gives rows of the platform inbox their positions, so that a reader who asks for what is beyond the last one misses nothing.

Ids are drawn in another order than transactions commit: a row with a smaller id may become visible after one with a larger id. A position is
given to a row that is visible already. One node gives positions at a time, and they become visible in their order.
"""

from sqlalchemy import bindparam, select, text, update

from helpdesk.store.database import Database
from helpdesk.store.schema import UNPLACED_ROW, inbox_numbering, platform_inbox

AT_ONCE = 1000  # rows that get their positions in one transaction
WAITING_ROWS = select(platform_inbox.c.id).where(UNPLACED_ROW).order_by(platform_inbox.c.id)
BEGIN = text("INSERT INTO inbox_numbering (id, last) VALUES (1, 0) ON CONFLICT DO NOTHING")
GIVE = update(platform_inbox).where(platform_inbox.c.id == bindparam("key")).values(position=bindparam("place"))


def give_positions(database: Database) -> int:
    """Give positions to the rows that have none, at most `AT_ONCE` of them. Return how many. Raises DatabaseAway."""
    with database.reading() as connection:
        if connection.execute(WAITING_ROWS.limit(1)).scalar() is None:
            return 0
    with database.writing() as connection:
        connection.execute(BEGIN)
        last = connection.execute(select(inbox_numbering.c.last).with_for_update()).scalar_one()
        ids = connection.execute(WAITING_ROWS.limit(AT_ONCE)).scalars().all()
        if ids:
            connection.execute(GIVE, [{"key": number, "place": place} for place, number in enumerate(ids, start=last + 1)])
            connection.execute(update(inbox_numbering).values(last=last + len(ids)))
        return len(ids)
