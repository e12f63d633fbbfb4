"""What follows from something that was said to the desk: the order of questions, each answered in a module of its own."""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.threading.decisions.archive import imported
from helpdesk.threading.decisions.customer.consent import answers_consent, decide_consent, is_blocked
from helpdesk.threading.decisions.customer.customer import go_on, open_ticket
from helpdesk.threading.decisions.customer.rating import decide_rating, rates
from helpdesk.threading.decisions.machines.robots import complained, noted, reported
from helpdesk.threading.decisions.staff.absence import noticed
from helpdesk.threading.decisions.staff.digest_reply import digest_answered
from helpdesk.threading.decisions.staff.held import Hold, answers_held, as_participant, decide_held, held
from helpdesk.threading.decisions.staff.released import decide_released
from helpdesk.threading.decisions.staff.staff import decide_staff
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.matching.gather import House
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import EarlierCopy
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.held import HeldOver, Let
from helpdesk.threading.model.mail import Channel, Disposition
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.addresses import is_robot_address
from helpdesk.threading.trust.tokens import Purpose

ANSWERING_MACHINES = frozenset({Kind.OUT_OF_OFFICE, Kind.CHALLENGE})
CARRIED_OUT = frozenset({Let.SEND, Let.INBOX})
WITHOUT_PROOF = frozenset({Disposition.THREADED, Disposition.NOTED, Disposition.HELD})  # and without effect then
NOT_IN_PERSON = frozenset({Kind.AUTOMATIC, Kind.LIST, Kind.CHALLENGE})


def decide_mail(incoming: Incoming, match: Match, context: Context, house: House) -> Decision:
    """One mail. What it *is* is asked before what it moves: a robot's mail is never a trigger."""
    speaks = _speaks(incoming, match, context)
    duplicate = _duplicate(match, context, speaks=speaks)
    if duplicate is None:
        decision = _decide_first(incoming, match, context, house)
        duplicate = _had_effect(decision, context, speaks=speaks)
        if duplicate is None:
            waits = not speaks and _waits_for_proof(incoming, decision)
            return replace(noticed(decision, incoming, context), spoke_for_nobody=waits)
    reason = f"the same mail was processed before, as {duplicate.inbound_id}"
    return Decision(Disposition.DISCARDED, reason, incoming.assurance, clues=match.clues)


def _decide_first(incoming: Incoming, match: Match, context: Context, house: House) -> Decision:
    if incoming.channel is Channel.ARCHIVE:
        return imported(incoming, match, context, house)
    if incoming.kind is Kind.DELIVERY_REPORT:
        return reported(incoming, match, context)
    if incoming.kind is Kind.COMPLAINT:
        return complained(incoming, match, context)
    if _is_for_bounces(incoming) and incoming.kind in ANSWERING_MACHINES | {Kind.AUTOMATIC}:
        return noted(incoming, match, context)
    if _is_for_bounces(incoming) and incoming.null_path:
        return reported(incoming, match, context)
    if incoming.own_letter:
        return Decision(Disposition.DISCARDED, "a letter of this desk has come back", incoming.assurance, clues=match.clues)
    if _is_own_author(incoming, context):
        return _written_as_desk(incoming, match, context)
    if answers_held(incoming):
        return decide_held(incoming, match, context)
    outsider = match.ticket is not None and _is_no_conversation(incoming, match.ticket)
    if incoming.kind in ANSWERING_MACHINES:
        return noted(incoming, replace(match, ticket=None) if outsider else match, context)
    if incoming.kind is Kind.AUTOMATIC and match.ticket is not None and not outsider:
        return noted(incoming, match, context)
    if incoming.null_path and incoming.kind is Kind.AUTOMATIC:
        return noted(incoming, replace(match, ticket=None) if outsider else match, context)
    return _decide_person(incoming, match, context)


def decide_platform(incoming: Incoming, match: Match, context: Context) -> Decision:
    """One row of `platform_reply`: it joins its thread if that is the account's own, or opens a ticket."""
    contact = context.known.contact
    if context.ours.is_ours(incoming.author):
        return _not_taken(incoming, f"contact_address: {incoming.author} is an address of the desk itself")
    if contact.account is not None and contact.account != incoming.account:
        return _not_taken(incoming, f"contact_address: {incoming.author} belongs to another account than {incoming.account}")
    if incoming.thread_key is None:
        return open_ticket(incoming, match, context, "written in the platform, without a thread")
    if match.ticket is None:
        return _not_taken(incoming, f"thread_key: account {incoming.account} has no thread of this key")
    return _customer(incoming, match, match.ticket, context)


def _not_taken(incoming: Incoming, error: str) -> Decision:
    """The sentence goes into the row, for the platform's developer."""
    return Decision(Disposition.REFUSED, error, incoming.assurance)


def _decide_person(incoming: Incoming, match: Match, context: Context) -> Decision:
    if incoming.release is not None and incoming.release.word not in CARRIED_OUT:
        return decide_released(incoming, incoming.release, match, context)
    member = context.staff_member(incoming.author)
    if member is not None:
        return decide_staff(incoming, match, context, member)
    named = _staff_named(incoming, context)
    if named is not None:
        doubt = f"{named.name} stands in it, but not as its one plain author"
        return held(
            incoming, match, context, named, _doubt(doubt) if _is_own(incoming, named) else Hold(HeldOver.STRANGER, doubt)
        )
    given_to = _staff_whose_address(incoming, match, context)
    if given_to is not None:
        joining = as_participant(incoming, match, context)
        holder = context.staff_member(given_to)
        # Of what somebody may not read any more, they get no stranger's words either; it is as if they had left.
        reads = holder is not None and (match.ticket is None or may(holder, match.ticket, context))
        if joining is None and holder is not None and reads:
            writer = incoming.author or "an unknown address"
            doubt = f"{writer} wrote to a reply address that was given to {holder.name}"
            return held(incoming, match, context, holder, Hold(HeldOver.STRANGER, doubt))
        match = joining or replace(
            match, ticket=None, token=None, related=(*match.related, match.ticket.id) if match.ticket else match.related
        )
    if match.ticket is not None and answers_consent(match):
        return decide_consent(incoming, match, match.ticket, context)
    if match.ticket is not None and _is_no_conversation(incoming, match.ticket):
        apart = replace(match, ticket=None, token=None, related=(*match.related, match.ticket.id))
        return open_ticket(incoming, apart, context, f"its sender has no place in {match.ticket.reference}")
    if match.ticket is not None and rates(match):
        return decide_rating(incoming, match, match.ticket, context)
    if match.ticket is not None:
        return _customer(incoming, match, match.ticket, context)
    nothing = "no clue leads to a ticket that its author takes part in" if match.clues else "a new request"
    return open_ticket(incoming, match, context, match.contradiction or nothing)


def _is_own_author(incoming: Incoming, context: Context) -> bool:
    return any(context.ours.is_own_author(address) for address in incoming.claims)


def _written_as_desk(incoming: Incoming, match: Match, context: Context) -> Decision:
    """The desk's own web form writes as the desk and names a person in Reply-To: a request of its own, whatever ticket it names.

    A machine's mail that names nobody is no form: it is a loop, or somebody's mistake.
    """
    if incoming.kind is not Kind.PERSON and incoming.correspondent.address == "":
        reason = "a machine wrote it as the desk itself, and it names nobody to answer"
        return Decision(Disposition.DISCARDED, reason, incoming.assurance, clues=match.clues)
    apart = replace(match, ticket=None, token=None, participant=None, related=_with_related(match))
    return open_ticket(incoming, apart, context, "written as the desk itself, as its web form does")


def _with_related(match: Match) -> tuple[int, ...]:
    return (*match.related, match.ticket.id) if match.ticket else match.related


def _staff_named(incoming: Incoming, context: Context) -> StaffMember | None:
    """A staff member whom the mail names as author or as the one to answer, although they are not its certain author."""
    named = (context.staff_member(address) for address in (*incoming.claims, incoming.correspondent.address) if address)
    return next((member for member in named if member is not None), None)


def _is_own(incoming: Incoming, member: StaffMember) -> bool:
    """Whether From names the staff member and nobody else: then they can answer for it, and it is theirs."""
    return incoming.claims == (member.address,)


def _staff_whose_address(incoming: Incoming, match: Match, context: Context) -> str | None:
    """The staff member to whom the reply address was given that the mail came to: of a digest, or of a letter about a ticket."""
    digest = digest_answered(incoming, context)
    if digest is not None and context.staff_member(digest.staff) is not None:
        return digest.staff
    holder = match.participant
    return holder.address if holder is not None and holder.role is Role.STAFF else None


def _doubt(reason: str) -> Hold:
    return Hold(HeldOver.AUTHORITY, reason)


def _is_no_conversation(incoming: Incoming, ticket: Ticket) -> bool:
    """Whom the customer has turned away, and services that write to a reply address as if it were a mailbox of their user's.

    A sign-up or verification mail must never stand where a customer reads it. Consent that a person may write covers none of what a list or
    a service sends from that address; what marks itself as automatic is noted, and no customer reads notes.
    """
    if is_blocked(incoming, ticket):
        return True
    person = ticket.participant_at(incoming.author, Role.CUSTOMER)
    outsider = person is None or person.state is not ParticipantState.ACTIVE
    guest = person is not None and person.number != ticket.requester and incoming.kind is Kind.LIST
    machine = incoming.kind in NOT_IN_PERSON or is_robot_address(incoming.author)
    return incoming.account is None and (guest or (outsider and machine))


def _customer(incoming: Incoming, match: Match, ticket: Ticket, context: Context) -> Decision:
    closed_at = ticket.closed_at or ticket.updated_at
    if ticket.status is Status.CLOSED and closed_at + context.policy.closing.reopen_within < context.now:
        apart = replace(match, ticket=None, token=None, related=(ticket.id, *match.related))
        return open_ticket(incoming, apart, context, f"it follows up {ticket.reference}, which was closed too long ago to reopen")
    return go_on(incoming, match, ticket, context)


def _speaks(incoming: Incoming, match: Match, context: Context) -> bool:
    """Whether a mail has the effect that its author meant. What does not is kept, noted or held, and is no reason to overlook a copy that does:
    whoever saw a mail, or a forwarder that breaks its signature, could make it worthless by being faster.
    """
    if context.staff_member(incoming.author) is not None:
        return incoming.identity.may_act_as_staff
    return match.proved and incoming.identity.may_be_customer


def _waits_for_proof(incoming: Incoming, decision: Decision) -> bool:
    """Whether a mail that proves nobody had no effect. History needs no proof, nor does the word that lets a held mail go."""
    return decision.disposition in WITHOUT_PROOF and incoming.channel is not Channel.ARCHIVE and decision.release is None


def _duplicate(match: Match, context: Context, *, speaks: bool) -> EarlierCopy | None:
    """The same mail by another route has had its effect, unless this copy leads to another ticket by a token of its own."""
    for earlier in _copies(context, speaks=speaks):
        if match.ticket is None or earlier.ticket_id == match.ticket.id or not match.trusted:
            return earlier
    return None


def _had_effect(decision: Decision, context: Context, *, speaks: bool) -> EarlierCopy | None:
    """A token of its own is no reason to be held once more, or to open a second ticket."""
    place = decision.ticket.id if decision.ticket else None
    for earlier in _copies(context, speaks=speaks):
        if earlier.ticket_id == place or (earlier.ticket_id and decision.disposition is Disposition.OPENED):
            return earlier
    return None


def _copies(context: Context, *, speaks: bool) -> Iterator[EarlierCopy]:
    """Earlier copies that count: for a mail that speaks for its author only those that did so too."""
    return (one for one in context.known.earlier if not (speaks and one.spoke_for_nobody))


def _is_for_bounces(incoming: Incoming) -> bool:
    return any(token.purpose is Purpose.BOUNCE for token in incoming.tokens)
