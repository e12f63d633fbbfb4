"""Steps of `#watch` and `#unwatch`: a colleague gets what is written on a request without owning it."""

from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.routing import staff_named
from helpdesk.threading.model.people import StaffMember

MOST_WATCHERS = 20  # of one ticket


def watch(act: Act, draft: Draft, command: Command) -> Done:
    """Let a colleague watch the request, or its author where none is named. They must be allowed to read it."""
    member = _find_watcher(act, draft, command)
    if isinstance(member, str):
        return refusal(draft, member)
    ticket = draft.ticket
    if not may(member, ticket, draft.context):
        return refusal(
            draft, f'"{command.line}": {member.name} may not read {ticket.reference}; #assign or #queue would change that'
        )
    if member.address in ticket.watchers:
        return Done(draft, f"{member.name} watches {ticket.reference} already.")
    if len(ticket.watchers) >= MOST_WATCHERS:
        return refusal(draft, f'"{command.line}": {ticket.reference} has {MOST_WATCHERS} watchers already')
    draft = replace(draft, ticket=replace(ticket, watchers=(*ticket.watchers, member.address)))
    draft = draft.add_event("watched", act.mail.member.address, member.address)
    return Done(draft, f"{member.name} gets what is written on {ticket.reference} from now on.")


def unwatch(act: Act, draft: Draft, command: Command) -> Done:
    """End that a colleague watches the request, or its author where none is named."""
    member = _find_watcher(act, draft, command)
    if isinstance(member, str):
        return refusal(draft, member)
    ticket = draft.ticket
    if member.address not in ticket.watchers:
        return refusal(draft, f'"{command.line}": {member.name} does not watch {ticket.reference}')
    left = tuple(address for address in ticket.watchers if address != member.address)
    draft = replace(draft, ticket=replace(ticket, watchers=left)).add_event("unwatched", act.mail.member.address, member.address)
    return Done(draft, f"{member.name} does not watch {ticket.reference} any more.")


def _find_watcher(act: Act, draft: Draft, command: Command) -> StaffMember | str:
    """The colleague whom the command names, or its author; or why that is nobody."""
    if not command.value:
        return act.mail.member
    staff = draft.context.known.staff
    meant = staff_named(command.value, staff)
    if len(meant) == 1:
        return meant[0]
    choices = ", ".join(member.name for member in meant or staff)
    return f'"{command.line}": this names {"several colleagues" if meant else "no colleague"}; one of these would work: {choices}'
