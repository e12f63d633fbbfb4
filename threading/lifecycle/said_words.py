"""Choose what of a mail is its author's words, once its ticket is known. Only what the desk has already is left out."""

from collections.abc import Iterable
from dataclasses import replace

from helpdesk.threading.commands.grammar import HANDS_OVER, SAYS_FOR_WHOM, StaffText, is_nearly_command, staff_blocks
from helpdesk.threading.commands.words import Word
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.said import Said, said_by_staff, said_first, said_in_reply
from helpdesk.threading.matching.sent_words import SentWords, documents_of
from helpdesk.threading.model.attachment import Use
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.labels import ANSWERED, Label
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.reading.shaping import without_pictures
from helpdesk.threading.trust.tokens import INTERNAL

NO_TEXT = "(no text)"
OWN = frozenset({Label.REPLY}) | (ANSWERED - {Label.CONTEXT})


def words_for(incoming: Incoming, ticket: Ticket | None, context: Context, *, by_staff: bool) -> Incoming:
    """The mail with its text as it is news to a ticket. Without a ticket it is the first mail of one, unless staff wrote it."""
    if not incoming.labelled.lines:
        return incoming
    if by_staff:
        return _words_of_staff(incoming, ticket, context)
    if ticket is None:
        return first_words(incoming)
    sent = [words for words in _sent_about(ticket, context) if words.public and not _is_itself(words, incoming)]
    said = said_in_reply(incoming.labelled, documents_of(sent, incoming.parents))
    return replace(_without_known_pictures(_spoken(incoming, said), sent), text=said.text, elided_text=said.elided)


def _is_itself(words: SentWords, incoming: Incoming) -> bool:
    """Whether the words are those of the mail itself, which has come before by another way."""
    return bool(words.message_id) and words.message_id == incoming.message_id


def _without_known_pictures(incoming: Incoming, sent: Iterable[SentWords]) -> Incoming:
    """The mail without the pictures that its quoted part shows again: a picture has no words that say to which lines it belongs."""
    quoted = {file.sha256 for file in incoming.attachments if file.use is Use.QUOTED}
    known = quoted.intersection(file for words in sent for file in words.files)
    if not known:
        return incoming
    return replace(incoming, document=without_pictures(incoming.document, known))


def _sent_about(ticket: Ticket, context: Context) -> tuple[SentWords, ...]:
    """What was sent and said about a ticket and those that were merged into it, each once."""
    known = context.known
    kin = (number for number, other in known.tickets.items() if known.survivor(other).id == ticket.id)
    return tuple({words.id: words for number in kin for words in known.words.get(number, ())}.values())


def _spoken(incoming: Incoming, said: Said) -> Incoming:
    """The mail as a message where it seemed to be one press of a button, and its author wrote more among the lines below that."""
    if incoming.gesture is None or not said.news:
        return incoming
    return replace(incoming, gesture=None, kind=incoming.kind if incoming.null_path else Kind.PERSON)


def first_words(incoming: Incoming) -> Incoming:
    """The mail as one that opens a ticket: nothing of it is known there, so all of it is shown. A forward keeps its own form."""
    if not incoming.labelled.lines or incoming.forward is not None:
        return incoming
    said = said_first(incoming.labelled)
    return replace(incoming, text=said.text, below=said.below, elided_text=said.elided)


def linked_words(incoming: Incoming) -> Incoming:
    """The mail as one that opens a linked ticket. `incoming` has its text as it was news to the other ticket.

    Nothing of the new ticket is known, so all of the mail is shown. Where it only quotes the other ticket, that has the words already.
    """
    first = first_words(incoming)
    if first.below and incoming.text.strip() == incoming.labelled.text_of({Label.REPLY}).strip():
        return replace(first, text=incoming.text, elided_text=incoming.elided_text, below_is_news=False)
    return first


def shown_text(incoming: Incoming) -> str:
    """The whole text as the conversation keeps it: the author's words, and what stands below them."""
    return "\n\n".join(
        part for part in (incoming.text.strip("\n"), incoming.below if incoming.below_is_news else "") if part.strip()
    )


def _words_of_staff(incoming: Incoming, ticket: Ticket | None, context: Context) -> Incoming:
    """A mail of staff with what they wrote between the lines of the letter that they quote, and what they pasted into their text.

    A pasted mail goes to nobody outside unless its author insists. Commands within quoted words are no commands: their lines are named, so
    that the mail is refused.
    """
    if ticket is None and (incoming.forward is not None or not any(block.reference for block in _blocks(incoming))):
        return incoming  # it begins a request
    documents = tuple(documents_of(_sent_about(ticket, context))) if ticket else ()
    with_pasted = _keeps_pasted(incoming)
    said = said_by_staff(incoming.labelled, documents, with_pasted=with_pasted)
    if said is None:
        return incoming
    if said.pasted:
        whole = said_by_staff(incoming.labelled, documents, with_pasted=True)
        assert whole is not None
        incoming = replace(incoming, pasted=said.pasted, text_with_pasted=whole.text)
    if not said.news and ANSWERED.isdisjoint(incoming.labelled.labels):
        return incoming
    own = incoming.labelled.text_of(OWN)
    if incoming.command_text.strip() and incoming.command_text.strip() != own.strip():
        return replace(incoming, unplaced=said.news)  # its commands were read from another part, so the words have no place there
    strays = tuple(line for line in said.news if is_nearly_command(line))
    command_text = said.text if incoming.command_text.strip() else ""
    return replace(
        _spoken(incoming, said),
        text=said.text,
        elided_text=said.elided,
        command_text=command_text,
        stray_commands=strays,
    )


def _blocks(incoming: Incoming) -> tuple[StaffText, ...]:
    return staff_blocks(incoming.command_text if incoming.command_text.strip() else incoming.text)


def _keeps_pasted(incoming: Incoming) -> bool:
    """Whether the words stay among staff, or their author has seen the pasted ones and sends them all the same."""
    release = incoming.release
    if release is not None and (release.as_note or HoldReason.PASTED in release.waived):
        return True
    if any(token.purpose in INTERNAL for token in incoming.tokens):
        return True
    words = [{command.word for command in block.commands} for block in _blocks(incoming)]
    return bool(words) and all(map(_is_inside, words))


def _is_inside(words: set[Word]) -> bool:
    """Whether the text beside these commands is for colleagues. Beside `#assign` that depends on whose name follows."""
    return Word.NOTE in words or (not words.isdisjoint(HANDS_OVER - {Word.ASSIGN}) and words.isdisjoint(SAYS_FOR_WHOM))
