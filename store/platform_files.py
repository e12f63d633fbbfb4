"""The table of files of the conversation with the platform. Customers see them, so nothing here may read internal notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, LargeBinary, Text, bindparam, cast, delete, func, select, update

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.database import AnyRow, Database
from helpdesk.store.schema import UNUSED_UPLOAD, platform_attachment

MOST_FILES = 100  # of one reply
MOST_OCTETS = 25 * 1024 * 1024  # of all files of one reply: those of a mail have the same limit
SETTLE = (
    update(platform_attachment)
    .where(platform_attachment.c.id == bindparam("key"))
    .values(words_id=bindparam("of_words"), size=bindparam("octets"), sha256=bindparam("digest"))
)
MOVED_TO_BLOBS = update(platform_attachment).where(platform_attachment.c.id == bindparam("key")).values(content=None)


class UnusableFiles(Exception):
    """A reply has files that cannot be taken. The text of the exception is the error for its row."""


@dataclass(frozen=True, slots=True)
class ReplyFile:
    """One file of a reply, as the platform wrote it."""

    id: str
    filename: str
    content_type: str
    content: bytes


def forget_uploads(database: Database, before: datetime) -> int:
    """Delete files that came over HTTP before a time and that no reply has named. Return their number. Raises DatabaseAway."""
    with database.writing() as connection:
        unused = (UNUSED_UPLOAD, platform_attachment.c.created_at < before)
        return connection.execute(delete(platform_attachment).where(*unused)).rowcount


def file_id(owner: int, place: int) -> str:
    """Return the id of a file that the gateway writes. `owner` is the id of the message or letter, `place` counts its files from 1."""
    return f"att_{owner}_{place}"


def files_of_replies(connection: Connection, replies: Iterable[int]) -> dict[int, int]:
    """Return by reply how many octets of files it has, for those that have files. Files in the blob store do not count."""
    octets = func.coalesce(func.sum(func.length(platform_attachment.c.content)), 0)
    statement = select(platform_attachment.c.reply_id, octets).where(platform_attachment.c.reply_id.in_(list(replies)))
    return {number: int(total) for number, total in connection.execute(statement.group_by(platform_attachment.c.reply_id))}


def files_of_reply(database: Database, blobs: BlobStore, reply: int) -> tuple[ReplyFile, ...]:
    """Return the files of a reply in the order of their ids. Raises UnusableFiles."""
    table = platform_attachment.c
    with database.reading() as connection:
        of_reply = table.reply_id == reply
        if files_of_replies(connection, [reply]).get(reply, 0) > MOST_OCTETS:
            raise UnusableFiles(f"platform_attachment: the files of one reply have at most {MOST_OCTETS} octets")
        kind = LargeBinary if connection.dialect.name == "sqlite" else Text
        texts = [cast(column, kind).label(column.name) for column in (table.id, table.filename, table.content_type, table.sha256)]
        content = cast(table.content, LargeBinary).label("content") if connection.dialect.name == "sqlite" else table.content
        rows = connection.execute(select(*texts, content).where(of_reply).order_by(table.id).limit(MOST_FILES + 1)).all()
    if len(rows) > MOST_FILES:
        raise UnusableFiles(f"platform_attachment: one reply has at most {MOST_FILES} files")
    return tuple(ReplyFile(_text(row.id), _text(row.filename), _text(row.content_type), _content(row, blobs)) for row in rows)


def _content(row: AnyRow, blobs: BlobStore) -> bytes:
    if row.content is not None:
        return bytes(row.content)
    try:
        return blobs.get(_text(row.sha256))
    except (OSError, BlobDamaged) as fault:
        raise UnusableFiles(f"platform_attachment: {_text(row.id)} has no content") from fault


def _text(value: str | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""
