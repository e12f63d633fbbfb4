"""Finds the files of tickets again: who lists them, and where their octets are."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.cause import number_of_mail
from helpdesk.store.database import AnyRow
from helpdesk.store.inbound import content_of
from helpdesk.store.letter_files import LetterReader
from helpdesk.store.lists import among, rows_among
from helpdesk.store.merges import Merges
from helpdesk.store.schema import internal_note, message, platform_attachment
from helpdesk.threading.model.attachment import Attachment

OF_MESSAGES = (
    select(message.c.ticket_id, message.c.cause, message.c.attachments).where(among(message.c.ticket_id)).order_by(message.c.id)
)
OF_NOTES = (
    select(internal_note.c.ticket_id, internal_note.c.cause, internal_note.c.attachments)
    .where(among(internal_note.c.ticket_id))
    .order_by(internal_note.c.id)
)


def files_of_tickets(connection: Connection, tickets: Collection[int], merges: Merges) -> dict[int, tuple[Attachment, ...]]:
    """Return the files of each ticket, in the order of their numbers, with those of the tickets that were merged into it.

    Only staff read the result: it has the files of internal notes.
    """
    found: dict[int, list[Attachment]] = defaultdict(list)
    places = merges.places(tickets)
    for statement in (OF_MESSAGES, OF_NOTES):
        for row in rows_among(connection, statement, places):
            for number in places[row.ticket_id]:
                found[number] += _attachments_of(row)
    return {number: tuple(sorted(files, key=lambda file: file.number)) for number, files in found.items()}


def octets_of_file(connection: Connection, blobs: BlobStore, digest: str) -> bytes | None:
    """Return the octets of a file that the blob store or the platform's table has; None if neither has them."""
    held = select(platform_attachment.c.content).where(
        platform_attachment.c.sha256 == digest, platform_attachment.c.content.is_not(None)
    )
    try:
        return blobs.get(digest)
    except (OSError, BlobDamaged):
        row = connection.execute(held.limit(1)).one_or_none()
        return bytes(row.content) if row is not None else None


def mail_of_cause(connection: Connection, blobs: BlobStore, cause: str) -> bytes | None:
    """Return the mail that a cause names; None if it names none, or if the mail is gone."""
    number = number_of_mail(cause)
    if number is None:
        return None
    try:
        return content_of(connection, blobs, number)
    except (OSError, BlobDamaged):
        return None


def content_of_file(connection: Connection, blobs: BlobStore, key: str) -> bytes | None:
    """Return the octets of a file by the id of its row, wherever they are stored; None if there is no such row. Raises FilesAway."""
    table = platform_attachment.c
    row = connection.execute(select(table.content, table.sha256, table.mail_id, table.place).where(table.id == key)).one_or_none()
    if row is None or row.content is not None:
        return None if row is None else bytes(row.content)
    return LetterReader(connection, blobs).file(row.mail_id, row.sha256 or "", row.place or ())


def _attachments_of(row: AnyRow) -> list[Attachment]:
    return [
        Attachment(
            filename=str(entry.get("filename") or "attachment"),
            content_type=str(entry.get("content_type") or ""),
            size=int(entry.get("size") or 0),
            sha256=str(entry.get("sha256") or ""),
            content_id=None,
            inline=False,
            number=int(entry.get("number") or 0),
            kept_by=str(entry.get("kept_by") or row.cause),
        )
        for entry in row.attachments
    ]
