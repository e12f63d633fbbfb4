"""Import old mail from an archive as history on tickets, with its own dates. An import sends no letter and sets no timer.

Imported mail does not pass through the lifecycle table. An imported conversation is closed, unless a recent mail shows that it
goes on.
"""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.message import as_read, message_of, unknown_parents
from helpdesk.threading.decisions.customer.people import add_copied
from helpdesk.threading.decisions.machines.robots import note_automatic
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.new_ticket import begin_ticket
from helpdesk.threading.lifecycle.state_changes import in_state
from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.attachment import attachments_as_json
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction, InternalNote, Message
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.status import Status, Trigger, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind, Mailbox
from helpdesk.threading.trust.addresses import reachable
from helpdesk.threading.trust.identity import identity_by_word

ROBOTS = frozenset({Kind.DELIVERY_REPORT, Kind.COMPLAINT, Kind.OUT_OF_OFFICE, Kind.CHALLENGE})
# People have set any other status, so an import leaves it alone.
MOVABLE = frozenset({Status.IN_REVIEW, Status.IN_PROGRESS, Status.CLOSED})
ACTOR = "import"


def decide_archived(arrival: Arrival) -> Decision:
    """Import one mail: open a conversation with it, or add it to one.

    Mail of staff and of the desk's own addresses counts as an answer. Commands in it are plain text.
    """
    incoming, match, context = arrival.incoming, arrival.match, arrival.context
    if not (incoming.author or incoming.message_id or incoming.subject.strip()):
        reason = "it names no author, has no Message-ID and no subject: this is probably no mail"
        return Decision(Disposition.QUARANTINED, reason, arrival.grounds)
    if incoming.author and context.ours.is_own_author(incoming.author) and _is_our_letter(incoming, context):
        return Decision(Disposition.DISCARDED, "a letter that this desk has sent itself", arrival.grounds)
    then = replace(arrival, context=replace(context, now=incoming.received_at))
    if incoming.kind in ROBOTS or (incoming.kind is Kind.AUTOMATIC and match.ticket is not None):
        return note_automatic(then)
    by_support = context.ours.is_own_author(incoming.author) or context.staff_member(incoming.author) is not None
    customer = _customer(incoming, context) if by_support else None
    if match.ticket is None:
        return _open(then, customer)
    return _go_on(then, match.ticket, by_support=by_support, aloud=customer is not None)


def _open(arrival: Arrival, customer: Mailbox | None) -> Decision:
    """Open a conversation. `customer` is the recipient of the first mail if support wrote it."""
    context = arrival.context
    incoming = as_read(arrival.incoming)
    asker = _in_place_of(incoming, customer) if customer else incoming
    ticket, _ = begin_ticket(asker, context)
    status, waiting_on = _state_of(incoming, by_support=customer is not None, goes_on=False)
    assignee = ticket.assignee if incoming.recent else None
    draft = Draft(context, replace(in_state(ticket, status, waiting_on), assignee=assignee), None)
    draft = draft.add_event("imported", ACTOR, f"from an archive, by {_writer(incoming) or 'unknown'}", None, status)
    if customer:
        return _with_answer(add_copied(draft, incoming), arrival, incoming, Disposition.OPENED, "the desk's own words begin it")
    return add_copied(draft, incoming).decision(
        Disposition.OPENED,
        "a conversation from an archive",
        arrival.grounds,
        Contribution(message=_message(incoming, context), seen_ids=unknown_parents(incoming, context)),
    )


def _go_on(arrival: Arrival, ticket: Ticket, *, by_support: bool, aloud: bool) -> Decision:
    context = arrival.context
    incoming = as_read(arrival.incoming)
    draft = Draft(context, _with_state(incoming, ticket, by_support=by_support), ticket.version)
    reason = f"from an archive, it goes on with {ticket.reference}"
    if by_support and not aloud:
        draft = draft.add_event(Trigger.NOTE_ADDED, incoming.author)
        note = InternalNote(next(context.fresh.ids), incoming.author, incoming.text, incoming.received_at)
        return draft.decision(
            Disposition.THREADED,
            f"{reason}, among staff",
            arrival.grounds,
            Contribution(note=note, seen_ids=unknown_parents(incoming, context)),
        )
    if by_support:
        return _with_answer(add_copied(draft, incoming), arrival, incoming, Disposition.THREADED, reason)
    writer = _writer(incoming)
    if ticket.participant_at(writer, Role.CUSTOMER) is None:
        draft = draft.add_participant(Role.CUSTOMER, writer, incoming.author_name, ParticipantState.UNVERIFIED)
    draft = add_copied(draft, incoming).add_event(Trigger.CUSTOMER_WROTE, writer)
    return draft.decision(
        Disposition.THREADED,
        reason,
        arrival.grounds,
        Contribution(
            message=_message(incoming, context), related=arrival.match.related, seen_ids=unknown_parents(incoming, context)
        ),
    )


def _message(incoming: Incoming, context: Context) -> Message:
    return replace(message_of(incoming, context), author=_writer(incoming))


def _with_answer(draft: Draft, arrival: Arrival, incoming: Incoming, disposition: Disposition, reason: str) -> Decision:
    """Add support's words. A staff member who wrote them takes part, and becomes the assignee if there is none."""
    member = draft.context.staff_member(incoming.author)
    if member is not None:
        draft = draft.add_participant(Role.STAFF, member.address, member.name, ParticipantState.ACTIVE)
        draft = replace(draft, ticket=replace(draft.ticket, assignee=draft.ticket.assignee or member.address))
    draft = draft.add_event(Trigger.STAFF_ANSWERED, incoming.author).record_response()
    message = replace(
        message_of(incoming, draft.context),
        direction=Direction.SUPPORT,
        author=incoming.author,
        attachments=attachments_as_json(incoming.attachments),
    )
    return draft.decision(
        disposition,
        reason,
        arrival.grounds,
        Contribution(message=message, related=arrival.match.related, seen_ids=unknown_parents(incoming, draft.context)),
    )


def _with_state(incoming: Incoming, ticket: Ticket, *, by_support: bool) -> Ticket:
    """Set the status by a recent mail that is newer than everything on the ticket, according to who wrote it."""
    if not incoming.recent or incoming.received_at <= ticket.updated_at or ticket.status not in MOVABLE:
        return ticket
    status, waiting_on = _state_of(incoming, by_support=by_support, goes_on=True)
    return in_state(ticket, status, waiting_on)


def _state_of(incoming: Incoming, *, by_support: bool, goes_on: bool) -> tuple[Status, WaitingOn]:
    if not incoming.recent:
        return Status.CLOSED, WaitingOn.NOBODY
    if by_support:
        return Status.IN_PROGRESS, WaitingOn.CUSTOMER
    return (Status.IN_PROGRESS if goes_on else Status.IN_REVIEW), WaitingOn.SUPPORT


def _customer(incoming: Incoming, context: Context) -> Mailbox | None:
    """The first recipient who is not staff, when support wrote the mail."""
    for mailbox in (*incoming.addressed, *incoming.copied):
        address = reachable(mailbox.address)
        if address and context.staff_member(address) is None:
            return Mailbox(mailbox.name, address)
    return None


def _in_place_of(incoming: Incoming, customer: Mailbox) -> Incoming:
    identity = identity_by_word(customer.address, "a letter of the desk in the archive")
    correspondent = Correspondent(customer.address, customer.name)
    return replace(incoming, identity=identity, correspondent=correspondent, author_name=customer.name)


def _writer(incoming: Incoming) -> str:
    """The address under which history names the author of an archived mail. The unproved address in From is enough for that."""
    return incoming.author or incoming.correspondent.address


def _is_our_letter(incoming: Incoming, context: Context) -> bool:
    threads = (thread for conversation in context.known.conversations.values() for thread in conversation.threads.values())
    return any(incoming.message_id in thread for thread in threads)
