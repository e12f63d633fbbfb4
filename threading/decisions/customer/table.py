"""Decide about a customer's mail or platform reply: two decision tables. The first row that applies decides."""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.consent import (
    answers_consent,
    answers_consent_in_words,
    decide_consent,
    decide_consent_in_words,
    is_blocked,
)
from helpdesk.threading.decisions.customer.new_request import open_ticket
from helpdesk.threading.decisions.customer.people import writer_of
from helpdesk.threading.decisions.customer.permission import answers_permission, decide_permission
from helpdesk.threading.decisions.customer.rating import WORDS, decide_rating, rating_in
from helpdesk.threading.decisions.customer.reply import continue_ticket
from helpdesk.threading.decisions.customer.reply_to_all import is_reply_to_all, joins_as_colleague, keep_reply_to_all
from helpdesk.threading.decisions.customer.several_queues import open_in_queues
from helpdesk.threading.decisions.table import Row, always
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.reading.subjects import new_subject
from helpdesk.threading.trust.addresses import is_robot_address
from helpdesk.threading.trust.tokens import Purpose

NOT_IN_PERSON = frozenset({Kind.AUTOMATIC, Kind.LIST, Kind.CHALLENGE})


def _answers_consent(arrival: Arrival) -> bool:
    return arrival.match.ticket is not None and answers_consent(arrival.match)


def _decide_consent(arrival: Arrival) -> Decision:
    assert arrival.match.ticket is not None
    return decide_consent(arrival, arrival.match.ticket)


def _decide_consent_in_words(arrival: Arrival) -> Decision:
    assert arrival.match.ticket is not None
    return decide_consent_in_words(arrival, arrival.match.ticket)


def is_outsider(arrival: Arrival) -> bool:
    """Whether the author has no place in the conversation: a customer has blocked them, or a service writes to a reply address.

    Services may take a reply address for their user's mailbox. Their sign-up or verification mails must never appear where a
    customer reads them. A customer's consent covers what a person writes, not what a list or service sends from that person's
    address. Mail that marks itself as automatic is noted instead, and customers do not read notes.
    """
    incoming, ticket = arrival.incoming, arrival.match.ticket
    if ticket is None:
        return False
    if is_blocked(incoming, ticket):
        return True
    person = ticket.participant_at(incoming.author, Role.CUSTOMER)
    outside = person is None or person.state is not ParticipantState.ACTIVE
    guest = person is not None and person.number != ticket.requester and incoming.kind is Kind.LIST
    machine = incoming.kind in NOT_IN_PERSON or is_robot_address(incoming.author)
    return incoming.account is None and (guest or (outside and machine))


def _open_for_outsider(arrival: Arrival) -> Decision:
    assert arrival.match.ticket is not None
    return open_ticket(arrival.apart(), f"its sender has no place in {arrival.match.ticket.reference}")


def _rates(arrival: Arrival) -> bool:
    return arrival.match.ticket is not None and bool(rating_in(arrival.incoming, arrival.match))


def _decide_rating(arrival: Arrival) -> Decision:
    assert arrival.match.ticket is not None
    return decide_rating(arrival, arrival.match.ticket)


def _is_new_matter(arrival: Arrival) -> bool:
    """Whether somebody uses the saved reply address of a closed request for a mail that answers nothing and has another subject."""
    ticket, incoming, token = arrival.match.ticket, arrival.incoming, arrival.match.token
    if ticket is None or ticket.status is not Status.CLOSED or token is None or token.purpose is not Purpose.REPLY:
        return False
    answers = incoming.parents or incoming.threading_tokens or incoming.thread_ticket is not None
    return not answers and bool(new_subject(incoming.subject, (ticket.subject,), ticket.reference))


def _open_new_matter(arrival: Arrival) -> Decision:
    assert arrival.match.ticket is not None
    return open_ticket(
        arrival.apart(), f"a new matter, sent to a reply address of {arrival.match.ticket.reference}, which is closed"
    )


def _comes_too_late(arrival: Arrival) -> bool:
    """Whether the ticket was closed so long ago that no mail reopens it."""
    ticket, context = arrival.match.ticket, arrival.context
    if ticket is None or ticket.status is not Status.CLOSED:
        return False
    return (ticket.closed_at or ticket.updated_at) + context.policy.closing.reopen_within < context.now


def _follow_up(arrival: Arrival) -> Decision:
    ticket = arrival.match.ticket
    assert ticket is not None
    apart = arrival.apart(related=(ticket.id, *arrival.match.related))
    if not apart.incoming.subject.strip():  # a reply in the platform needs none
        apart = replace(apart, incoming=replace(apart.incoming, subject=ticket.subject))
    return open_ticket(apart, f"it follows up {ticket.reference}, which was closed too long ago to reopen")


def _has_open_follow_up(arrival: Arrival) -> bool:
    return _comes_too_late(arrival) and _open_follow_up(arrival) is not None


def _open_follow_up(arrival: Arrival) -> Ticket | None:
    """The newest open request that was begun by a late reply of this writer, who takes part in it."""
    ticket, incoming, match = arrival.match.ticket, arrival.incoming, arrival.match
    if ticket is None or not match.proved:
        return None
    linked = (arrival.context.known.tickets.get(other.id) for other in arrival.context.known.related.get(ticket.id, ()))
    later = (other for other in linked if other is not None and other.created_at > (ticket.closed_at or ticket.updated_at))
    return next((other for other in later if other.status is not Status.CLOSED and writer_of(incoming, other) is not None), None)


def _join_follow_up(arrival: Arrival) -> Decision:
    """Go on with the follow-up. The reply address was given for the old request, so its purpose counts for nothing here."""
    ticket, match = _open_follow_up(arrival), arrival.match
    assert ticket is not None
    assert match.ticket is not None
    writer = writer_of(arrival.incoming, ticket)
    joined = replace(match, ticket=ticket, token=None, participant=writer if match.token is not None else None)
    return continue_ticket(replace(arrival, match=joined), ticket)


def _is_kept_reply_to_all(arrival: Arrival) -> bool:
    ticket = arrival.match.ticket
    return ticket is not None and is_reply_to_all(arrival) and not joins_as_colleague(arrival, ticket)


def _keep_reply_to_all(arrival: Arrival) -> Decision:
    assert arrival.match.ticket is not None
    return keep_reply_to_all(arrival, arrival.match.ticket)


def _has_ticket(arrival: Arrival) -> bool:
    return arrival.match.ticket is not None


def _go_on(arrival: Arrival) -> Decision:
    assert arrival.match.ticket is not None
    return continue_ticket(arrival, arrival.match.ticket)


def _open(arrival: Arrival) -> Decision:
    nothing = "no clue leads to a ticket that its author takes part in" if arrival.match.clues else "a new request"
    return open_in_queues(arrival, arrival.match.contradiction or nothing)


# --- replies of the platform


def _refuse(arrival: Arrival, error: str) -> Decision:
    """Refuse a platform reply. The error is written into its row, where the platform's developer reads it."""
    return Decision(Disposition.REFUSED, error, arrival.grounds)


def _is_by_desk(arrival: Arrival) -> bool:
    return arrival.context.ours.is_ours(arrival.incoming.author)


def _refuse_desk(arrival: Arrival) -> Decision:
    return _refuse(arrival, f"contact_address: {arrival.incoming.author} is an address of the desk itself")


def _is_of_other_account(arrival: Arrival) -> bool:
    account = arrival.context.known.contact.account
    return account is not None and account != arrival.incoming.account


def _refuse_account(arrival: Arrival) -> Decision:
    incoming = arrival.incoming
    return _refuse(arrival, f"contact_address: {incoming.author} belongs to another account than {incoming.account}")


def _has_unknown_rating(arrival: Arrival) -> bool:
    return arrival.incoming.rating not in ("", *WORDS.values()) or (
        bool(arrival.incoming.rating) and not arrival.incoming.thread_key
    )


def _refuse_rating(arrival: Arrival) -> Decision:
    return _refuse(arrival, f"rating: write one of {', '.join(WORDS.values())}, and the thread that it is about")


def _refuse_thread(arrival: Arrival) -> Decision:
    return _refuse(arrival, f"thread_key: account {arrival.incoming.account} has no thread of this key")


# --- the tables

CUSTOMER: tuple[Row[Arrival], ...] = (
    Row("an answer whether somebody may join the conversation", _answers_consent, _decide_consent),
    Row("the same answer in plain words", answers_consent_in_words, _decide_consent_in_words),
    Row("an answer whether support may change data", answers_permission, decide_permission),
    Row("somebody who has no place in the conversation", is_outsider, _open_for_outsider),
    Row("a rating of a closed request", _rates, _decide_rating),
    Row("a new matter at the reply address of a closed request", _is_new_matter, _open_new_matter),
    Row("a further reply about a request that goes on in another", _has_open_follow_up, _join_follow_up),
    Row("a reply long after the request was closed", _comes_too_late, _follow_up),
    Row("a reply to all by somebody who was copied", _is_kept_reply_to_all, _keep_reply_to_all),
    Row("a reply in a conversation", _has_ticket, _go_on),
    Row("a new request", always, _open),
)
PLATFORM: tuple[Row[Arrival], ...] = (
    Row("a platform reply in the name of the desk", _is_by_desk, _refuse_desk),
    Row("a platform reply of another account's contact", _is_of_other_account, _refuse_account),
    Row("a platform reply with a rating that says nothing", _has_unknown_rating, _refuse_rating),
    Row(
        "a platform reply without a thread",
        lambda arrival: arrival.incoming.thread_key is None,
        lambda arrival: open_ticket(arrival, "written in the platform, without a thread"),
    ),
    Row("a platform reply to an unknown thread", lambda arrival: arrival.match.ticket is None, _refuse_thread),
    Row("a rating in the platform", _rates, _decide_rating),
    Row("a platform reply whether support may change data", answers_permission, decide_permission),
    Row("a platform reply long after the request was closed", _comes_too_late, _follow_up),
    Row("a platform reply in a conversation", always, _go_on),
)
