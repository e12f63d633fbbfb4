"""Decide about a message to the desk: decision tables, from the first question to the last. The first row that applies decides.

The first questions ask what kind of mail it is, before any effect on a ticket: a machine's mail never changes a ticket's status.
"""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.threading.decisions.archive import decide_archived
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.author import PERSON
from helpdesk.threading.decisions.customer.later_copy import keep_later_copy, later_copy
from helpdesk.threading.decisions.customer.new_request import open_ticket
from helpdesk.threading.decisions.customer.table import CUSTOMER, PLATFORM, is_outsider
from helpdesk.threading.decisions.machines.consultation import answers_consultation, decide_consultation
from helpdesk.threading.decisions.machines.robots import decide_complaint, decide_report, note_automatic
from helpdesk.threading.decisions.machines.stopped import is_kept_out, keep_out
from helpdesk.threading.decisions.staff.absence import with_absence
from helpdesk.threading.decisions.staff.digest_reply import answers_digest
from helpdesk.threading.decisions.staff.held import answers_hold_letter, decide_hold_answer
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.staff import STAFF
from helpdesk.threading.decisions.table import Row, always, decide_by, rows_as_markdown
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import EarlierCopy
from helpdesk.threading.model.mail import Channel, Disposition
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.tokens import Purpose

ANSWERING_MACHINES = frozenset({Kind.OUT_OF_OFFICE, Kind.CHALLENGE})
COPY = "a copy of a mail that has had its effect"
SAYS_MORE = "a later copy of a mail, which says more"


def decide_mail(arrival: Arrival) -> Decision:
    """Decide about one mail. A second copy of a mail that came by another route has no effect of its own."""
    copy = _earlier_copy(arrival)
    later = later_copy(arrival) if copy is None else None
    if later is not None and later.says_more:
        return keep_later_copy(replace(arrival, row=SAYS_MORE), later.ticket)
    if later is not None:
        reason = f"the same mail was processed before, and stands on {later.ticket.reference}"
        return Decision(Disposition.DISCARDED, reason, replace(arrival, row=COPY).grounds)
    if copy is None:
        decision = decide_by(MAIL, arrival)
        copy = _copy_with_this_effect(decision, arrival)
        if copy is None:
            return with_absence(decision, arrival.incoming, arrival.context)
    reason = f"the same mail was processed before, as {copy.inbound_id}"
    return Decision(Disposition.DISCARDED, reason, replace(arrival, row=COPY).grounds)


def decide_platform(arrival: Arrival) -> Decision:
    """Decide about one row of `platform_reply`: it joins a thread of its account, or opens a ticket."""
    return decide_by(PLATFORM, arrival)


# --- what a mail is


def _is_for_bounces(arrival: Arrival) -> bool:
    """Whether the mail came to the return address of a letter."""
    return any(token.purpose is Purpose.BOUNCE for token in arrival.incoming.tokens)


def _is_automatic_to_return_address(arrival: Arrival) -> bool:
    return _is_for_bounces(arrival) and arrival.incoming.kind in ANSWERING_MACHINES | {Kind.AUTOMATIC}


def _is_null_path_to_return_address(arrival: Arrival) -> bool:
    return _is_for_bounces(arrival) and arrival.incoming.null_path


def _discard_own_letter(arrival: Arrival) -> Decision:
    return Decision(Disposition.DISCARDED, "a letter of this desk has come back", arrival.grounds)


def _is_journal_of_known(arrival: Arrival) -> bool:
    return arrival.incoming.journal_of in arrival.context.known.by_message_id


def _discard_journal(arrival: Arrival) -> Decision:
    return Decision(Disposition.DISCARDED, f"a journal's report of {arrival.incoming.journal_of}, which is here", arrival.grounds)


def _is_written_as_desk(arrival: Arrival) -> bool:
    return any(arrival.context.ours.is_own_author(address) for address in arrival.incoming.claims)


def _open_for_form(arrival: Arrival) -> Decision:
    """Open a request for the desk's own web form, which writes as the desk and names a person in Reply-To.

    The request is always a new one, whatever ticket the form names. A machine's mail that names nobody to answer is not a form
    but a loop or a mistake.
    """
    if arrival.incoming.kind is not Kind.PERSON and arrival.incoming.correspondent.address == "":
        reason = "a machine wrote it as the desk itself, and it names nobody to answer"
        return Decision(Disposition.DISCARDED, reason, arrival.grounds)
    return open_ticket(arrival.apart(), "written as the desk itself, as its web form does")


def _is_automatic_in_conversation(arrival: Arrival) -> bool:
    return arrival.incoming.kind is Kind.AUTOMATIC and arrival.match.ticket is not None and not is_outsider(arrival)


def _is_automatic_to_list(arrival: Arrival) -> bool:
    """Whether a machine answers a digest or another list that staff get: it acts on no row, and its words are about no request."""
    return arrival.incoming.kind is Kind.AUTOMATIC and answers_digest(arrival.incoming)


def _note_apart(arrival: Arrival) -> Decision:
    """Record a machine's mail on no ticket, whatever references the list that it quotes has."""
    return note_automatic(replace(arrival, match=replace(arrival.match, ticket=None)))


def _is_response_from_null_path(arrival: Arrival) -> bool:
    """Whether a machine answers something from the null path. An alert from there answers nothing: it is somebody's message."""
    incoming = arrival.incoming
    answers = incoming.responds or bool(incoming.parents or incoming.tokens or incoming.threading_tokens or incoming.written)
    return incoming.kind is Kind.AUTOMATIC and incoming.null_path and answers


def _confirms_by_reaction(arrival: Arrival) -> bool:
    """Whether a customer approves of a resolution by a thumb up, a heart or the like: as good as a word of thanks."""
    gesture, ticket = arrival.incoming.gesture, arrival.match.ticket
    if gesture is None or not gesture.approves or ticket is None or ticket.status is not Status.RESOLVED:
        return False
    customer = ticket.participant_at(arrival.incoming.author, Role.CUSTOMER)
    return arrival.match.proved and customer is not None and customer.state is ParticipantState.ACTIVE


def _note(arrival: Arrival) -> Decision:
    """Record a machine's mail on its ticket, or on none if its author has no place in that conversation."""
    return note_automatic(replace(arrival, match=replace(arrival.match, ticket=None)) if is_outsider(arrival) else arrival)


MAIL: tuple[Row[Arrival], ...] = (
    Row("a mail of an archive", lambda arrival: arrival.incoming.channel is Channel.ARCHIVE, decide_archived),
    Row("a delivery report", lambda arrival: arrival.incoming.kind is Kind.DELIVERY_REPORT, decide_report),
    Row("a complaint about spam", lambda arrival: arrival.incoming.kind is Kind.COMPLAINT, decide_complaint),
    Row("an automatic response to a letter's return address", _is_automatic_to_return_address, note_automatic),
    Row("a mail from the null path to a letter's return address", _is_null_path_to_return_address, decide_report),
    Row("a letter of the desk that came back", lambda arrival: arrival.incoming.own_letter, _discard_own_letter),
    Row("a journal's report of a mail that the desk has", _is_journal_of_known, _discard_journal),
    Row("a mail that the operator keeps out", is_kept_out, keep_out),
    Row("a mail written as the desk itself", _is_written_as_desk, _open_for_form),
    Row("an answer to a letter about a held mail", lambda arrival: answers_hold_letter(arrival.incoming), decide_hold_answer),
    Row("mail of a third person who was consulted", answers_consultation, decide_consultation),
    Row("a reaction that approves of a resolution", _confirms_by_reaction, lambda arrival: decide_by(PERSON, arrival)),
    Row(
        "a reaction, a recall, a receipt or an answer to an invitation",
        lambda arrival: arrival.incoming.gesture is not None,
        _note,
    ),
    Row("an absence note or a challenge", lambda arrival: arrival.incoming.kind in ANSWERING_MACHINES, _note),
    Row("an automatic mail to the reply address of a list", _is_automatic_to_list, _note_apart),
    Row("an automatic mail in a conversation", _is_automatic_in_conversation, note_automatic),
    Row("a response from the null path", _is_response_from_null_path, _note),
    Row("a mail of a person", always, lambda arrival: decide_by(PERSON, arrival)),
)
TABLES: dict[str, tuple[Row[Arrival], ...] | tuple[Row[StaffMail], ...]] = {
    "A mail": MAIL,
    "A mail of a person": PERSON,
    "A mail of a staff member": STAFF,
    "A mail of a customer": CUSTOMER,
    "A platform reply": PLATFORM,
}


def as_markdown() -> str:
    """All decision tables, as the documentation prints them."""
    return "\n".join(f"**{title}**\n\n{rows_as_markdown(row.name for row in rows)}" for title, rows in TABLES.items())


# --- copies of one mail


def _earlier_copy(arrival: Arrival) -> EarlierCopy | None:
    """A copy that came earlier by another route and has had its effect.

    A copy whose own token leads to another ticket counts as a separate mail.
    """
    match = arrival.match
    for copy in _copies_that_count(arrival):
        if match.ticket is None or copy.ticket_id == match.ticket.id or not match.trusted:
            return copy
    return None


def _copy_with_this_effect(decision: Decision, arrival: Arrival) -> EarlierCopy | None:
    """An earlier copy that has done what this decision would do.

    Even a copy with a token of its own is not held twice, and does not open a second ticket.
    """
    place = decision.ticket.id if decision.ticket else None
    for copy in _copies_that_count(arrival):
        if copy.ticket_id == place or (copy.ticket_id and decision.disposition is Disposition.OPENED):
            return copy
    return None


def _copies_that_count(arrival: Arrival) -> Iterator[EarlierCopy]:
    """The earlier copies that may make this mail a duplicate. If this mail speaks for its author, only copies that did so count."""
    return (copy for copy in arrival.context.known.earlier if not (arrival.speaks and copy.spoke_for_nobody))
