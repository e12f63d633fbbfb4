"""Rows of public messages, internal notes, known Message-IDs, and images in mails."""

from collections.abc import Iterator

from helpdesk.store.cause import Outcome
from helpdesk.store.effects.statements import Values
from helpdesk.store.search import search_row
from helpdesk.threading.model.mail import Disposition

WITH_EFFECT = frozenset({Disposition.OPENED, Disposition.THREADED, Disposition.NOTED, Disposition.REPORTED})


def message_rows(outcome: Outcome) -> Iterator[Values]:
    one, words = outcome.decision.ticket, outcome.decision.adds.message
    if one and words:
        yield {
            "id": words.id,
            "ticket_id": one.id,
            "direction": words.direction,
            "author": words.author,
            "assurance": words.assurance,
            "text": words.text,
            "elided_text": words.elided_text,
            "attachments": list(words.attachments),
            "message_id": words.message_id,
            "at": words.at,
            "cause": str(outcome.cause),
            "version": one.version,
            "subject": words.subject,
            "shapes": list(words.shapes) or None,
        }


def note_rows(outcome: Outcome) -> Iterator[Values]:
    one, note = outcome.decision.ticket, outcome.decision.adds.note
    if one and note:
        yield {
            "id": note.id,
            "ticket_id": one.id,
            "author": note.author,
            "text": note.text,
            "at": note.at,
            "cause": str(outcome.cause),
            "unasked": note.unasked,
            "attachments": list(note.attachments),
            "file_words": note.file_words,
            "shapes": list(note.shapes) or None,
        }


def search_rows(outcome: Outcome) -> Iterator[Values]:
    """The words by which the message and the note of an outcome are found."""
    adds, ticket = outcome.decision.adds, outcome.decision.ticket
    if ticket is None:
        return
    if adds.message:
        words = adds.message
        yield search_row(words.id, ticket, words.author, words.text, words.attachments, words.subject)
    if adds.note:
        yield search_row(adds.note.id, ticket, adds.note.author, adds.note.text, adds.note.attachments)


def known_id_rows(outcome: Outcome) -> Iterator[Values]:
    """Record Message-IDs, so that later replies to them join the ticket.

    These are the Message-ID of the mail if it had an effect, unknown ones from its References, and those of the letters.
    """
    decision = outcome.decision
    if decision.ticket:
        own = outcome.cause.own_message_id if decision.disposition in WITH_EFFECT else None
        for message_id in dict.fromkeys((own, *decision.adds.seen_ids)):
            if message_id:
                yield {"message_id": message_id, "ticket_id": decision.ticket.id}
    for letter in outcome.letters:
        if letter.ticket_id is not None:
            yield {"message_id": letter.message_id, "ticket_id": letter.ticket_id}


def image_rows(outcome: Outcome) -> Iterator[Values]:
    images = outcome.decision.adds.images
    for image in images.hashes if images.origin else ():
        yield {"sha256": image, "origin": images.origin, "cause": str(outcome.cause), "at": outcome.now}
