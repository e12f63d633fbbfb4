"""Continue a ticket with a customer's reply."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.consent import add_stranger
from helpdesk.threading.decisions.customer.incident import detach
from helpdesk.threading.decisions.customer.message import as_read, message_of, unknown_parents, with_marks
from helpdesk.threading.decisions.customer.other_machine import PING_PONG, stop_automatic_letters
from helpdesk.threading.decisions.customer.people import add_copied, writer_of
from helpdesk.threading.decisions.customer.reachable import lift_if_reachable
from helpdesk.threading.decisions.customer.reply_to_all import joins_as_colleague, with_colleague
from helpdesk.threading.decisions.customer.team_letter import notify_of_words, tell_team, warnings_about
from helpdesk.threading.letters.order import CustomerFacts, Ending
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import refuses_automatic_letter
from helpdesk.threading.lifecycle.letter_language import follow_language
from helpdesk.threading.lifecycle.ping_pong import is_ping_pong
from helpdesk.threading.lifecycle.self_service import is_left_alone, time_end
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.matching.signature_images import signature_images
from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status, Trigger
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import due_of
from helpdesk.threading.sorting.gratitude import is_acknowledgement, is_only_thanks, says_trouble
from helpdesk.threading.trust.tokens import Purpose

DONE = frozenset({Status.RESOLVED, Status.CLOSED})
LONGEST_SHOWN = 300  # characters of an acknowledgement in the history
UNPROVED = "Not proved to be from {author}: {reason}. The mail only names this request, so it has changed nothing about it."
PRESSED_EARLIER = "{author} pressed “It is solved” in the letter about an earlier resolution. The request stays as it is."
PRESSED_BY_OTHER = (
    "{author}, who takes no part in this request, pressed “It is solved” in a letter to {holder}. The request stays as it is."
)
PARTED = sentence("For this customer it is not over: the request was taken out of its incident and goes on by itself.")


def continue_ticket(arrival: Arrival, ticket: Ticket, *, remarks: tuple[Sentence, ...] = ()) -> Decision:
    """Continue a conversation with a reply. A reply from an address that takes no part is kept and marked, and is not answered.

    `remarks` stand below its words in the letters to staff.
    """
    match, context = arrival.match, arrival.context
    if not match.proved:
        return keep_unproved(arrival, ticket)
    writer = arrival.incoming.author
    incoming = as_read(with_marks(arrival.incoming, context))
    draft = Draft(context, ticket, ticket.version, writer, incoming.message_id)
    draft = lift_if_reachable(draft, incoming)
    draft = with_colleague(draft, incoming) if joins_as_colleague(arrival, ticket) else draft
    known = writer_of(incoming, draft.ticket)
    if known is None:
        draft = add_stranger(draft, incoming, match)
    draft = add_copied(draft, incoming)
    draft = follow_language(draft, incoming) if known is not None and known.number == ticket.requester else draft
    draft = (
        replace(draft, ticket=replace(draft.ticket, waiting=replace(draft.ticket.waiting, away_until=None)))
        if known is not None and draft.ticket.waiting.away_until is not None
        else draft
    )  # a customer who writes is no longer away
    reads_along = known is not None and match.participant is not None and match.participant.address == known.address
    if reads_along and known is not None and known.number == ticket.requester and ticket.assurance not in SURE:
        # The token was sent to that address alone, so its user reads that mailbox. This proves the requester.
        draft = replace(draft, ticket=replace(draft.ticket, assurance=Assurance.AUTHENTICATED))
        draft = draft.add_event("requester_proved", writer, "by a reply to a letter that was sent to that address")
    machine = ticket.automatic_letters and is_ping_pong(incoming, context)
    draft = stop_automatic_letters(draft, incoming) if machine else draft
    confirmed = known is not None and confirms(incoming, match, ticket, _names(incoming, context))
    alone = known is not None and refuses_automatic_letter(incoming) is None and is_left_alone(ticket, incoming, context.policy)
    nothing_new = confirmed if alone else not confirmed and not remarks and says_nothing_new(arrival, ticket)
    if known is not None and nothing_new:
        return _keep_quietly(draft, arrival, incoming, proved=reads_along)
    press = _press(arrival, known) if not confirmed and presses_solved(incoming, match) else None
    pressed = (press,) if press else ()
    if pressed and ticket.status in DONE:
        return _tell_of_press(draft, arrival, incoming, pressed[0])
    # "Yes, perfect" in answer to a question says more than thanks.
    trigger = Trigger.CUSTOMER_CONFIRMED if confirmed and not ticket.is_asked else Trigger.CUSTOMER_WROTE
    trigger = Trigger.SELF_SERVED if alone else trigger
    draft = time_end(draft.apply(trigger, writer or "platform", at=incoming.waits_since))
    left = not alone and reopens(incoming, match, ticket, confirmed=confirmed)
    draft = detach(draft, writer or "platform") if left else draft
    rule = draft.rules[-1]
    if refuses_automatic_letter(incoming) is None:
        draft = _write_to_customers(draft, rule.to_customer, arrival, ticket)
    if rule.to_team is not None:
        loop = (
            (sentence("No automatic letter goes to this ticket's customers any more: {why}.", why=PING_PONG),) if machine else ()
        )
        parted = (PARTED,) if draft.ticket.lineage.incident != ticket.lineage.incident else ()
        warnings = warnings_about(incoming, draft) + _stranger_warning(known, writer) + loop + parted
        draft = tell_team(draft, incoming, warnings, remarks=(*remarks, *pressed))
    reason = f"it goes on with {ticket.reference}" + ("" if known else ", from an unverified sender")
    message = message_of(incoming, context, of_participant=known is not None)
    return draft.decision(
        Disposition.THREADED,
        reason,
        arrival.grounds,
        Contribution(
            message=replace(message, proved=message.proved or reads_along),
            related=match.related,
            seen_ids=unknown_parents(incoming, context),
            images=signature_images(incoming, context.known.contact),
        ),
    )


def _write_to_customers(draft: Draft, notice: Notice | None, arrival: Arrival, ticket: Ticket) -> Draft:
    """The automatic letters that a reply brings about: one to all customers, and one to its writer where it came in part alone."""
    incoming = arrival.incoming
    if notice is not None:
        ending = Ending.CONFIRMED if notice is Notice.CLOSING else None
        facts = CustomerFacts(account=ticket.account, ending=ending, answer_by=_promised_answer(draft, notice))
        fixed = not {incoming.assurance, ticket.assurance} <= SURE
        draft = draft.notify_customers(notice, facts, automatic=True, fixed_text=fixed)
    writer = _writer_of_part(arrival) if notice is not Notice.SELF_SERVICE else None
    if writer is None:
        return draft
    part = CustomerFacts(account=ticket.account, megabytes=incoming.doubts.megabytes)
    return draft.notify_customer(writer, Notice.INCOMPLETE, part, fixed_text=True)


def _writer_of_part(arrival: Arrival) -> Participant | None:
    """The customer who hears that the beginning of their reply alone has come; None for a reply that came as a whole.

    A part proves no author, because no signature of the whole can be checked. So this is the customer to whom the reply address was
    given, where the mail is in their name.
    """
    incoming, holder = arrival.incoming, arrival.match.participant
    if not incoming.doubts.whole_size or holder is None or holder.address not in incoming.claims:
        return None
    return holder if holder.role is Role.CUSTOMER and holder.state is ParticipantState.ACTIVE else None


def _promised_answer(draft: Draft, notice: Notice) -> datetime | None:
    """When the customer of a request that is taken up again has an answer at the latest; None where no time is promised."""
    promised_at = due_of(TargetKind.NEXT_RESPONSE, draft.ticket, draft.context.policy) if notice is Notice.REOPENED else None
    return promised_at if promised_at is not None and promised_at > draft.context.now else None


def _keep_quietly(draft: Draft, arrival: Arrival, incoming: Incoming, *, proved: bool) -> Decision:
    """Keep a reply that says nothing new. It is shown with the conversation, moves nothing, and nobody is written to."""
    message = message_of(incoming, draft.context)
    return draft.add_event("acknowledged", incoming.author or "platform", incoming.text[:LONGEST_SHOWN]).decision(
        Disposition.THREADED,
        f"it says nothing new about {draft.ticket.reference}, which stays {draft.ticket.status}",
        arrival.grounds,
        Contribution(
            message=replace(message, proved=message.proved or proved),
            related=arrival.match.related,
            seen_ids=unknown_parents(incoming, draft.context),
            images=signature_images(incoming, draft.context.known.contact),
        ),
    )


def _press(arrival: Arrival, known: Participant | None) -> Sentence:
    """What staff read about a press of "It is solved" that confirms nothing."""
    author, holder = arrival.incoming.author or sentence("Somebody"), arrival.match.participant
    if known is not None:
        return sentence(PRESSED_EARLIER, author=author)
    return sentence(PRESSED_BY_OTHER, author=author, holder=holder.address if holder else sentence("somebody else"))


def _tell_of_press(draft: Draft, arrival: Arrival, incoming: Incoming, remark: Sentence) -> Decision:
    """Keep a press of "It is solved" that cannot confirm the present resolution, and tell the team. Nothing is reopened."""
    draft = notify_of_words(draft.add_event("solved_pressed", incoming.author or "platform", remark), incoming, remark, ())
    return draft.decision(
        Disposition.THREADED,
        f"“It is solved” was pressed for {draft.ticket.reference}, which stays {draft.ticket.status}",
        arrival.grounds,
        Contribution(
            message=message_of(incoming, draft.context, of_participant=writer_of(incoming, draft.ticket) is not None),
            related=arrival.match.related,
            seen_ids=unknown_parents(incoming, draft.context),
            images=signature_images(incoming, draft.context.known.contact),
        ),
    )


def keep_unproved(arrival: Arrival, ticket: Ticket) -> Decision:
    """Keep a mail that names a ticket, but proves neither its author nor that they ever had a letter about it.

    Anybody could have written the mail, so it neither closes nor reopens the ticket, and the customer's inbox does not show it.
    It may be genuine, so staff get it at once.
    """
    context = arrival.context
    incoming = as_read(with_marks(arrival.incoming, context))
    draft = Draft(context, ticket, ticket.version, incoming.author, incoming.message_id)
    draft = draft.add_event("unproved_mail", incoming.author, incoming.identity.reason)
    draft = notify_of_words(
        add_copied(draft, incoming), incoming, sentence(UNPROVED, author=incoming.author, reason=incoming.identity.reason), ()
    )
    return draft.decision(
        Disposition.THREADED,
        f"it names {ticket.reference} without proof, so it is kept there and moves nothing",
        arrival.grounds,
        Contribution(
            message=message_of(incoming, context, of_participant=False),
            related=arrival.match.related,
            seen_ids=unknown_parents(incoming, context),
            images=signature_images(incoming, context.known.contact),
        ),
    )


def confirms(incoming: Incoming, match: Match, ticket: Ticket, names: Iterable[str]) -> bool:
    """Whether the customer confirms a resolution.

    They do by the "solved" address of the latest resolution, unless the words beside it say the contrary, or by a reply that only
    says thanks. The "solved" address of an earlier resolution, or of a merged ticket, is out of date: staff are told who pressed it.
    """
    if match.token and match.token.purpose is Purpose.UNSOLVED:
        return False
    if incoming.gesture is not None:
        return incoming.gesture.approves
    present = (ticket.id, ticket.resolutions)
    if match.token and presses_solved(incoming, match) and (match.token.subject, match.token.version) == present:
        return ticket.status in DONE
    whole = not incoming.doubts.degraded and not any(attachment.is_sent for attachment in incoming.attachments)
    return whole and is_only_thanks(incoming.text, names)


def presses_solved(incoming: Incoming, match: Match) -> bool:
    """Whether a mail to a "solved" address says no more than the press of it: nothing to the contrary, and no file."""
    if match.token is None or match.token.purpose is not Purpose.SOLVED:
        return False
    # Nobody would see what closes a ticket. What a mail above the limit brings is not known.
    brings = incoming.doubts.whole_size or any(attachment.is_file for attachment in incoming.attachments)
    return not says_trouble(incoming.text) and not brings


def says_nothing_new(arrival: Arrival, ticket: Ticket) -> bool:
    """Whether a reply to a resolution is an "Ok", or a signature alone. Sent to the "still broken" address, it does say something."""
    incoming, token = arrival.incoming, arrival.match.token
    if ticket.status not in DONE or (token and token.purpose in (Purpose.UNSOLVED, Purpose.SOLVED)):
        return False
    if incoming.doubts.degraded or any(attachment.is_sent for attachment in incoming.attachments):
        return False
    signature = incoming.signature.strip()  # it is shown as the text where a reply has no other words
    signed = bool(signature) and incoming.text.strip() in ("", signature)
    return signed or is_acknowledgement(incoming.text, _names(incoming, arrival.context))


def _names(incoming: Incoming, context: Context) -> Iterator[str]:
    """The names that a thank-you may contain: those of staff, and the customer's own."""
    yield incoming.author_name
    yield from (member.name for member in context.known.staff)


def reopens(incoming: Incoming, match: Match, ticket: Ticket, *, confirmed: bool) -> bool:
    """Whether the customer says that the problem continues: by the "still broken" address, or by words after the resolution."""
    unsolved = match.token is not None and match.token.purpose is Purpose.UNSOLVED
    return unsolved or (not confirmed and ticket.status in DONE)


def _stranger_warning(known: Participant | None, writer: str) -> tuple[Sentence, ...]:
    return (
        ()
        if known
        else (
            sentence(
                "Unverified sender: {writer} takes no part in this ticket. Answers do not go there.",
                writer=writer or sentence("unknown"),
            ),
        )
    )
