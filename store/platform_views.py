"""What a platform sees of its customers' conversations over HTTP: complete small values, each read with the accounts that the asker may see.

A question about another account's row has the same answer as one about a row that does not exist. Nothing here reads a ticket or a note.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, func, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import AnyRow
from helpdesk.store.letter_files import LetterReader
from helpdesk.store.notify import Wake, notify
from helpdesk.store.schema import (
    UNREAD,
    UNUSED_UPLOAD,
    platform_attachment,
    platform_inbox,
    platform_reply,
    platform_thread,
    storable,
)

Accounts = Sequence[str] | None  # ids of accounts; None for all of them

INBOX, THREAD, REPLY, FILE = platform_inbox.c, platform_thread.c, platform_reply.c, platform_attachment.c


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message of a customer, or a letter to them."""

    id: int
    position: int
    account: str
    contact: str
    ticket: str
    thread: str
    direction: str
    notice: str | None
    subject: str
    text: str
    html: str
    files: tuple[dict[str, Any], ...]
    status_after: str
    proved: bool
    created_at: datetime
    read_at: datetime | None
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A conversation, with how many messages of support in it nobody has read."""

    key: str
    account: str
    ticket: str
    subject: str
    status: str
    created_at: datetime
    last_position: int
    last_at: datetime
    unread: int


@dataclass(frozen=True, slots=True)
class ReplyView:
    """What became of a reply: taken at a time, refused with an error, or waiting."""

    id: int
    account: str
    contact: str
    thread: str | None
    created_at: datetime
    taken_at: datetime | None
    error: str | None
    position: int | None = None  # in the feed; None while it waits, and for some seconds afterwards


@dataclass(frozen=True, slots=True)
class FileView:
    """A file with its octets."""

    filename: str
    content_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply that the platform hands in. `request_sha256` is the hash of the request, and `client_key` the name that the platform gave it.

    `answer` is yes or no to the question for permission of the number `permission`.
    """

    account: str
    contact: str
    thread: str | None
    subject: str
    text: str
    html: str
    client_key: str
    request_sha256: str
    files: tuple[str, ...] = ()
    permission: int | None = None
    answer: str | None = None
    category: str = ""
    rating: str = ""


@dataclass(frozen=True, slots=True)
class UploadView:
    """A file that the platform has brought for a reply of this account. `content` is None for octets that are in the blob store."""

    id: str
    account: str
    filename: str
    content_type: str
    size: int
    sha256: str
    content: bytes | None = None


class UnknownFiles(Exception):
    """A reply names files that are not there for it: unknown ones, those of another account, or of another reply."""


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """The key of this reply was used before, with another request."""


def list_messages(
    connection: Connection, accounts: Accounts, *, thread: str | None, contact: str | None, after: int, limit: int
) -> list[MessageView]:
    """Return messages beyond a position, in their order."""
    conditions = [INBOX.position > after, of_accounts(INBOX.account_id, accounts)]
    conditions += [INBOX.thread_key == thread] if thread is not None else []
    conditions += [INBOX.contact_address == contact] if contact is not None else []
    statement = select(platform_inbox).where(*conditions).order_by(INBOX.position).limit(limit)
    return [_message(row) for row in connection.execute(statement)]


def newest_messages(
    connection: Connection, accounts: Accounts, *, thread: str, contact: str, before: int | None, limit: int
) -> list[MessageView]:
    """Return the newest messages of a conversation in a contact's inbox, below a position if one is given, in their order."""
    conditions = [INBOX.thread_key == thread, INBOX.contact_address == contact, of_accounts(INBOX.account_id, accounts)]
    conditions += [INBOX.position < before if before is not None else INBOX.position.is_not(None)]
    statement = select(platform_inbox).where(*conditions).order_by(INBOX.position.desc()).limit(limit)
    return [_message(row) for row in connection.execute(statement)][::-1]


def find_message(connection: Connection, accounts: Accounts, number: int) -> MessageView | None:
    statement = select(platform_inbox).where(
        INBOX.id == number, INBOX.position.is_not(None), of_accounts(INBOX.account_id, accounts)
    )
    row = connection.execute(statement).one_or_none()
    return _message(row) if row is not None else None


def list_threads(
    connection: Connection, accounts: Accounts, *, contact: str | None, before: int | None, limit: int
) -> list[ThreadView]:
    """Return conversations whose newest message has a position below `before`, newest first; with a contact, those of their inbox."""
    shown = select(INBOX.id).where(
        INBOX.thread_key == THREAD.thread_key, INBOX.account_id == THREAD.account_id, INBOX.position.is_not(None)
    )
    if contact is not None:
        shown = shown.where(INBOX.contact_address == contact)
    conditions = [of_accounts(THREAD.account_id, accounts), THREAD.last_position.is_not(None), shown.exists()]
    conditions += [THREAD.last_position < before] if before is not None else []
    statement = _threads(contact).where(*conditions).order_by(THREAD.last_position.desc()).limit(limit)
    return [_thread(row) for row in connection.execute(statement)]


def find_thread(connection: Connection, accounts: Accounts, key: str, *, contact: str | None = None) -> ThreadView | None:
    """Return a conversation that has a message in an inbox of its account; with a contact, in theirs."""
    shown = select(INBOX.id).where(
        INBOX.thread_key == THREAD.thread_key, INBOX.account_id == THREAD.account_id, INBOX.position.is_not(None)
    )
    if contact is not None:
        shown = shown.where(INBOX.contact_address == contact)
    conditions = [
        THREAD.thread_key == key,
        of_accounts(THREAD.account_id, accounts),
        THREAD.last_position.is_not(None),
        shown.exists(),
    ]
    row = connection.execute(_threads(contact).where(*conditions)).one_or_none()
    return _thread(row) if row is not None else None


def mark_read(
    connection: Connection, accounts: Accounts, thread: str, up_to: int, now: datetime, *, contact: str | None = None
) -> None:
    """Note that the messages of support in a conversation have been read, up to a position; with a contact, those in their inbox.

    A message keeps its first time.
    """
    statement = update(platform_inbox).where(
        INBOX.thread_key == thread, of_accounts(INBOX.account_id, accounts), UNREAD, INBOX.position <= up_to
    )
    if contact is not None:
        statement = statement.where(INBOX.contact_address == contact)
    connection.execute(statement.values(read_at=now))


def find_file(
    connection: Connection, accounts: Accounts, blobs: BlobStore, key: str, *, contact: str | None = None
) -> FileView | None:
    """Return a file that a message of these accounts shows, to this contact if one is given; None if no such message does.

    Raises FilesAway.
    """
    row = connection.execute(select(platform_attachment).where(FILE.id == key)).one_or_none()
    if row is None or row.sha256 is None or not _is_shown(connection, accounts, row, contact):
        return None
    if row.content is not None:
        content = bytes(row.content)
    else:
        content = LetterReader(connection, blobs).file(row.mail_id, row.sha256, row.place or ())
    return FileView(row.filename, row.content_type, row.sha256, content)


def _is_shown(connection: Connection, accounts: Accounts, file: AnyRow, contact: str | None) -> bool:
    """Whether a message lists the file. The message says who may see it, because words may have gone over to somebody else."""
    owners = [column == value for column, value in ((INBOX.words_id, file.words_id), (INBOX.letter_id, file.letter_id)) if value]
    for owner in owners:
        statement = select(INBOX.attachments).where(owner, INBOX.position.is_not(None), of_accounts(INBOX.account_id, accounts))
        if contact is not None:
            statement = statement.where(INBOX.contact_address == contact)
        if any(entry.get("id") == file.id for row in connection.execute(statement) for entry in row.attachments):
            return True
    return False


def submit_reply(connection: Connection, reply: NewReply, now: datetime) -> ReplyView | OtherRequest:
    """Write a reply as a platform writes it by SQL: the same row, which a worker takes or refuses. A repeated request finds its first row.

    Raises UnknownFiles.
    """
    row = {
        "thread_key": reply.thread,
        "account_id": reply.account,
        "contact_address": reply.contact,
        "client_key": reply.client_key,
        "subject": reply.subject or None,
        "category": reply.category or None,
        "rating": reply.rating or None,
        "body_text": reply.text,
        "body_html": reply.html or None,
        "created_at": now,
        "request_sha256": reply.request_sha256,
        "permission": reply.permission,
        "answer": reply.answer,
    }
    is_new = connection.execute(ADD_REPLY[connection.dialect.name], row).rowcount == 1
    known = (REPLY.account_id == storable(reply.account), REPLY.client_key == reply.client_key)
    found = connection.execute(select(platform_reply).where(*known)).one()
    if found.request_sha256 != reply.request_sha256:
        return OtherRequest()
    if is_new and reply.files:
        unused = (FILE.id.in_(reply.files), FILE.account_id == storable(reply.account), UNUSED_UPLOAD)
        taken = connection.execute(update(platform_attachment).where(*unused).values(reply_id=found.id)).rowcount
        if taken != len(reply.files):
            raise UnknownFiles
    notify(connection, Wake.MAIL)
    return reply_view(found)


def add_upload(connection: Connection, upload: UploadView, now: datetime) -> UploadView | OtherRequest:
    """Keep a file until a reply names it. A repeated request finds its first file."""
    row = {
        "id": upload.id,
        "account_id": upload.account,
        "filename": upload.filename,
        "content_type": upload.content_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "content": upload.content,
        "created_at": now,
    }
    connection.execute(ADD_FILE[connection.dialect.name], row)
    known = connection.execute(select(FILE.sha256, FILE.filename).where(FILE.id == upload.id)).one()
    return upload if (known.sha256, known.filename) == (upload.sha256, storable(upload.filename)) else OtherRequest()


def upload_id(account: str, key: str) -> str:
    """Return the id of the file that is uploaded for an account under a key of the platform's choice."""
    return "att_" + hashlib.sha256(f"{account}\n{key}".encode()).hexdigest()[:40]


def find_reply(connection: Connection, accounts: Accounts, number: int) -> ReplyView | None:
    row = connection.execute(
        select(platform_reply).where(REPLY.id == number, of_accounts(REPLY.account_id, accounts))
    ).one_or_none()
    return reply_view(row) if row is not None else None


def client_key_of(key: str) -> str:
    """Return what is stored of a key of any length."""
    return hashlib.sha256(key.encode()).hexdigest()


ADD_FILE: dict[str, Any] = {
    name: dialect.insert(platform_attachment).on_conflict_do_nothing()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
ADD_REPLY: dict[str, Any] = {
    name: dialect.insert(platform_reply)
    .on_conflict_do_nothing(index_elements=["account_id", "client_key"], index_where=REPLY.client_key.is_not(None))
    .inline()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def of_accounts(column: ColumnElement[Any], accounts: Accounts) -> ColumnElement[bool]:
    """Return the condition that a row belongs to one of the accounts. Rows of customers without an account are in nobody's view."""
    if accounts is None:
        return column.is_not(None)
    return column.in_([storable(account) for account in accounts]) if accounts else false()


def _threads(contact: str | None) -> Any:
    unread = select(func.count()).where(INBOX.thread_key == THREAD.thread_key, INBOX.account_id == THREAD.account_id, UNREAD)
    if contact is not None:
        unread = unread.where(INBOX.contact_address == contact)
    return select(platform_thread, unread.where(INBOX.position.is_not(None)).scalar_subquery().label("unread")).where(true())


def _message(row: AnyRow) -> MessageView:
    return MessageView(
        row.id,
        row.position,
        row.account_id,
        row.contact_address,
        row.ticket,
        row.thread_key,
        row.direction,
        row.notice,
        row.subject,
        row.body_text,
        row.body_html,
        tuple(row.attachments),
        row.status_after,
        row.proved,
        row.created_at,
        row.read_at,
        row.fields,
    )


def _thread(row: AnyRow) -> ThreadView:
    return ThreadView(
        row.thread_key,
        row.account_id,
        row.ticket,
        row.subject,
        row.status,
        row.created_at,
        row.last_position,
        row.last_at,
        row.unread,
    )


def reply_view(row: AnyRow) -> ReplyView:
    place = row.position if row.taken_at is not None or row.error is not None else None
    return ReplyView(row.id, row.account_id, row.contact_address, row.thread_key, row.created_at, row.taken_at, row.error, place)
