"""Incidents: one request stands for a fault that many report; an answer there goes to each of them, in his own conversation."""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.threading.commands.grammar import Command, StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.customer.incident import SENIORS, is_incident, lacks_for_all, requests_attached
from helpdesk.threading.decisions.staff.steps import speech
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.decisions.time.outbreak import may_join
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.table import rule_for
from helpdesk.threading.matching.known import Proposed
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.model.ticket import Ticket

FOR_ALL = (Word.BROADCAST, Word.RESOLVE)  # what is said to every customer of an incident


def incident(act: Act, draft: Draft, command: Command) -> Done:
    """Alone, the request becomes an incident; with a reference, it is attached to that one."""
    if act.mail.member.role not in SENIORS:
        return refusal(draft, f'"{command.line}": a senior decides on incidents')
    ticket = draft.ticket
    if not command.value:
        if is_incident(ticket):
            return refusal(draft, f'"{command.line}": {ticket.reference} is an incident already')
        return Done(_attach(draft, act, ticket), f"{ticket.reference} is an incident now.", more=tuple(_came_later(draft)))
    meant = draft.context.known.named(command.value)
    if meant is None or not is_incident(meant):
        return refusal(draft, f'"{command.line}": this is no incident; make it one by "#incident" in reply to a letter about it')
    if is_incident(ticket) or ticket.lineage.incident == meant.id:
        return refusal(draft, f'"{command.line}": {ticket.reference} is part of an incident already')
    return Done(_attach(draft, act, meant), f"{ticket.reference} is attached to the incident {meant.reference}.")


def broadcast(act: Act, draft: Draft, command: Command) -> Done:
    """The answer to the incident's own customer; those of the attached requests get theirs by `spread`."""
    if act.mail.member.role not in SENIORS:
        return refusal(draft, f'"{command.line}": a senior writes to all customers of an incident')
    if not is_incident(draft.ticket):
        return refusal(draft, f'"{command.line}": {draft.ticket.reference} is no incident')
    if lack := lacks_for_all(act.mail.member, draft.ticket, draft.context):
        return refusal(draft, f'"{command.line}": {lack}')
    if not act.speaks:
        return refusal(draft, f'"{command.line}": write below it what the customers shall read')
    return speech.answer(act, draft, command)


def spread(block: StaffText, ticket: Ticket, context: Context) -> Iterator[tuple[StaffText, Ticket]]:
    """What a block about an incident says on each attached request: the same words, as an answer or a resolution of its own.

    A request that cannot be resolved any more is left as it is. One that becomes an incident takes those that were proposed with it.
    """
    made = block.command(Word.INCIDENT)
    if made is not None and not made.value:
        attaching = replace(made, value=ticket.reference)
        yield from (
            (StaffText((attaching,), (), "", request.reference), request) for request in _requests_proposed_with(ticket, context)
        )
    said = next((command for word in FOR_ALL if (command := block.command(word))), None)
    if said is None:
        return
    for request in requests_attached(ticket, context):
        if said.word is Word.BROADCAST:
            yield StaffText((), (), block.words, request.reference), request
        elif rule_for(request.status, Trigger.RESOLVED) is not None:
            yield StaffText((said,), (), block.body, request.reference), request


def _requests_proposed_with(ticket: Ticket, context: Context) -> Iterator[Ticket]:
    """The requests that a letter to a senior listed with this one, those of them that still go on by themselves."""
    proposed = context.known.proposed.get(ticket.id, Proposed())
    listed = (
        context.known.tickets[number] for number in proposed.listed if number != ticket.id and number in context.known.tickets
    )
    return (ticket for ticket in listed if may_join(ticket))


def _came_later(draft: Draft) -> Iterator[str]:
    """What nobody has looked at is not attached: its line is ready to be sent."""
    known = draft.context.known
    later = known.proposed.get(draft.ticket.id, Proposed()).later
    for request in (known.tickets[number] for number in later if number in known.tickets):
        if may_join(request):
            yield f'{request.reference} "{request.subject}" came after the proposal and is alike: "#on {request.reference}" and below it "#incident {draft.ticket.reference}" attach it.'


def _attach(draft: Draft, act: Act, to: Ticket) -> Draft:
    draft = draft.add_event("incident", act.mail.member.address, to.reference)
    return replace(draft, ticket=replace(draft.ticket, lineage=replace(draft.ticket.lineage, incident=to.id)))
