"""The platform's side of the demo: its inbox, and replies that are written into its table, as a platform does."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from helpdesk.store.database import Database
from helpdesk.store.platform_views import (
    MessageView,
    NewReply,
    ThreadView,
    find_thread,
    list_messages,
    list_threads,
    submit_reply,
)

MOST = 100


class DemoPlatform:
    """Reads the inbox of all accounts, with the rights of the side that customers reach."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def threads(self) -> Sequence[ThreadView]:
        """The conversations, those with the newest messages first. Raises DatabaseAway."""
        with self._database.reading() as connection:
            return list_threads(connection, None, contact=None, before=None, limit=MOST)

    def thread(self, key: str) -> tuple[ThreadView, Sequence[MessageView]] | None:
        """A conversation with its messages, oldest first. Raises DatabaseAway."""
        with self._database.reading() as connection:
            found = find_thread(connection, None, key)
            return (found, list_messages(connection, None, thread=key, contact=None, after=0, limit=MOST)) if found else None

    def write(self, account: str, contact: str, thread: str | None, subject: str, text: str) -> None:
        """Hand in a reply, or a new request. A worker takes it, or refuses it in its row. Raises DatabaseAway."""
        key = secrets.token_hex(16)
        reply = NewReply(
            account=account,
            contact=contact,
            thread=thread,
            subject=subject,
            text=text,
            html="",
            client_key=key,
            request_sha256=hashlib.sha256(key.encode()).hexdigest(),
            files=(),
        )
        with self._database.writing() as connection:
            submit_reply(connection, reply, datetime.now(UTC))
