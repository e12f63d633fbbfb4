"""Deletes contents of the blob store to which no row refers any more.

A content is put before the row that refers to it is committed, and its bytes go after the row that referred to them. So there is never a row
without bytes: a content that was put within `JUST_PUT` may belong to a transaction that is not over, and stays. A process that dies between
leaves bytes, and the next pass takes them.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.identifiers import first_id
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import (
    FILE_IN_BLOB_STORE,
    IN_BLOB_STORE,
    OPEN,
    WITH_FILES,
    inbound,
    internal_note,
    message,
    outbox,
    platform_attachment,
    ticket,
)

JUST_PUT = timedelta(minutes=15)  # longer than any transaction waits for its turn and is tried again
AT_ONCE = 500
AFTER = bindparam("after", type_=BigInteger)
OF_MAILS = select(inbound.c.sha256).where(IN_BLOB_STORE, among(inbound.c.sha256))
OF_FILES = select(platform_attachment.c.sha256).where(FILE_IN_BLOB_STORE, among(platform_attachment.c.sha256))
LETTERS = select(outbox.c.id, outbox.c.files).where(WITH_FILES, outbox.c.id > AFTER).order_by(outbox.c.id).limit(AT_ONCE)
SAID = (message, internal_note)
LISTED = tuple(
    select(table.c.id, table.c.attachments).where(table.c.id > AFTER).order_by(table.c.id).limit(AT_ONCE) for table in SAID
)
OF_TICKETS = tuple(select(table.c.attachments).where(among(table.c.ticket_id)) for table in SAID)


def discard_unused(
    database: Database, blobs: BlobStore, digests: Iterable[str], now: datetime, *, files_before: datetime | None = None
) -> int:
    """Delete those of these contents that nothing needs, and return how many. Raises OSError or DatabaseAway.

    A message that lists a file needs it; since `files_before`, if a moment is given, or while its ticket is open.
    """
    uses, discarded, names = BlobUses(database, files_before), 0, iter(digests)
    while batch := list(islice(names, AT_ONCE)):
        used = uses.among(batch)
        for name in batch:
            if name not in used:
                discarded += blobs.discard(name, (now - JUST_PUT).timestamp())
            elif blobs.is_doomed(name):
                blobs.keep(name)
    return discarded


class BlobUses:
    """What refers to contents of the blob store. The lists of files, which no index serves, are read once, and only if they are needed."""

    def __init__(self, database: Database, files_before: datetime | None) -> None:
        self._database = database
        self._since = 0 if files_before is None else first_id(files_before)

    def among(self, digests: Collection[str]) -> set[str]:
        """Return those of these contents that are in use."""
        with self._database.reading() as connection:
            used = {row.sha256 for statement in (OF_MAILS, OF_FILES) for row in rows_among(connection, statement, digests)}
        for of_lists in ("_of_letters", "_of_messages", "_of_open_tickets"):
            if rest := set(digests) - used:
                used |= rest & getattr(self, of_lists)
        return used

    @cached_property
    def _of_letters(self) -> frozenset[str]:
        return frozenset(self._walk(LETTERS, "files", 0))

    @cached_property
    def _of_messages(self) -> frozenset[str]:
        return frozenset(digest for statement in LISTED for digest in self._walk(statement, "attachments", self._since))

    @cached_property
    def _of_open_tickets(self) -> frozenset[str]:
        with self._database.reading() as connection:
            tickets = iter(connection.execute(select(ticket.c.id).where(OPEN)).scalars().all())
        found = set()
        while ids := list(islice(tickets, AT_ONCE)):
            with self._database.reading() as connection:
                rows = [row for statement in OF_TICKETS for row in rows_among(connection, statement, ids)]
            found |= {str(entry.get("sha256")) for row in rows for entry in row.attachments}
        return frozenset(found)

    def _walk(self, statement: Select[Any], column: str, after: int) -> Iterator[str]:
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(statement, {"after": after}).all()
            yield from (str(entry.get("sha256")) for row in rows for entry in getattr(row, column) or ())
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].id
