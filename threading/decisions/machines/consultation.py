"""Mail of a third person whom staff have consulted. It becomes an internal note, and never reaches the customer."""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.letters.names import kind_name
from helpdesk.threading.letters.order import LetterWords, StaffFacts
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.said_words import NO_TEXT, shown_text
from helpdesk.threading.lifecycle.team import staff_facts, team_of, watchers_of
from helpdesk.threading.model.attachment import attachments_as_json, numbered
from helpdesk.threading.model.consultation import Consultation
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import InternalNote
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.reading.secrets import mask
from helpdesk.threading.trust.tokens import Purpose, Token

MOST_IDS = 20  # of a side conversation that are kept
LONGEST_FILE_WORDS = 50_000  # characters, as of a note's files
ANSWERED = 'An answer to #consult. Your reply stays internal; "#consult {address}" and a text writes to them again.'
UNPROVED = "Nothing proves that {address} wrote this: {reason}."
BY_MACHINE = "It is no person's own mail but {kind}."
BY_OTHER = "{author} wrote to the address that was given to {address}, who was consulted. That mail is not taken, and nobody is answered."


def answers_consultation(arrival: Arrival) -> bool:
    """Whether a mail came to the reply address of a side conversation, or answers a letter of it from the address consulted."""
    return _find_consultation(arrival) is not None


def decide_consultation(arrival: Arrival) -> Decision:
    """Keep the words and files of the person who was consulted as a note; tell of anybody else's mail without taking it."""
    asked = _find_consultation(arrival)
    assert asked is not None
    issued, row = asked
    ticket, incoming = arrival.context.known.survivor(issued), arrival.incoming
    if incoming.author != row.address or not incoming.identity.may_be_customer:
        return _tell_of_other(arrival, ticket, row)
    return _take(arrival, ticket, issued, row)


def _find_consultation(arrival: Arrival) -> tuple[Ticket, Consultation] | None:
    incoming = arrival.incoming
    if arrival.match.token is not None:  # a mail to somebody's reply address too belongs there
        return None
    found = _consultation_of(arrival, incoming.tokens)
    if found is not None or arrival.match.ticket is not None:
        return found
    answered = _consultation_of(arrival, incoming.threading_tokens)  # a client may answer the letter's From
    return answered if answered is not None and answered[1].address == incoming.author else None


def _consultation_of(arrival: Arrival, tokens: tuple[Token, ...]) -> tuple[Ticket, Consultation] | None:
    for token in tokens:
        ticket = arrival.context.known.tickets.get(token.subject) if token.purpose is Purpose.CONSULT else None
        row = next((row for row in ticket.consultations if row.number == token.participant), None) if ticket else None
        if ticket is not None and row is not None:
            return ticket, row
    return None


def _take(arrival: Arrival, ticket: Ticket, issued: Ticket, row: Consultation) -> Decision:
    incoming, context = arrival.incoming, arrival.context
    text = mask(shown_text(incoming).strip()) or NO_TEXT
    draft = Draft(context, ticket, ticket.version, incoming.author, incoming.message_id)
    draft = _remember(draft, row, incoming.message_id) if issued.id == ticket.id else draft
    draft = draft.apply(Trigger.NOTE_ADDED, row.address, f"an answer to #consult of {row.asked_by}")
    files = incoming.attachments
    words = "\n".join(file.words for file in files if file.words)[:LONGEST_FILE_WORDS]
    note = InternalNote(next(context.fresh.ids), row.address, text, context.now, False, attachments_as_json(files), words)
    warnings: tuple[Sentence, ...] = (
        () if incoming.identity.is_proved else (sentence(UNPROVED, address=row.address, reason=incoming.identity.reason),)
    )
    machine = incoming.kind is not Kind.PERSON or incoming.null_path
    warnings += (sentence(BY_MACHINE, kind=kind_name(incoming.kind)),) if machine else ()
    facts = staff_facts(
        draft, incoming.assurance, warnings=warnings, outcome=(sentence(ANSWERED, address=row.address),), attachments=files
    )
    sent = tuple(file for file in numbered(files, draft.ticket.files) if file.goes_along)
    letter = LetterWords(text, incoming.author_name or row.address, sent, document=incoming.document)
    draft = _notify(draft, row, facts, letter)
    return draft.decision(
        Disposition.THREADED, f"{row.address} answers, as a note of {ticket.reference}", arrival.grounds, Contribution(note=note)
    )


def _remember(draft: Draft, row: Consultation, message_id: str | None) -> Draft:
    """The draft with the Message-ID by which the next letter joins the third person's thread."""
    if message_id is None:
        return draft
    newer = replace(row, message_ids=(*row.message_ids, message_id)[-MOST_IDS:])
    rows = tuple(newer if other.number == row.number else other for other in draft.ticket.consultations)
    return replace(draft, ticket=replace(draft.ticket, consultations=rows))


def _tell_of_other(arrival: Arrival, ticket: Ticket, row: Consultation) -> Decision:
    incoming = arrival.incoming
    author = incoming.author or "Somebody whose address is not certain"
    remark = sentence(BY_OTHER, author=author, address=row.address)
    draft = Draft(arrival.context, ticket, ticket.version, incoming.author, incoming.message_id)
    draft = draft.add_event("unproved_mail", incoming.author, remark)
    facts = staff_facts(draft, incoming.assurance, warnings=(remark,))
    draft = _notify(draft, row, facts, LetterWords())
    return draft.decision(Disposition.NOTED, remark, arrival.grounds)


def _notify(draft: Draft, row: Consultation, facts: StaffFacts, words: LetterWords) -> Draft:
    """Write to the team and to whoever asked. An answer to the letter stays internal."""
    asker = draft.context.staff_member(row.asked_by)
    for member in dict.fromkeys((*team_of(draft), *watchers_of(draft), *((asker,) if asker else ()))):
        draft = draft.notify_staff(member, Notice.INTERNAL_NOTE, facts, words)
    return draft
