"""The step that tells how a ticket was sorted, from its record."""

from collections.abc import Iterator

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.status import Trigger

CHANGED = "_changed"  # the end of the kind of an event that changed a field by hand


def why(act: Act, draft: Draft, command: Command) -> Done:
    """List in the receipt how the ticket got its category, urgency, queue and assignee, the oldest reason first."""
    events = draft.context.known.sorting.get(draft.ticket.id, ())
    lines = tuple(line for event in events for line in _lines(event, draft.context))
    if not lines:
        return Done(draft, f"Nothing is recorded about how {draft.ticket.reference} was sorted.")
    return Done(draft, f"How {draft.ticket.reference} was sorted:", more=lines)


def _lines(event: Event, context: Context) -> Iterator[str]:
    when, who = f"{event.at:%Y-%m-%d %H:%M} UTC", _name(event.actor, context)
    if event.kind == "opened":
        yield f"Opened {when}: {event.detail or who}"
    elif event.kind in (Trigger.TRIAGED, Trigger.SELF_SERVED):
        yield from (line for line in event.detail.splitlines() if line.strip())
    elif event.kind == Trigger.ASSIGNED:
        yield f"Assigned {event.detail} by {who}, {when}"
    elif event.kind.endswith(CHANGED):
        yield f"{event.kind.removesuffix(CHANGED).title()} changed {event.detail} by {who}, {when}"
    else:
        yield f"{event.kind.replace('_', ' ').capitalize()}, {when}{': ' + event.detail if event.detail else ''}"


def _name(actor: str, context: Context) -> str:
    member = context.staff_member(actor)
    return member.name if member else actor
