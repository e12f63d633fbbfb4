"""What a customer has written in the platform and the desk has not taken: it waits, or it was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from helpdesk.store.schema import WAITING, WITH_CLIENT_KEY, platform_reply, storable

SHOWN_FOR = timedelta(days=2)  # a refused reply
MOST = 20
REPLY = platform_reply.c


@dataclass(frozen=True, slots=True)
class PendingReply:
    """A reply that waits, or that was refused."""

    id: int
    thread: str | None
    subject: str
    text: str
    created_at: datetime
    is_refused: bool


def list_pending_replies(
    connection: Connection, account: str, contact: str, now: datetime, *, thread: str | None = None
) -> Sequence[PendingReply]:
    """Return what a contact wrote over HTTP and what is not taken, oldest first: in a thread, or new requests."""
    conditions = (
        REPLY.account_id == storable(account),
        WITH_CLIENT_KEY,
        REPLY.contact_address == storable(contact),
        REPLY.thread_key == thread if thread is not None else REPLY.thread_key.is_(None),
        or_(WAITING, REPLY.error.is_not(None)),
        REPLY.created_at > now - SHOWN_FOR,
    )
    rows = connection.execute(select(platform_reply).where(*conditions).order_by(REPLY.id).limit(MOST))
    return [
        PendingReply(row.id, row.thread_key, row.subject or "", row.body_text, row.created_at, row.error is not None)
        for row in rows
    ]
