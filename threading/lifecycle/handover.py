"""Move words, files and letters to their new owner when a request or a message becomes another person's.

In one transaction, rows leave the platform inbox of the person whom they no longer concern, and appear in that of the new owner.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.matching.known import ShownRow
from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.message import Direction, Message, PastMessage
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Ticket


def rows_of(ticket: Ticket, context: Context) -> tuple[ShownRow, ...]:
    """All rows of the platform inbox that show a ticket."""
    return context.known.shown.get(ticket.id, ())


def rows_with(words: PastMessage, ticket: Ticket, context: Context) -> tuple[ShownRow, ...]:
    """The rows of the platform inbox that show the words of a message."""
    return tuple(row for row in rows_of(ticket, context) if row.words_id == words.id)


def message_shown_as(author: str, words: PastMessage, rows: Sequence[ShownRow], files: Iterable[Attachment] = ()) -> Message:
    """A message as its new author's inbox shows it; no inbox shows it if the author is uncertain or the mail was forged.

    `files` are those that no platform could read before, because the request had no account: their octets are in the mail that
    brought them.
    """
    mails = {file.sha256: file.kept_by for file in files if file.kept_by}
    written_there = words.assurance is Assurance.PLATFORM
    certain = written_there or (bool(author) and words.assurance is not Assurance.FAILED)
    return Message(
        id=words.id,
        direction=Direction.CUSTOMER,
        author=author,
        assurance=words.assurance,
        text=words.text,
        elided_text="",
        attachments=tuple(
            entry | ({"kept_by": mails[entry["sha256"]]} if entry.get("sha256") in mails else {}) for entry in words.attachments
        ),
        message_id=words.message_id,
        at=words.at,
        proved=words.assurance in SURE or any(row.proved for row in rows),
        inbox_of=author if certain else None,
        subject=words.subject,
    )


def files_in_no_inbox(before: Ticket, after: Ticket, context: Context) -> tuple[Attachment, ...]:
    """The files of a ticket that no platform could read, if its words now go into the inbox of the account of `after`."""
    return context.known.files.get(before.id, ()) if before.account is None and after.account is not None else ()


def by_word(words: PastMessage) -> PastMessage:
    """A message whose author a staff member names. Its mail proved another author, so it proves nothing about this one."""
    return replace(words, assurance=words.assurance if words.assurance is Assurance.FAILED else Assurance.UNVERIFIED)


def lines_about(rows: Iterable[ShownRow]) -> tuple[Sentence, ...]:
    """The lines of a receipt about rows that leave an inbox: whose inbox it was, and whether the row was read there."""
    leaving = tuple(rows)
    places = ", ".join(dict.fromkeys(row.contact or f"account {row.account}" for row in leaving))
    if not leaving:
        return ()
    read = any(row.read for row in leaving)
    return (
        sentence(
            "It is gone from the platform inbox of {places}; {what}.",
            places=places,
            what=sentence("it HAD BEEN READ there") if read else sentence("nobody had read it there"),
        ),
    )
