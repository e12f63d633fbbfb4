"""Decide about mail that no person wrote just now: automatic responses, delivery reports, complaints. It moves no ticket and gets
no answer.
"""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.machines.undelivered import record_failure, record_failure_elsewhere, ticket_of
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.ping_pong import reference_in
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import SentLetter
from helpdesk.threading.model.letter_state import NEVER_ARRIVED
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.promises.silence import away_until
from helpdesk.threading.reading.parsed import Kind, ReportedRecipient
from helpdesk.threading.trust.addresses import canonical
from helpdesk.threading.trust.tokens import Purpose

HARMLESS = "not-spam"  # feedback type of a reader who moves a letter out of the spam folder (RFC 6430)


def note_automatic(arrival: Arrival) -> Decision:
    """Record an automatic response in the ticket's history and mention it in the next letter to the team. It moves nothing.

    An automatic response to a letter's return address belongs to that letter's ticket, which the token of the address names.
    """
    incoming, context = arrival.incoming, arrival.context
    kind = incoming.kind
    name = incoming.gesture.kind.value if incoming.gesture else kind.value.replace("_", " ")
    letter = _letter(incoming, context)
    of_letter = ticket_of(letter, context.known) if letter else None
    ticket = arrival.match.ticket or of_letter
    if ticket is None:
        return Decision(Disposition.NOTED, f"{name} that belongs to no ticket", arrival.grounds)
    writer = incoming.author
    said = f"{name}: {incoming.gesture.shown}" if incoming.gesture else incoming.text
    draft = Draft(context, ticket, ticket.version).add_event(kind.value, writer, f"{incoming.subject}\n{said}")
    if arrival.match.proved or (of_letter is not None and of_letter.id == ticket.id):
        draft = _learn_from_machine(draft, incoming)
    return draft.decision(Disposition.NOTED, f"{name}: recorded, it moves nothing", arrival.grounds)


def _learn_from_machine(draft: Draft, incoming: Incoming) -> Draft:
    """Record what an automatic response says: the other system's reference, and until when a customer is away.

    Both change later letters about the request, so they are believed only in a mail that may move the ticket.
    """
    customer = draft.ticket.participant_at(incoming.author, Role.CUSTOMER) if incoming.identity.may_be_customer else None
    if customer is None or customer.state is not ParticipantState.ACTIVE:
        return draft
    theirs = reference_in(incoming.subject, draft.ticket.reference) if incoming.kind is Kind.AUTOMATIC else ""
    if theirs and not draft.ticket.their_reference:
        draft = replace(draft, ticket=replace(draft.ticket, their_reference=theirs))
    return _record_absence(draft, incoming)


def _record_absence(draft: Draft, incoming: Incoming) -> Draft:
    """Record a customer's absence, so that reminders and closings wait until they return."""
    returns_on = incoming.out_of_office.returns_on if incoming.out_of_office else None
    back = away_until(returns_on, draft.context.now, draft.context.policy) if returns_on is not None else None
    if back is None:
        return draft
    draft = replace(draft, ticket=replace(draft.ticket, waiting=replace(draft.ticket.waiting, away_until=back)))
    return draft.add_event("away", incoming.author, f"until {back:%Y-%m-%d %H:%M} UTC")


def decide_report(arrival: Arrival) -> Decision:
    """Carry out a delivery report.

    Anybody can write one, so it counts only from the null path, and only at the return address of the letter itself or with the letter's
    own Message-ID in what it returns. Relays that replace the return path send reports to other addresses of the desk.
    """
    incoming, context = arrival.incoming, arrival.context
    letter = _letter(incoming, context) or next(_letters_returned(incoming, context), None)
    ticket = ticket_of(letter, context.known) if letter else None
    doubt = _doubt(incoming, letter, context)
    if letter is None or ticket is None or doubt:
        reason = doubt or "a report that is tied to no letter of ours"
        return Decision(Disposition.REPORTED, reason, arrival.grounds)
    draft = Draft(context, ticket, ticket.version)
    own = _recipients_of(incoming, letter)
    if not own:
        draft = record_failure_elsewhere(draft, letter, _others_failed(incoming))
    for recipient in own:
        if recipient.action == "failed" and letter.state not in NEVER_ARRIVED and not draft.reach.failed_letters:
            draft = record_failure(draft, letter, recipient.status, recipient.diagnostic)
        else:
            detail = f"{letter.notice}: {recipient.status} {recipient.diagnostic}".strip()
            draft = draft.add_event(f"delivery_{recipient.action}", letter.recipient, detail)
    return draft.decision(
        Disposition.REPORTED,
        f"a delivery report on a letter of {ticket.reference}",
        arrival.grounds,
    )


def decide_complaint(arrival: Arrival) -> Decision:
    """Stop automatic letters to a reader who called a letter spam (RFC 5965), for a while. Letters that people write still go
    there.

    The Message-ID of the returned letter is enough proof. Only its reader and their provider know it, and a complaint stops
    letters to that reader alone.
    """
    incoming, context = arrival.incoming, arrival.context
    letter = _letter(incoming, context) or next(_letters_returned(incoming, context), None)
    ticket = ticket_of(letter, context.known) if letter else None
    if letter is None or ticket is None:
        return Decision(
            Disposition.REPORTED,
            "a complaint about no letter of ours: it opens no ticket",
            arrival.grounds,
        )
    draft = Draft(context, ticket, ticket.version)
    draft = draft.add_event("complaint", letter.recipient, f"{letter.notice}: {incoming.report.feedback or 'abuse'}")
    if not letter.for_staff and incoming.report.feedback != HARMLESS:
        until = context.now + context.policy.suppression.complaint
        told = incoming.report.feedback or "abuse"
        draft = draft.suppress(Suppression(letter.recipient, SuppressionReason.COMPLAINT, told, context.now, until, letter.id))
    return draft.decision(Disposition.REPORTED, f"a complaint about a letter of {ticket.reference}", arrival.grounds)


def _letter(incoming: Incoming, context: Context) -> SentLetter | None:
    """The letter to whose return address the mail came; nothing else gives a report authority."""
    bounces = (token for token in incoming.tokens if token.purpose is Purpose.BOUNCE)
    return next((context.known.letters[token.subject] for token in bounces if token.subject in context.known.letters), None)


def _letters_named(incoming: Incoming, context: Context) -> list[SentLetter]:
    """The letters that a report names, by envelope id or by the message that it returns."""
    return [context.known.letters[number] for number in incoming.report.named_letters if number in context.known.letters]


def _letters_returned(incoming: Incoming, context: Context) -> Iterator[SentLetter]:
    """The letter that a report or a complaint returns.

    The whole Message-ID must be the letter's own. The number after the token is no secret, and many people have a token of some
    letter.
    """
    return (
        letter for letter in _letters_named(incoming, context) if letter.message_id.lower() == incoming.report.returned_id.lower()
    )


def _doubt(incoming: Incoming, letter: SentLetter | None, context: Context) -> str:
    """Why a report has no effect; "" if it may be believed."""
    named = _letters_named(incoming, context)
    if letter is None and named:  # by a number, which is no secret
        return f"a report about letter {named[0].id}, but not at that letter's return address: anybody could have written it"
    if letter is None or incoming.report.delivery is None:
        return "a report that is tied to no letter of ours"
    if not incoming.null_path:
        return f"a report about letter {letter.id} that did not come from the null path, as mail systems send them"
    if named and all(value.id != letter.id for value in named):
        return f"a report at the return address of letter {letter.id} that names letter {named[0].id}"
    if not _recipients_of(incoming, letter) and not _others_failed(incoming):
        return f"a report at the return address of letter {letter.id} about other recipients than {letter.recipient}"
    return ""


def _others_failed(incoming: Incoming) -> tuple[ReportedRecipient, ...]:
    """The recipients that a report says have failed. Beside the letter's own they are the targets of a forward."""
    known = incoming.report.delivery.recipients if incoming.report.delivery else ()
    return tuple(recipient for recipient in known if recipient.action == "failed")


def _recipients_of(incoming: Incoming, letter: SentLetter) -> list[ReportedRecipient]:
    """The report's entries about the letter's own recipient."""
    known = incoming.report.delivery.recipients if incoming.report.delivery else ()
    return [address for address in known if (canonical(address.address) or address.address.strip().lower()) == letter.recipient]
