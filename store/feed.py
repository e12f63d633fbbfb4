"""The feed: messages, and what became of replies, in the one order of their positions."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from helpdesk.store.platform_views import Accounts, MessageView, ReplyView, list_messages, of_accounts, reply_view
from helpdesk.store.schema import ENDED, platform_reply

REPLY = platform_reply.c


def list_feed(connection: Connection, accounts: Accounts, *, after: int, limit: int) -> Sequence[MessageView | ReplyView]:
    """Return what has come beyond a position, in order. A reply stands at the place of its last end: the desk took or refused it."""
    views: list[MessageView | ReplyView] = []
    views += list_messages(connection, accounts, thread=None, contact=None, after=after, limit=limit)
    ended = (REPLY.position > after, ENDED, of_accounts(REPLY.account_id, accounts))
    rows = connection.execute(select(platform_reply).where(*ended).order_by(REPLY.position).limit(limit))
    views += map(reply_view, rows)
    return sorted(views, key=_place)[:limit]


def _place(view: MessageView | ReplyView) -> int:
    return view.position or 0
