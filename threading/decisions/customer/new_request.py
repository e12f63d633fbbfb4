"""Open a ticket for a customer's mail or platform reply."""

from dataclasses import replace

from helpdesk.config.calendar import is_working, next_working
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.duplicates import remark_on_duplicate
from helpdesk.threading.decisions.customer.message import as_read, message_of, unknown_parents, with_marks
from helpdesk.threading.decisions.customer.other_machine import PING_PONG, stop_automatic_letters
from helpdesk.threading.decisions.customer.people import add_copied, writer_of
from helpdesk.threading.decisions.customer.reachable import lift_if_reachable
from helpdesk.threading.decisions.customer.team_letter import tell_team, warnings_about
from helpdesk.threading.decisions.time.outbreak import incident_like, remark_on, report_of
from helpdesk.threading.letters.order import CustomerFacts, LetterWords
from helpdesk.threading.lifecycle.alarm import alarm_of
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision, Opening, Triaged
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import refuses_automatic_letter
from helpdesk.threading.lifecycle.new_ticket import begin_ticket
from helpdesk.threading.lifecycle.ping_pong import is_ping_pong
from helpdesk.threading.lifecycle.ready import rule_for_customer
from helpdesk.threading.lifecycle.relations import colleague_with_related, related_tickets, remark_on_joining
from helpdesk.threading.lifecycle.self_service import nobody_answers, time_end
from helpdesk.threading.lifecycle.table import rule_for
from helpdesk.threading.lifecycle.team import first_response_due
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.signature_images import signature_images
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import joined, sentence
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.busy import Measured, measure
from helpdesk.threading.promises.targets import calendar_of, first_clocks


def open_ticket(arrival: Arrival, reason: str) -> Decision:
    """Open a new request: confirm it to the customer, triage and assign it, and tell the team."""
    context = arrival.context
    incoming = as_read(with_marks(arrival.incoming, context))
    machine = is_ping_pong(incoming, context)
    refusal = PING_PONG if machine else refuses_automatic_letter(incoming)
    draft = begin_request(
        incoming,
        context,
        incoming.author,
        reason,
        automatic_letters=refusal is None,
        related=arrival.match.related,
        self_service=refusal is None,
    )
    draft = stop_automatic_letters(draft, incoming) if machine else draft
    draft = _confirm_without_answer(draft, incoming) if draft.ticket.is_self_served else _confirm(draft, incoming)
    refusal = refusal or next(
        (letter.limits.suppressed for letter in draft.letters if letter.limits.suppressed and not letter.for_staff), None
    )
    warnings = (
        *warnings_about(incoming, draft),
        *((sentence("No confirmation was sent: {why}.", why=refusal),) if refusal else ()),
    )
    report = report_of(draft, incoming.text)
    incident = incident_like(report, context.known.incidents) if report else None
    remarks = (
        *((remark_on(incident, draft),) if incident else ()),
        *remark_on_duplicate(draft, incoming),
        *remark_on_joining(draft.ticket, arrival.match.related, context),
    )
    if not draft.ticket.is_self_served:
        draft = tell_team(_ask_for_missing(draft, incoming), incoming, warnings, remarks=remarks)
    return replace(draft, opening=replace(draft.opening, report=report)).decision(
        Disposition.OPENED,
        reason + (f"; no confirmation: {refusal}" if refusal else ""),
        arrival.grounds,
        Contribution(
            message=message_of(incoming, context, of_participant=writer_of(incoming, draft.ticket) is not None),
            related=arrival.match.related,
            seen_ids=unknown_parents(incoming, context),
            images=signature_images(incoming, context.known.contact),
        ),
    )


def _confirm(draft: Draft, incoming: Incoming) -> Draft:
    """Send the confirmation. In a busy period it tells the measured waiting time to everybody who gets more than fixed text."""
    queue, context = draft.ticket.queue, draft.context
    load = context.known.queues.get(queue)
    now = measure(queue, load, context.now, context.policy) if load else None
    facts = confirmation_facts(incoming, draft, now)
    draft = draft.notify_customers(
        Notice.CONFIRMATION, facts, automatic=True, fixed_text=incoming.correspondent_assurance not in SURE
    )
    if now is None:
        return draft
    tells_figures = facts.measured is not None and any(
        not letter.limits.suppressed and not letter.fixed_text for letter in draft.letters
    )
    return replace(draft, opening=replace(draft.opening, measured=replace(now, told=tells_figures)))


def _confirm_without_answer(draft: Draft, incoming: Incoming) -> Draft:
    """Tell the customer that no person answers. Who cannot be told so waits for a person as on every plan."""
    facts = CustomerFacts(received_attachments=_names_of_files(incoming), account=draft.ticket.account)
    fixed = incoming.correspondent_assurance not in SURE
    told = draft.notify_customers(Notice.SELF_SERVICE, facts, automatic=True, fixed_text=fixed)
    if any(not letter.limits.suppressed for letter in told.letters if not letter.for_staff):
        return time_end(told)
    return told.apply(Trigger.TRIAGED, "policy", "No letter says that no person answers, so somebody is to answer")


def begin_request(
    incoming: Incoming,
    context: Context,
    actor: str,
    reason: str,
    *,
    automatic_letters: bool | None = None,
    related: tuple[int, ...] = (),
    self_service: bool = False,
) -> Draft:
    """A submitted and triaged ticket for what somebody wrote. No letter is ordered yet.

    `related` are ids of tickets to which it is linked. Whoever has one of these in hand takes the new one too, where they are at work.
    With `self_service` it waits for nobody if no person answers on its plan.
    """
    ticket, triage = begin_ticket(incoming, context, automatic_letters=automatic_letters)
    alone = self_service and nobody_answers(ticket, incoming, context.policy)
    ticket, triage = _without_assignee(ticket, triage) if alone else _with_colleague_of_related(ticket, triage, related, context)
    draft = Draft(context, ticket, None, incoming.author, incoming.message_id, opening=Opening(triage), related=related)
    draft = _record_opening(draft, actor, reason)
    draft = lift_if_reachable(draft, incoming)
    draft = add_copied(draft, incoming)
    draft = draft.set_clocks(first_clocks(incoming.waits_since))
    return draft.apply(Trigger.SELF_SERVED if alone else Trigger.TRIAGED, "policy", joined(triage.reasons, "\n"))


def _without_assignee(ticket: Ticket, triage: Triaged) -> tuple[Ticket, Triaged]:
    reasons = (*triage.reasons[:-1], sentence("Assignee nobody: plan {plan} has no answers by a person", plan=ticket.plan))
    return replace(ticket, assignee=None), replace(triage, assignee=None, reasons=reasons)


def _with_colleague_of_related(
    ticket: Ticket, triage: Triaged, related: tuple[int, ...], context: Context
) -> tuple[Ticket, Triaged]:
    found = colleague_with_related(ticket, related_tickets(ticket, related, context), context) if related else None
    if found is None:
        return ticket, triage
    member, other = found
    reasons = (
        *triage.reasons[:-1],
        sentence("Assignee {name}: has {other} in hand, to which this is linked", name=member.name, other=other.reference),
    )
    return replace(ticket, assignee=member.address), replace(triage, assignee=member.address, reasons=reasons)


def _ask_for_missing(draft: Draft, incoming: Incoming) -> Draft:
    """Ask the customer for missing facts, if the policy says so. Unproved customers and machines are not asked.

    The team still gets the letter about the new ticket, so that row of the lifecycle table stays the last one.
    """
    triage = draft.opening.triage
    question = triage.question if triage else ""
    if (
        not draft.context.policy.triage.ask
        or not question
        or incoming.correspondent_assurance not in SURE
        or not draft.ticket.automatic_letters
    ):
        return draft
    *earlier, told = draft.rules
    asked = draft.apply(Trigger.INFORMATION_REQUESTED, "policy", question)
    asked = asked.notify_customers(
        Notice.INFORMATION_REQUEST, CustomerFacts(account=draft.ticket.account), automatic=True, words=LetterWords(question)
    )
    return replace(asked, rules=(*earlier, asked.rules[-1], told))


def _record_opening(draft: Draft, actor: str, detail: str) -> Draft:
    """Record the opening, the only transition of the lifecycle table that has no status before it."""
    rule = rule_for(None, Trigger.CUSTOMER_WROTE)
    assert rule is not None and rule.to_customer is Notice.CONFIRMATION
    return replace(draft, rules=(rule,)).add_event("opened", actor, detail, None, rule.target)


def confirmation_facts(incoming: Incoming, draft: Draft, now: Measured | None = None) -> CustomerFacts:
    """The facts of a confirmation. In a busy period they contain the measured time, and omit a time of the plan that would be earlier.

    They omit a time that is over too: the mail has waited somewhere.
    """
    ticket, policy = draft.ticket, draft.context.policy
    calendar, promised_at = calendar_of(ticket, policy), first_response_due(ticket, policy)
    told = now if now and now.busy and now.ninetieth_at else None
    earliest = told.ninetieth_at if told and told.ninetieth_at else draft.context.now
    return CustomerFacts(
        measured=told,
        received_attachments=_names_of_files(incoming),
        answer_by=promised_at if promised_at and promised_at >= earliest else None,
        opens_at=None if is_working(draft.context.now, calendar) else next_working(draft.context.now, calendar),
        dedicated_address=policy.dedicated_address(ticket.account, ticket.support_address),
        needs_person=alarm_of(incoming, policy) is not None,
        rule=rule_for_customer(incoming, policy),
        account=draft.ticket.account,
        encrypted=bool(incoming.doubts.encryption),
        megabytes=incoming.doubts.megabytes,
    )


def _names_of_files(incoming: Incoming) -> tuple[str, ...]:
    return tuple(attachment.filename for attachment in incoming.attachments if attachment.is_file)
