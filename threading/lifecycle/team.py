"""Letters to the team: who gets them, and what their context block says."""

from dataclasses import replace
from datetime import datetime

from helpdesk.config.policy import Policy
from helpdesk.threading.letters.order import NO_WORDS, Handler, LetterWords, StaffFacts, TriageFacts
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import has_complained, why_suppressed
from helpdesk.threading.lifecycle.permissions import lines_about_permissions
from helpdesk.threading.lifecycle.routing import is_away
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.attachment import Attachment, numbered
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.sentence import Sentence, plain, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import due_of, running
from helpdesk.threading.trust.addresses import is_unread_address

UNREACHED = "Your answer will not reach {address} by mail: {why}."
UNREACHED_UNTIL_LIFTED = (
    'Your answer will not reach {address} by mail: {why}. "#unsuppress {address}" lets letters go there again.'
)


def recipients_of_answer(ticket: Ticket) -> tuple[Sentence, ...]:
    """The readers of a public answer. A customer without an address reads it in the platform, if they have an account there."""
    active = (
        person for person in ticket.participants if person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE
    )
    return tuple(
        plain(person.address) if person.address else sentence("the platform inbox")
        for person in active
        if person.address or ticket.account is not None
    )


def staff_facts(
    draft: Draft,
    assurance: Assurance,
    *,
    warnings: tuple[Sentence, ...] = (),
    outcome: tuple[Sentence, ...] = (),
    attachments: tuple[Attachment, ...] = (),
) -> StaffFacts:
    """The context block of a letter about the draft's ticket."""
    ticket, context, triage = draft.ticket, draft.context, draft.opening.triage
    old = tuple(attachment for attachment in attachments if attachment.number)
    attachments = (*old, *numbered((attachment for attachment in attachments if not attachment.number), ticket.files))
    customer = ticket.participant(ticket.requester) or Participant(0, Role.CUSTOMER, "", "")
    return StaffFacts(
        customer=customer,
        account=ticket.account,
        assurance=assurance,
        answer_goes_to=recipients_of_answer(ticket),
        targets=running(ticket, context.policy),
        last_messages=context.conversation(ticket).history,
        attachments=tuple(attachment.filename for attachment in attachments if attachment.is_file),
        file_numbers=tuple(attachment.number for attachment in attachments if attachment.is_file),
        kept=tuple(
            sentence(
                "{filename} ({why_kept}, #file {number})",
                filename=attachment.filename,
                why_kept=_why_kept(attachment),
                number=attachment.number,
            )
            for attachment in attachments
            if not attachment.goes_along
        ),
        permissions=lines_about_permissions(ticket, context.policy),
        warnings=(*warnings, *_unreachable(draft), *((away,) if (away := line_about_absence(ticket, context)) else ())),
        outcome=outcome,
        remarks=tuple(
            sentence(
                "An automatic answer came from {author}, {at}: {text}",
                author=answer.author or sentence("nobody"),
                at=answer.at,
                text=answer.text,
            )
            for answer in context.conversation(ticket).robots
        ),
        triage=TriageFacts(triage.reasons, triage.missing, triage.question) if triage else None,
    )


def _why_kept(attachment: Attachment) -> Sentence:
    return sentence("image of the signature") if attachment.recurring else sentence("made by a program")


def _unreachable(draft: Draft) -> tuple[Sentence, ...]:
    """Warnings about readers whom an answer will not reach."""
    context = draft.context
    addresses = [address for address in recipients_of_answer(draft.ticket) if "@" in address]
    stopped = [
        sentence(UNREACHED if is_unread_address(address) else UNREACHED_UNTIL_LIFTED, address=address, why=why)
        for address in addresses
        if (why := why_suppressed(context, address))
    ]
    wary = [
        sentence("{address} has called an earlier letter spam: only what people write goes there.", address=address)
        for address in addresses
        if has_complained(context, address)
    ]
    return (*stopped, *wary)


def first_response_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When the first answer is due; None where it was given, no time is promised, or the clock pauses."""
    return due_of(TargetKind.FIRST_RESPONSE, ticket, policy)


def team_of(draft: Draft, without: str = "") -> tuple[StaffMember, ...]:
    """The staff who are told about a ticket: its assignee, and while they are away those who stand in; else its queue, else everybody."""
    context, ticket = draft.context, draft.ticket
    assignee = context.staff_member(ticket.assignee)
    queue = tuple(member for member in context.known.staff if ticket.queue in member.queues)
    members = (assignee, *stand_ins(assignee, ticket, context)) if assignee else queue or context.known.staff
    return tuple(member for member in members if member.address != without)


def stand_ins(member: StaffMember, ticket: Ticket, context: Context) -> tuple[StaffMember, ...]:
    """Who is told about a ticket while this person is away: their deputy, or else the others of its queue, of those who are there.

    Nobody where the person is there.
    """
    if not is_away(member, context.now):
        return ()
    deputy = context.staff_member(context.policy.deputy_of(member.address))
    if deputy is not None and deputy.address != member.address and not is_away(deputy, context.now):
        return (deputy,)
    others = (other for other in context.known.staff if ticket.queue in other.queues and other.address != member.address)
    return tuple(other for other in others if not is_away(other, context.now))


def line_about_absence(ticket: Ticket, context: Context) -> Sentence | None:
    """A line about an assignee who is away, and who is told meanwhile; None while they are there or nobody is assigned."""
    assignee = context.staff_member(ticket.assignee)
    if assignee is None or assignee.away_until is None or not is_away(assignee, context.now):
        return None
    told = ", ".join(member.name for member in stand_ins(assignee, ticket, context)) or sentence("nobody else")
    return sentence(
        "{name}, to whom this is assigned, is away until {back}. Told meanwhile: {told}.",
        name=assignee.name,
        back=assignee.away_until,
        told=told,
    )


def notify_team(draft: Draft, notice: Notice, facts: StaffFacts, words: LetterWords = NO_WORDS, *, without: str = "") -> Draft:
    """Write the same letter to each of the team, except to the member at the address `without`."""
    for member in team_of(draft, without):
        draft = draft.notify_staff(member, notice, facts, words)
    return draft


def watchers_of(draft: Draft, without: str = "") -> tuple[StaffMember, ...]:
    """The staff who watch the ticket, and are not told as its team anyway."""
    team = {member.address for member in team_of(draft)} | {without}
    watchers = (draft.context.staff_member(address) for address in draft.ticket.watchers)
    return tuple(member for member in watchers if member is not None and member.address not in team)


def notify_watchers(draft: Draft, notice: Notice, facts: StaffFacts, words: LetterWords, *, without: str = "") -> Draft:
    """Write the same letter to each watcher, except to the member at the address `without`."""
    for member in watchers_of(draft, without):
        draft = draft.notify_staff(member, notice, facts, words)
    return draft


def colleagues_of(draft: Draft, author: str) -> tuple[StaffMember, ...]:
    """The staff who are told about an internal note: the assignee, the watchers, and everybody who has had a letter about the ticket, except its author."""
    ticket = draft.ticket
    concerned = {person.address for person in ticket.participants if person.role is Role.STAFF} | {
        ticket.assignee,
        *ticket.watchers,
    }
    return tuple(member for member in draft.context.known.staff if member.address in concerned and member.address != author)


def handler_after(ticket: Ticket, member: StaffMember | None) -> Handler:
    """With whom a ticket is after its next escalation, as its customer reads it. `member` is who takes it."""
    if member is None or member.address == ticket.assignee:
        return Handler.TEAM
    return Handler.HIGHER if ticket.escalation_level else Handler.SENIOR


def line_about_customer(draft: Draft, before: Draft) -> Sentence:
    """A line of a letter to staff: whether a letter to the customer has been ordered since an earlier draft."""
    new = draft.letters[len(before.letters) :]
    told = any(not letter.for_staff and not letter.limits.suppressed for letter in new)
    return sentence("The customer has been told.") if told else sentence("The customer has not been told.")


def tell_former_assignee(draft: Draft, former: str | None, notice: Notice, facts: StaffFacts, actor: str) -> Draft:
    """Tell whoever had an escalated ticket that it has moved to somebody else, unless they moved it themselves."""
    member, now = draft.context.staff_member(former), draft.context.staff_member(draft.ticket.assignee)
    if member is None or now is None or former in (draft.ticket.assignee, actor):
        return draft
    line = sentence(
        "{reference} was assigned to you and is now assigned to {name}.", reference=draft.ticket.reference, name=now.name
    )
    return draft.notify_staff(member, notice, replace(facts, outcome=(*facts.outcome, line)))


def escalate_ticket(draft: Draft, member: StaffMember | None) -> Draft:
    """Raise the escalation level by one, and assign a senior where there is one."""
    level = min(draft.ticket.escalation_level + 1, draft.context.policy.escalation.highest_level)
    assignee = member.address if member else draft.ticket.assignee
    return replace(draft, ticket=replace(draft.ticket, escalation_level=level, assignee=assignee))
