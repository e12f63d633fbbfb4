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
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.people import StaffList
from helpdesk.threading.reading.parsed import Kind


def asks_for_themselves(mail: StaffMail) -> bool:
    """Whether a proved mail is a staff member's own request: sent to the desk, or to it and colleagues alone, without a command, a
    forwarded or quoted mail, and any clue to an earlier request. Anything else may be meant for a customer.
    """
    incoming, match = mail.incoming, mail.match
    in_person = incoming.kind is Kind.PERSON and not incoming.null_path
    if not in_person or not incoming.identity.may_act_as_staff or match.clues or match.contradiction or incoming.tokens:
        return False
    quotes = incoming.labelled.has_candidates or incoming.forward is not None
    if (
        quotes
        or incoming.parents
        or incoming.references
        or incoming.threading_tokens
        or incoming.spoiled_token
        or incoming.thread_ticket
    ):
        return False
    readers = (*incoming.addressed, *incoming.copied)
    with_customers = any(mail.context.staff_member(person.address.lower()) is None for person in readers)
    commands = any(block.commands or block.refused or block.reference for block in mail.blocks)
    commands = commands or any(True for _ in commands_in(incoming.subject))
    return not with_customers and not commands and bool(incoming.text.strip() or incoming.subject.strip())


def open_own_request(mail: StaffMail) -> Decision:
    """Open the request of the staff member, for their colleagues to work on."""
    context = _without(mail.context, mail.member.address)
    plain = Arrival(mail.incoming, mail.match, context, mail.speaks, mail.row)
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
    return decide_by(CUSTOMER, replace(arrival, context=_without(arrival.context, arrival.incoming.author)))


def _without(context: Context, address: str) -> Context:
    """The context in which this person is a customer. A desk of one person keeps them, because somebody has to be told."""
    colleagues = StaffList(member for member in context.known.staff if member.address != address)
    return replace(context, known=replace(context.known, staff=colleagues)) if colleagues else context
