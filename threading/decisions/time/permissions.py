"""Decide what follows when a question for permission waits: it is repeated once, halfway, and ends without an answer."""

from dataclasses import replace

from helpdesk.threading.decisions.time.reminders import ACTOR
from helpdesk.threading.letters.order import CustomerFacts, LetterWords
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permissions import changed, line_about, next_permission_look, open_permissions
from helpdesk.threading.lifecycle.team import notify_team, staff_facts
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.permission import NO_PROOF, Permission, PermissionAnswer
from helpdesk.threading.model.status import Status, Trigger
from helpdesk.threading.model.timer import TimerKind


def decide_permissions(draft: Draft) -> Decision:
    """Repeat or end each question that is due, and look again at the next one's time. The caller has checked that one is open."""
    now = draft.context.now
    ended = [row for row in open_permissions(draft.ticket) if row.until <= now]
    again = [row for row in open_permissions(draft.ticket) if row not in ended and not row.reminded and row.remind_at <= now]
    for row in ended:
        draft = _end(draft, row)
    for row in again:
        draft = _remind(draft, row)
    if ended and draft.allows(Trigger.PERMISSION_EXPIRED):
        lines = tuple(line_about(row) for row in draft.ticket.permissions if row.number in {over.number for over in ended})
        draft = draft.apply(Trigger.PERMISSION_EXPIRED, ACTOR)
        draft = notify_team(draft, Notice.PERMISSION_ANSWER, staff_facts(draft, draft.ticket.assurance, outcome=lines))
    look = next_permission_look(draft.ticket)
    draft = draft.set_timer(TimerKind.PERMISSION, look) if look is not None else draft
    reason = f"{draft.ticket.reference}: {len(again)} questions for permission repeated, {len(ended)} ended"
    return draft.decision(Disposition.NOTED, reason, Grounds(draft.ticket.assurance))


def _end(draft: Draft, row: Permission) -> Draft:
    over = row.sealed(PermissionAnswer.EXPIRED, draft.context.now, NO_PROOF, draft.ticket.reference)
    draft = replace(draft, ticket=changed(draft.ticket, over))
    return draft.add_event("permission_ended", ACTOR, f"{row.number}: no answer; record {over.record}")


def _remind(draft: Draft, row: Permission) -> Draft:
    """Repeat the question to whoever was asked, unless they are not the requester any more or the ticket is finished."""
    requester = draft.ticket.participant(draft.ticket.requester)
    draft = replace(draft, ticket=changed(draft.ticket, replace(row, reminded=True)))
    if requester is None or requester.address != row.asked_of or draft.ticket.status in (Status.RESOLVED, Status.CLOSED):
        return draft
    draft = draft.add_event("permission_reminded", ACTOR, str(row.number))
    facts = CustomerFacts(account=draft.ticket.account, permission=replace(row, reminded=True))
    fixed = draft.ticket.assurance not in SURE
    return draft.notify(requester, Notice.PERMISSION_REQUEST, facts, LetterWords(row.text), automatic=True, fixed_text=fixed)
