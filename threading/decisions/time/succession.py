"""Hand a request over whose assignee, queue, plan, account or support address is not there any more.

Its history stays as it is: who left has written what they wrote. Nobody outside is told.
"""

from dataclasses import replace

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.routing import assignee_for
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.model.succession import FIELDS, Bereft

ACTOR = "directory"
NOT_THERE = "{address}, who had it, is not on the team any more."


def decide_succession(bereft: Bereft, context: Context) -> Decision:
    """Put the heirs into the place of what is gone. What has changed meanwhile stays as it is."""
    ticket = context.known.tickets[bereft.ticket_id]
    draft = Draft(context, ticket, ticket.version)
    for field in FIELDS[:-1]:
        if field in bereft.heirs and getattr(ticket, field) == bereft.gone.get(field):
            draft = draft.change(field, bereft.heirs[field], ACTOR)
    if "assignee" in bereft.heirs and ticket.assignee == bereft.gone.get("assignee"):
        draft = _hand_over(draft, bereft.heirs["assignee"])
    if not draft.events:
        return Decision(Disposition.NOTED, "nothing is left to hand over", Grounds(ticket.assurance))
    return draft.decision(Disposition.NOTED, _reason(bereft), Grounds(ticket.assurance))


def _reason(bereft: Bereft) -> str:
    gone = ", ".join(f"{field.replace('_', ' ')} {bereft.gone[field]}" for field in FIELDS if field in bereft.heirs)
    return f"no longer there: {gone}"


def _hand_over(draft: Draft, heir: str) -> Draft:
    """Give the request to the heir, or else to whom the queue would give a new one, or to nobody: then it is in the queue's lists."""
    former, member = draft.ticket.assignee or "", _successor(draft, heir)
    if member is None:
        changed = replace(draft, ticket=replace(draft.ticket, assignee=None))
        return changed.add_event("assignee_changed", ACTOR, f"from {former} to nobody")
    if not draft.allows(Trigger.ASSIGNED):  # a closed request is in nobody's way
        return draft
    draft = draft.apply(Trigger.ASSIGNED, ACTOR, f"to {member.address}")
    draft = replace(draft, ticket=replace(draft.ticket, assignee=member.address))
    facts = staff_facts(
        draft,
        draft.ticket.assurance,
        outcome=(
            sentence("{reference} is assigned to {name}.", reference=draft.ticket.reference, name=member.name),
            sentence(NOT_THERE, address=former),
        ),
    )
    return draft.notify_staff(member, Notice.ASSIGNMENT, facts)


def _successor(draft: Draft, heir: str) -> StaffMember | None:
    context, ticket = draft.context, draft.ticket
    named = context.staff_member(heir) if heir else None
    return named or assignee_for(ticket.queue, context.known.staff, context.policy, context.now)[0]
