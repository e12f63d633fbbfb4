"""Decide what follows when a timer is due: a target warns or, once missed, escalates; silence leads to reminders and a closing."""

from dataclasses import replace

from helpdesk.threading.decisions.time.permissions import decide_permissions
from helpdesk.threading.decisions.time.reminders import (
    ACTOR,
    decide_closing,
    decide_quiet_closing,
    decide_reminder,
    decide_settling,
    may_close_by_silence,
    notify_customers_by_facts,
)
from helpdesk.threading.letters.order import CustomerFacts, Handler, Late
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds, ReleaseOrder
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permissions import open_permissions
from helpdesk.threading.lifecycle.routing import escalation_assignee
from helpdesk.threading.lifecycle.team import (
    escalate_ticket,
    handler_after,
    line_about_customer,
    notify_team,
    staff_facts,
    tell_former_assignee,
)
from helpdesk.threading.model.held import HoldReason, Release, ReleaseWord
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.targets import ANSWERS, Look, in_words, look, next_answer, next_look, with_given_date

SILENT = (TimerKind.CLOSE, TimerKind.SILENCE)


def decide_timer(ticket: Ticket, kind: TimerKind, context: Context) -> Decision:
    """Carry out one due timer. If the ticket has moved on meanwhile, the timer ends without effect."""
    draft = Draft(context, ticket, ticket.version)
    if kind is TimerKind.TARGET:
        return _check_targets(draft, kind)
    if kind is TimerKind.REMIND and ticket.is_asked and draft.allows(Trigger.REMINDED):
        return decide_reminder(draft)
    if kind is TimerKind.SETTLE and ticket.is_answered and draft.allows(Trigger.SETTLED):
        return decide_settling(draft)
    if kind is TimerKind.SILENCE and ticket.is_self_served:
        return decide_quiet_closing(draft)
    if kind in SILENT and may_close_by_silence(ticket) and draft.allows(Trigger.SILENCE_ELAPSED):
        return decide_closing(draft)
    if kind is TimerKind.WAKE and ticket.waiting.snoozed_until is not None and draft.allows(Trigger.WOKEN):
        return _wake(draft)
    if kind is TimerKind.PERMISSION and open_permissions(ticket):
        return decide_permissions(draft)
    if kind is TimerKind.LATER and ticket.scheduled:
        return _carry_out_now(draft)
    return _drop_timer(draft, kind)


def _carry_out_now(draft: Draft) -> Decision:
    """Let the mail go whose time has come. The guards look at it once more, so nothing of an overruled doubt about news is kept."""
    ticket = draft.ticket
    row, *others = sorted(ticket.scheduled, key=lambda row: row.at)
    draft = replace(draft, ticket=replace(ticket, scheduled=tuple(others)))
    draft = draft.add_event("scheduled_time", row.by, f"{row.at:%Y-%m-%d %H:%M} UTC")
    draft = draft.set_timer(TimerKind.LATER, others[0].at) if others else draft
    decision = draft.decision(Disposition.NOTED, f"the time of a mail of {row.by} has come", Grounds(ticket.assurance))
    member = draft.context.staff_member(row.by)
    let = Release(row.by, ReleaseWord.SEND, "", (HoldReason.LATER,), addresses=member.addresses if member else ())
    return replace(decision, release=ReleaseOrder(row.inbound_id, let, if_held=True))


def _drop_timer(draft: Draft, kind: TimerKind) -> Decision:
    return Decision(Disposition.NOTED, f"{kind.value.replace('_', ' ')} no longer matters", Grounds(draft.ticket.assurance))


def _check_targets(draft: Draft, kind: TimerKind) -> Decision:
    """Escalate once, however many targets were missed during an outage, and send no warning together with a miss."""
    found = look(draft.ticket, draft.context.policy, draft.context.now)
    if found.missed and draft.allows(Trigger.TARGET_MISSED):
        return _escalate(draft.set_clocks(found.clocks), found)
    if found.warned:
        return _warn(draft.set_clocks(found.clocks), found)
    if next_look(draft.ticket, draft.context.policy) is None:
        return _drop_timer(draft, kind)
    later = draft.set_clocks(draft.ticket.clocks, anew=True)
    return later.decision(Disposition.NOTED, f"no target of {draft.ticket.reference} is due yet", Grounds(draft.ticket.assurance))


def _warn(draft: Draft, found: Look) -> Decision:
    ticket, names = draft.ticket, in_words(found.warned)
    draft = replace(draft.add_event("target_warning", ACTOR, names), only_warns=True)
    draft = notify_team(draft, Notice.TARGET_WARNING, staff_facts(draft, ticket.assurance))
    return draft.decision(Disposition.NOTED, f"{names} of {ticket.reference} is due soon", Grounds(ticket.assurance))


def _escalate(draft: Draft, found: Look) -> Decision:
    ticket, context = draft.ticket, draft.context
    senior = escalation_assignee(ticket.escalation_level + 1, ticket.queue, ticket.assignee, context.known.staff, context.now)
    draft = escalate_ticket(draft, senior).apply(
        Trigger.TARGET_MISSED, ACTOR, f"{in_words(found.missed)}; to {senior.address if senior else 'nobody'}"
    )
    outcome: tuple[Sentence, ...] = (sentence("{reference} is at the highest level already.", reference=ticket.reference),)
    if draft.ticket.escalation_level > ticket.escalation_level:  # at the highest level the customer has been told already
        before, draft = draft, _apologize(draft, found, handler_after(ticket, senior))
        outcome = (
            sentence(
                "{reference} is now at level {level}.",
                reference=ticket.reference,
                level=draft.ticket.escalation_level,
            ),
            line_about_customer(draft, before),
        )
    facts = staff_facts(draft, ticket.assurance, outcome=outcome)
    draft = tell_former_assignee(
        notify_team(draft, Notice.TARGET_MISSED, facts), ticket.assignee, Notice.TARGET_MISSED, facts, ACTOR
    )
    return draft.decision(
        Disposition.THREADED, f"{in_words(found.missed)} of {ticket.reference} is late", Grounds(ticket.assurance)
    )


def _apologize(draft: Draft, found: Look, handler: Handler) -> Draft:
    """Tell the customer that the desk is late, and promise the next answer, which gets a clock."""
    context, before = draft.context, draft
    late = Late.ANSWER if ANSWERS.intersection(found.missed) else Late.SOLUTION
    timeline = next_answer(draft.ticket, context.policy, context.now)
    facts = CustomerFacts(account=draft.ticket.account, timeline=timeline, late=late, handler=handler)
    draft = notify_customers_by_facts(draft, Notice.ESCALATION, facts)
    written = any(not letter.for_staff for letter in draft.letters[len(before.letters) :])
    return draft.set_clocks(with_given_date(draft.ticket, timeline, context.now)) if written and timeline is not None else draft


def _wake(draft: Draft) -> Decision:
    draft = draft.apply(Trigger.WOKEN, ACTOR)
    draft = notify_team(draft, Notice.WOKEN, staff_facts(draft, draft.ticket.assurance))
    return draft.decision(
        Disposition.THREADED, f"{draft.ticket.reference} is back after its snooze", Grounds(draft.ticket.assurance)
    )
