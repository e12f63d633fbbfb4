"""What the conversations of the platform have to say, read from the tickets and from the rows of the inbox."""

from sqlalchemy import Connection, and_, func, or_, select

from helpdesk.store.schema import platform_inbox, platform_thread, ticket


def lagging_threads(connection: Connection) -> list[str]:
    """References of tickets whose conversation is missing though the inbox has rows of it, or that says something else than the ticket."""
    shown, known = platform_thread.c, ticket.c
    pairs = ((shown.account_id, known.account), (shown.status, known.status), (shown.subject, known.subject))
    differs = or_(shown.ticket != known.reference, *(one.is_distinct_from(other) for one, other in pairs))
    has_rows = select(platform_inbox.c.id).where(platform_inbox.c.thread_key == known.thread_key).exists()
    newest = select(func.max(platform_inbox.c.position)).where(platform_inbox.c.thread_key == known.thread_key).scalar_subquery()
    # A row that has left the inbox leaves the place of its conversation as it was.
    sinks = and_(newest.is_not(None), func.coalesce(shown.last_position, 0) < newest)
    joined = select(known.reference).select_from(ticket).outerjoin(platform_thread, shown.thread_key == known.thread_key)
    lags = or_(and_(has_rows, shown.thread_key.is_(None)), and_(shown.thread_key.is_not(None), or_(differs, sinks)))
    return list(connection.execute(joined.where(lags)).scalars())
