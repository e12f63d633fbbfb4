"""Steps of `#watch` and `#unwatch`: a colleague gets what is written on a request without owning it."""

from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.routing import staff_named
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence

MOST_WATCHERS = 20  # of one ticket


def watch(act: Act, draft: Draft, command: Command) -> Done:
    """Let a colleague watch the request, or its author where none is named. They must be allowed to read it."""
    member = _find_watcher(act, draft, command)
    if isinstance(member, Sentence):
        return refusal(draft, member)
    ticket = draft.ticket
    if not may(member, ticket, draft.context):
        return refusal(
            draft,
            sentence(
                '"{line}": {name} may not read {reference}; #assign or #queue would change that',
                line=command.line,
                name=member.name,
                reference=ticket.reference,
            ),
        )
    if member.address in ticket.watchers:
        return Done(draft, sentence("{name} watches {reference} already.", name=member.name, reference=ticket.reference))
    if len(ticket.watchers) >= MOST_WATCHERS:
        return refusal(
            draft,
            sentence(
                '"{line}": {reference} has {most_watchers} watchers already',
                line=command.line,
                reference=ticket.reference,
                most_watchers=MOST_WATCHERS,
            ),
        )
    draft = replace(draft, ticket=replace(ticket, watchers=(*ticket.watchers, member.address)))
    draft = draft.add_event("watched", act.mail.member.address, member.address)
    return Done(
        draft, sentence("{name} gets what is written on {reference} from now on.", name=member.name, reference=ticket.reference)
    )


def unwatch(act: Act, draft: Draft, command: Command) -> Done:
    """End that a colleague watches the request, or its author where none is named."""
    member = _find_watcher(act, draft, command)
    if isinstance(member, Sentence):
        return refusal(draft, member)
    ticket = draft.ticket
    if member.address not in ticket.watchers:
        return refusal(
            draft,
            sentence(
                '"{line}": {name} does not watch {reference}', line=command.line, name=member.name, reference=ticket.reference
            ),
        )
    left = tuple(address for address in ticket.watchers if address != member.address)
    draft = replace(draft, ticket=replace(ticket, watchers=left)).add_event("unwatched", act.mail.member.address, member.address)
    return Done(draft, sentence("{name} does not watch {reference} any more.", name=member.name, reference=ticket.reference))


def _find_watcher(act: Act, draft: Draft, command: Command) -> StaffMember | Sentence:
    """The colleague whom the command names, or its author; or why that is nobody."""
    if not command.value:
        return act.mail.member
    staff = draft.context.known.staff
    meant = staff_named(command.value, staff)
    if len(meant) == 1:
        return meant[0]
    choices = ", ".join(member.name for member in meant or staff)
    return sentence(
        '"{line}": this names {what}; one of these would work: {choices}',
        line=command.line,
        what=sentence("several colleagues") if meant else sentence("no colleague"),
        choices=choices,
    )
