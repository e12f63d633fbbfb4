"""A staff member passes on a customer's mail that the desk has already: no second request is opened, and the comment is a note there.

An attached mail is known by its Message-ID, one that stands in the text by its words, among the recent requests of its author.
"""

from dataclasses import replace

from helpdesk.threading.commands.grammar import StaffText, staff_text
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.behalf import begins_request
from helpdesk.threading.decisions.staff.guards import Proposal, hold_of
from helpdesk.threading.decisions.staff.held import hold_mail, letter_about
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.steps.act import Act
from helpdesk.threading.decisions.staff.work import Work, carry_out, finish, words_in
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.matching.compared_words import document_of
from helpdesk.threading.matching.gather import customer_meant
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Forward

FEWEST_WORDS = 4  # of a message that can be recognised by its words
MOST_COMPARED = 3_000  # words of each text
KNOWN = "The desk has this mail already: it belongs to {reference}, so no second request is opened."


def passes_on_known_mail(mail: StaffMail) -> bool:
    """Whether a staff member's proved mail passes on a mail that a request has, which they may read."""
    return request_with_mail(mail) is not None


def request_with_mail(mail: StaffMail) -> Ticket | None:
    """The request that has the forwarded mail; None for any other mail."""
    forward = mail.incoming.forward
    if forward is None or not begins_request(mail) or any(block.command(Word.NEW) for block in mail.blocks):
        return None
    known = mail.context.known
    own = (known.tickets.get(request.ticket_id) for request in known.requests.get(customer_meant(mail.incoming), ()))
    by_id = (known.tickets.get(number) for number in known.by_message_id.get(forward.mail.message_id, ()))
    found = (ticket for ticket in (*by_id, *own) if ticket is not None and _has(mail, ticket, forward.mail))
    ticket = next((known.survivor(ticket) for ticket in found), None)
    return ticket if ticket is not None and may(mail.member, ticket, mail.context) else None


def _has(mail: StaffMail, ticket: Ticket, forward: Forward) -> bool:
    """Whether a customer's message of the ticket is the forwarded mail. A Message-ID that was only seen in References says nothing."""
    conversation = mail.context.conversation(ticket)
    if forward.message_id and any(forward.message_id in thread for thread in conversation.threads.values()):
        return True
    author = customer_meant(mail.incoming)
    messages = (message for message in conversation.last_messages if message.direction is Direction.CUSTOMER)
    return any(message.author == author and _says(forward.text, message.text) for message in messages)


def _says(forwarded: str, said: str) -> bool:
    """Whether the words of a message stand in a forwarded text in a row. The forward may have a signature or a quote below them."""
    words = document_of(said, MOST_COMPARED)
    return len(words) >= FEWEST_WORDS and f" {' '.join(words)} " in f" {' '.join(document_of(forwarded, MOST_COMPARED))} "


def note_on_known(mail: StaffMail) -> Decision:
    """Keep the comment as a note on the request that has the mail, carry out the commands above it, and say so to the author."""
    incoming, member, ticket = mail.incoming, mail.member, request_with_mail(mail)
    assert ticket is not None and incoming.forward is not None
    block = staff_text(incoming.forward.mail.comment)
    draft = Draft(mail.context, ticket, ticket.version, member.address, incoming.message_id)
    work = Work(block, ticket, draft.add_event("known_mail_forwarded", member.address, incoming.subject))
    refused = block.refused
    if not refused and (block.commands or block.words):
        act = Act(mail, block, block.words, internal=True, unasked=block.command(Word.NOTE) is None)
        work = carry_out(act, ticket, work.draft)
        refused = work.refused
    if refused:
        outcome = (sentence("Nothing of this mail was carried out."), *refused)
        return Decision(
            Disposition.REFUSED,
            "; ".join(refused),
            mail.grounds,
            letters=(letter_about(mail, Notice.RECEIPT, outcome, incoming.text),),
        )
    hold = hold_of([_proposal(block, work, mail)], incoming.release.waived if incoming.release else ())
    if hold is not None:
        return hold_mail(mail, hold)
    return _record(mail, work)


def _proposal(block: StaffText, work: Work, mail: StaffMail) -> Proposal:
    return Proposal(block, work.ticket, work.draft, mail.member, None, mail.incoming.written)


def _record(mail: StaffMail, work: Work) -> Decision:
    known = sentence(KNOWN, reference=work.ticket.reference)
    outcome = (known, *(line for step in work.done for line in (step.sentence, *step.more)))
    facts = replace(staff_facts(work.draft, mail.incoming.assurance, outcome=outcome), undo=True)
    draft = work.draft.notify_staff(mail.member, Notice.RECEIPT, facts)
    return finish(replace(work, draft=draft), mail, Disposition.THREADED, "; ".join(outcome), words_in(work))
