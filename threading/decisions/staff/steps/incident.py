"""Steps on incidents. An incident is a request for a fault that many customers report; an answer to it goes to each customer separately."""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.threading.commands.grammar import Command, StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.customer.incident import attached_requests, is_incident, why_not_to_all
from helpdesk.threading.decisions.staff.steps import speech
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.decisions.time.outbreak import may_join
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.table import rule_for
from helpdesk.threading.matching.known import Proposed
from helpdesk.threading.model.people import SENIORS
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.model.ticket import Ticket

FOR_ALL = (Word.BROADCAST, Word.RESOLVE)  # commands whose words go to every customer of an incident


def incident(act: Act, draft: Draft, command: Command) -> Done:
    """Make the request an incident, or attach it to the incident whose reference the command names."""
    if act.mail.member.role not in SENIORS:
        return refusal(draft, sentence('"{line}": a senior decides on incidents', line=command.line))
    ticket = draft.ticket
    if not command.value:
        if is_incident(ticket):
            return refusal(
                draft, sentence('"{line}": {reference} is an incident already', line=command.line, reference=ticket.reference)
            )
        return Done(
            _attach(draft, act, ticket),
            sentence("{reference} is an incident now.", reference=ticket.reference),
            more=tuple(_lines_for_later(draft)),
        )
    meant = draft.context.known.ticket_named(command.value)
    if meant is None or not is_incident(meant):
        return refusal(
            draft,
            sentence(
                '"{line}": this is no incident; make it one by "#incident" in reply to a letter about it', line=command.line
            ),
        )
    if is_incident(ticket) or ticket.lineage.incident == meant.id:
        return refusal(
            draft, sentence('"{line}": {reference} is part of an incident already', line=command.line, reference=ticket.reference)
        )
    return Done(
        _attach(draft, act, meant),
        sentence("{reference} is attached to the incident {other}.", reference=ticket.reference, other=meant.reference),
    )


def broadcast(act: Act, draft: Draft, command: Command) -> Done:
    """Answer the incident's own customer. `spread` writes the answers to the customers of the attached requests."""
    if act.mail.member.role not in SENIORS:
        return refusal(draft, sentence('"{line}": a senior writes to all customers of an incident', line=command.line))
    if not is_incident(draft.ticket):
        return refusal(
            draft, sentence('"{line}": {reference} is no incident', line=command.line, reference=draft.ticket.reference)
        )
    if lack := why_not_to_all(act.mail.member, draft.ticket, draft.context):
        return refusal(draft, sentence('"{line}": {lack}', line=command.line, lack=lack))
    if not act.speaks:
        return refusal(draft, sentence('"{line}": write below it what the customers shall read', line=command.line))
    return (
        speech.report_progress(act, draft, replace(command, value=""))
        if _goes_on(draft.ticket)
        else speech.answer(act, draft, command)
    )


def _goes_on(ticket: Ticket) -> bool:
    """Whether a broadcast is word of work that goes on. What is resolved or closed stays so."""
    return rule_for(ticket.status, Trigger.PROGRESS_REPORTED) is not None


def spread(block: StaffText, ticket: Ticket, context: Context) -> Iterator[tuple[StaffText, Ticket]]:
    """Yield the block that an incident's block causes on each attached request: the same words, as an answer or resolution of its
    own.

    A request that cannot be resolved any more is left alone. A request that becomes an incident also attaches the requests that
    were proposed with it.
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
    for request in attached_requests(ticket, context):
        if said.word is Word.BROADCAST:
            goes_on = (Command(Word.WORKING, "", said.line),) if _goes_on(request) else ()
            yield StaffText(goes_on, (), block.words, request.reference), request
        elif rule_for(request.status, Trigger.RESOLVED) is not None:
            yield StaffText((said,), (), block.body, request.reference), request


def _requests_proposed_with(ticket: Ticket, context: Context) -> Iterator[Ticket]:
    """The requests that the proposal to a senior listed with this one and that may still join an incident."""
    proposed = context.known.proposed.get(ticket.id, Proposed())
    listed = (
        context.known.tickets[number] for number in proposed.listed if number != ticket.id and number in context.known.tickets
    )
    return (ticket for ticket in listed if may_join(ticket))


def _lines_for_later(draft: Draft) -> Iterator[Sentence]:
    """A ready command line for each similar request that came after the proposal. No senior has looked at these, so they are not
    attached.
    """
    known = draft.context.known
    later = known.proposed.get(draft.ticket.id, Proposed()).later
    for request in (known.tickets[number] for number in later if number in known.tickets):
        if may_join(request):
            yield sentence(
                '{reference} "{subject}" came after the proposal and is alike: "#on {reference}" and below it "#incident {reference_b}" attach it.',
                reference=request.reference,
                subject=request.subject,
                reference_b=draft.ticket.reference,
            )


def _attach(draft: Draft, act: Act, to: Ticket) -> Draft:
    draft = draft.add_event("incident", act.mail.member.address, to.reference)
    return replace(draft, ticket=replace(draft.ticket, lineage=replace(draft.ticket.lineage, incident=to.id)))
