"""Links to files of letters: the secret that seals them, what they lead to, and their log. A link itself is stored nowhere.

A link leads to the file that the inbox row of its letter shows, for the person of that row: what was withdrawn, erased or purged is gone for
the link as well.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, exists, func, insert, select

from helpdesk.store.api_keys import MAKE_SECRET
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.letter_files import LetterReader
from helpdesk.store.platform_files import file_id
from helpdesk.store.schema import api_secret, file_link_event, platform_attachment, platform_inbox
from helpdesk.threading.letters.file_links import FileToken

FILE, INBOX, EVENT = platform_attachment.c, platform_inbox.c, file_link_event.c
USED, REVOKED = "used", "revoked"


class LinkState(StrEnum):
    """Whether a link still leads to its file."""

    VALID = "valid"
    EXPIRED = "expired"
    GONE = "gone"  # revoked, or the file is kept no longer
    UNKNOWN = "unknown"  # nobody has made it


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """What the page of a link shows."""

    id: str
    filename: str
    size: int


def link_secret(database: Database) -> bytes:
    """Return the secret of all links of a desk, which is made at the first question. Raises DatabaseAway."""
    with database.reading() as connection:
        known = connection.execute(select(api_secret.c.secret)).scalar()
    if known is None:
        with database.writing() as connection:
            connection.execute(MAKE_SECRET, {"secret": secrets.token_hex(32)})
            known = connection.execute(select(api_secret.c.secret)).scalar_one()
    return str(known).encode()


def find_linked(connection: Connection, token: FileToken, now: datetime) -> LinkedFile | LinkState:
    """Return the file of a link that is valid, or why it is not. Nobody learns from the answer whether a file exists."""
    key = file_id(token.letter, token.place)
    owner = select(INBOX.contact_address, INBOX.attachments).where(INBOX.letter_id == token.letter)
    secret = connection.execute(select(api_secret.c.secret)).scalar()
    row = connection.execute(owner).first()
    if secret is None or row is None or not token.is_sealed(str(secret).encode(), row.contact_address):
        return LinkState.UNKNOWN
    if token.until <= now:
        return LinkState.EXPIRED
    file = connection.execute(select(FILE.filename, FILE.size, FILE.sha256).where(FILE.id == key)).one_or_none()
    is_shown = any(entry.get("id") == key for entry in row.attachments)
    revoked = select(EVENT.id).where(EVENT.file_id == key, EVENT.kind == REVOKED)
    if file is None or file.sha256 is None or not is_shown or connection.execute(revoked).first() is not None:
        return LinkState.GONE
    return LinkedFile(key, file.filename, file.size or 0)


def take_linked(connection: Connection, blobs: BlobStore, file: LinkedFile, now: datetime) -> bytes:
    """Return the octets of a file that a link leads to, and note that they were given. Raises FilesAway."""
    row = connection.execute(select(platform_attachment).where(FILE.id == file.id)).one()
    reader = LetterReader(connection, blobs)
    content = bytes(row.content) if row.content is not None else reader.file(row.mail_id, row.sha256, row.place or ())
    connection.execute(insert(file_link_event).values(file_id=file.id, kind=USED, at=now))
    return content


def revoke_links(connection: Connection, key: str, now: datetime) -> bool:
    """Let the links to a file lead nowhere from now on. Return whether there is such a file of a letter."""
    if connection.execute(select(FILE.id).where(FILE.id == key, FILE.letter_id.is_not(None))).first() is None:
        return False
    connection.execute(insert(file_link_event).values(file_id=key, kind=REVOKED, at=now))
    return True


@dataclass(frozen=True, slots=True)
class LinkedFileFigures:
    """A file whose link was used or revoked."""

    file: str
    filename: str
    contact: str
    used: int
    last_used_at: datetime | None
    revoked_at: datetime | None


def linked_files(connection: Connection, limit: int) -> list[LinkedFileFigures]:
    """The files whose links were used or revoked, the newest event first."""
    at_of = {kind: func.max(EVENT.at).filter(EVENT.kind == kind) for kind in (USED, REVOKED)}
    used = func.count().filter(EVENT.kind == USED)
    counted = select(EVENT.file_id, used, at_of[USED], at_of[REVOKED]).group_by(EVENT.file_id)
    found = []
    for key, times, last_used_at, revoked_at in connection.execute(counted.order_by(func.max(EVENT.id).desc()).limit(limit)):
        named = (
            select(FILE.filename, INBOX.contact_address)
            .join(platform_inbox, INBOX.letter_id == FILE.letter_id)
            .where(FILE.id == key)
        )
        row = connection.execute(named).first()
        found.append(LinkedFileFigures(key, row[0] if row else "", row[1] if row else "", times, last_used_at, revoked_at))
    return found


def forget_link_events(database: Database) -> int:
    """Delete the log of links whose files are kept no longer. Return how many rows there were. Raises DatabaseAway."""
    gone = ~exists(select(FILE.id).where(FILE.id == EVENT.file_id))
    with database.reading() as connection:
        if connection.execute(select(EVENT.id).where(gone).limit(1)).first() is None:
            return 0
    with database.writing() as connection:
        return connection.execute(delete(file_link_event).where(gone)).rowcount
