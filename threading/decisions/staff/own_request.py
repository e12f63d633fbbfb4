"""A staff member's own request: they write to the desk like everybody else, and are the customer of what they began.

Their colleagues work on it. The letters about it go to them as a customer, and what they answer there is a customer's reply.
"""

from dataclasses import replace

from helpdesk.threading.commands.grammar import commands_in
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.new_request import open_ticket
from helpdesk.threading.decisions.customer.table import CUSTOMER
from helpdesk.threading.decisions.staff.mail import StaffMail, staff_mail
from helpdesk.threading.decisions.table import decide_by
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.said_words import first_words, words_for
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.held import ReleaseWord
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.people import StaffList
from helpdesk.threading.reading.parsed import Kind


def asks_for_themselves(mail: StaffMail) -> bool:
    """Whether a proved mail is a staff member's own request: sent to the desk, or to it and colleagues alone, without a command, a
    forwarded or quoted mail, and any clue to an earlier request. Anything else may be meant for a customer, unless its author has said
    that it is not: the letter about the held mail asked.
    """
    incoming, match = mail.incoming, mail.match
    in_person = incoming.kind is Kind.PERSON and not incoming.null_path
    if not in_person or not incoming.identity.may_act_as_staff or match.clues or match.contradiction or incoming.tokens:
        return False
    answered = incoming.release is not None and incoming.release.word is ReleaseWord.SEND
    if incoming.spoiled_token or not (answered or _stands_alone(incoming)):
        return False
    readers = (*incoming.addressed, *incoming.copied)
    with_customers = any(mail.context.staff_member(person.address.lower()) is None for person in readers)
    commands = any(block.commands or block.refused or block.reference for block in mail.blocks)
    commands = commands or any(True for _ in commands_in(incoming.subject))
    return not with_customers and not commands and bool(incoming.text.strip() or incoming.subject.strip())


def _stands_alone(incoming: Incoming) -> bool:
    """Whether a mail has neither a forwarded or quoted mail nor a sign of an earlier conversation."""
    if incoming.labelled.has_candidates or incoming.forward is not None:
        return False
    return not (incoming.parents or incoming.references or incoming.threading_tokens or incoming.thread_ticket)


def open_own_request(mail: StaffMail) -> Decision:
    """Open the request of the staff member, for their colleagues to work on. Nothing of the mail is known there, so all of it is shown."""
    context = _without(mail.context, mail.member.address)
    plain = Arrival(first_words(mail.incoming), mail.match, context, mail.speaks, mail.row)
    return open_ticket(plain, f"{mail.member.name} asks for themselves")


def is_customer_here(arrival: Arrival) -> bool:
    """Whether a staff member, who is proved, answers a letter that they had as the customer of a request, without commands."""
    holder, author = arrival.match.participant, arrival.incoming.author
    member = arrival.context.staff_member(author)
    if holder is None or member is None or not arrival.incoming.identity.may_act_as_staff:
        return False
    if (holder.role, holder.address, holder.state) != (Role.CUSTOMER, author, ParticipantState.ACTIVE):
        return False
    return not any(block.commands or block.refused or block.reference for block in staff_mail(arrival, member).blocks)


def continue_own_request(arrival: Arrival) -> Decision:
    """Take the mail as the customer's reply that it is."""
    incoming = replace(arrival.incoming, unplaced=(), stray_commands=())
    said = words_for(incoming, arrival.match.ticket, arrival.context, by_staff=False)
    return decide_by(CUSTOMER, replace(arrival, incoming=said, context=_without(arrival.context, incoming.author)))


def _without(context: Context, address: str) -> Context:
    """The context in which this person is a customer. A desk of one person keeps them, because somebody has to be told."""
    colleagues = StaffList(member for member in context.known.staff if member.address != address)
    return replace(context, known=replace(context.known, staff=colleagues)) if colleagues else context
