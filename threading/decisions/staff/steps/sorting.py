"""The step that tells how a ticket was sorted, from its record."""

from collections.abc import Iterator

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.sentence import Sentence, plain, sentence
from helpdesk.threading.model.status import Trigger

OTHERS = {Trigger.ESCALATED: sentence("Escalated"), Trigger.TARGET_MISSED: sentence("A promised time was missed")}
CHANGED = {  # by the kind of an event that changed a field by hand
    "queue_changed": "Queue changed from {before} to {after} by {name}, {at}",
    "category_changed": "Category changed from {before} to {after} by {name}, {at}",
    "severity_changed": "Severity changed from {before} to {after} by {name}, {at}",
    "priority_changed": "Priority changed from {before} to {after} by {name}, {at}",
}


def why(act: Act, draft: Draft, command: Command) -> Done:
    """List in the receipt how the ticket got its category, urgency, queue and assignee, the oldest reason first."""
    events = draft.context.known.sorting.get(draft.ticket.id, ())
    lines = tuple(line for event in events for line in _lines(event, draft.context))
    if not lines:
        return Done(draft, sentence("Nothing is recorded about how {reference} was sorted.", reference=draft.ticket.reference))
    return Done(draft, sentence("How {reference} was sorted:", reference=draft.ticket.reference), more=lines)


def _lines(event: Event, context: Context) -> Iterator[Sentence]:
    who = _name(event.actor, context)
    if event.kind == "opened":
        yield sentence("Opened {at}: {detail}", at=event.at, detail=event.detail or who)
    elif event.kind in (Trigger.TRIAGED, Trigger.SELF_SERVED):
        yield from _reasons(event.detail)
    elif event.kind == Trigger.ASSIGNED:
        holder = _name(event.detail.removeprefix("to "), context)
        yield sentence("Assigned to {holder} by {name}, {at}", holder=holder, name=who, at=event.at)
    elif event.kind in CHANGED:
        before, _, after = event.detail.removeprefix("from ").partition(" to ")
        yield sentence(CHANGED[event.kind], before=before, after=after, name=who, at=event.at)
    else:
        what = OTHERS[Trigger(event.kind)] if event.kind in OTHERS else plain(event.kind.replace("_", " ").capitalize())
        happened = sentence("{what}, {at}", what=what, at=event.at)
        yield sentence("{happened}: {detail}", happened=happened, detail=event.detail) if event.detail else happened


def _reasons(detail: str) -> Iterator[Sentence]:
    """The reasons of triage, as they were stored: sentences, or lines of text."""
    if isinstance(detail, Sentence):
        yield from (plain(reason) for reason in detail.values.values())
    else:
        yield from (plain(line) for line in detail.splitlines() if line.strip())


def _name(actor: str, context: Context) -> str:
    member = context.staff_member(actor)
    return member.name if member else actor
