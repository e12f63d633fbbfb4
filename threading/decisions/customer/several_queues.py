"""Open the requests of a new mail that was sent to several support addresses: one, or one in each of their queues.

Whichever copy of the mail comes first opens them all in one transaction. Every other copy has had its effect by then.
"""

from collections.abc import Iterable
from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.new_request import open_ticket
from helpdesk.threading.letters.order import LetterOrder, StaffFacts
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.relations import lines_about_related
from helpdesk.threading.matching.signature_images import NO_IMAGES
from helpdesk.threading.model.ticket import Ticket


def open_in_queues(arrival: Arrival, reason: str) -> Decision:
    """Open one request for the first support address that the mail names, or one in each queue where the policy says "each".

    Two addresses of one queue are one request. The requests are linked, and letters to staff about each name the others.
    """
    first = open_ticket(arrival, reason)
    others = arrival.incoming.support_addresses[1:]
    if arrival.context.policy.threading.several_addresses != "each" or not others:
        return first
    opened = [first]
    for address in others:
        further = _open_at(address, arrival, opened)
        if further.ticket is not None and further.ticket.queue not in {ticket.queue for ticket in _tickets(opened)}:
            opened.append(further)
    main, *also = (_naming_others(decision, _tickets(opened), arrival.context) for decision in opened)
    return replace(main, also=tuple(also))


def _open_at(address: str, arrival: Arrival, opened: Iterable[Decision]) -> Decision:
    """The request at a further address. Limits count the letters of the requests before it; its images are known from the first."""
    context = arrival.context
    tally = context.known.tally.plus(letter for decision in opened for letter in decision.letters)
    context = replace(context, known=replace(context.known, tally=tally), fresh=next(context.fresh.further))
    incoming = replace(arrival.incoming, support_address=address)
    further = open_ticket(replace(arrival, incoming=incoming, context=context), f"sent to {address} too")
    return replace(further, adds=replace(further.adds, images=NO_IMAGES))


def _tickets(decisions: Iterable[Decision]) -> tuple[Ticket, ...]:
    return tuple(decision.ticket for decision in decisions if decision.ticket is not None)


def _naming_others(decision: Decision, tickets: Iterable[Ticket], context: Context) -> Decision:
    others = tuple(ticket for ticket in tickets if decision.ticket is None or ticket.id != decision.ticket.id)
    related = (*decision.adds.related, *(other.id for other in others))
    letters = tuple(_with_lines(letter, others, context) for letter in decision.letters)
    return replace(decision, adds=replace(decision.adds, related=related), letters=letters)


def _with_lines(letter: LetterOrder, others: Iterable[Ticket], context: Context) -> LetterOrder:
    member = context.staff_member(letter.to.address) if letter.to else None
    if member is None or not isinstance(letter.facts, StaffFacts):
        return letter
    lines = lines_about_related(others, member, context)
    return replace(letter, facts=replace(letter.facts, related=(*lines, *letter.facts.related)))
