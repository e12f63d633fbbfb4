"""Decide about a person's mail by who wrote it: a decision table, of which the first row that applies decides."""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.table import CUSTOMER
from helpdesk.threading.decisions.staff.digest_reply import digest_answered
from helpdesk.threading.decisions.staff.held import Doubt, as_participant, hold_mail
from helpdesk.threading.decisions.staff.mail import staff_mail, unread_staff_mail
from helpdesk.threading.decisions.staff.own_request import continue_own_request, is_customer_here
from helpdesk.threading.decisions.staff.released import decide_release
from helpdesk.threading.decisions.staff.staff import decide_staff
from helpdesk.threading.decisions.table import Row, always, decide_by
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.model.held import HoldReason, ReleaseWord
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import sentence

CARRIED_OUT = frozenset({ReleaseWord.SEND, ReleaseWord.INBOX})


def _decide_released(arrival: Arrival) -> Decision:
    assert arrival.incoming.release is not None
    return decide_release(arrival, arrival.incoming.release)


def _is_released_inside(arrival: Arrival) -> bool:
    release = arrival.incoming.release
    return release is not None and release.word not in CARRIED_OUT


def _author_on_staff(arrival: Arrival) -> StaffMember | None:
    return arrival.context.staff_member(arrival.incoming.author)


def _decide_staff(arrival: Arrival) -> Decision:
    member = _author_on_staff(arrival)
    assert member is not None
    proved = arrival.incoming.identity.may_act_as_staff
    return decide_staff(staff_mail(arrival, member) if proved else unread_staff_mail(arrival, member))


def _staff_named(arrival: Arrival) -> StaffMember | None:
    """A staff member whom the mail names in From or Reply-To without proving that they wrote it."""
    named = (*arrival.incoming.claims, arrival.incoming.correspondent.address)
    members = (arrival.context.staff_member(address) for address in named if address)
    return next((member for member in members if member is not None), None)


def _hold_for_named(arrival: Arrival) -> Decision:
    """Hold the mail for the staff member whom it names. If From names them alone, it is treated as theirs; otherwise as a stranger's."""
    member = _staff_named(arrival)
    assert member is not None
    own = arrival.incoming.claims == (member.address,)
    doubt = sentence("{name} stands in it, but not as its one plain author", name=member.name)
    return hold_mail(unread_staff_mail(arrival, member), Doubt(HoldReason.AUTHORITY if own else HoldReason.STRANGER, doubt))


def _staff_address_of(arrival: Arrival) -> str | None:
    """The address of the staff member who was given the reply address that the mail came to, of a digest or of a letter about a ticket."""
    digest = digest_answered(arrival.incoming, arrival.context)
    if digest is not None and arrival.context.staff_member(digest.staff) is not None:
        return digest.staff
    holder = arrival.match.participant
    return holder.address if holder is not None and holder.role is Role.STAFF else None


def _reader_at_staff_address(arrival: Arrival) -> StaffMember | None:
    """The staff member to whose reply address a stranger wrote; None if they have left or may no longer read the request.

    A member who may no longer read the request does not get a stranger's words about it either.
    """
    address, ticket = _staff_address_of(arrival), arrival.match.ticket
    member = arrival.context.staff_member(address) if address is not None else None
    if member is None or as_participant(arrival) is not None:
        return None
    return member if ticket is None or may(member, ticket, arrival.context) else None


def _hold_for_reader(arrival: Arrival) -> Decision:
    member = _reader_at_staff_address(arrival)
    assert member is not None
    doubt = sentence(
        "{author} wrote to a reply address that was given to {name}",
        author=arrival.incoming.author or sentence("an unknown address"),
        name=member.name,
    )
    return hold_mail(unread_staff_mail(arrival, member), Doubt(HoldReason.STRANGER, doubt))


def _decide_customer(arrival: Arrival) -> Decision:
    """Decide about mail of anybody but staff. A staff member's reply address gives its writer no place on the ticket beyond their own."""
    if _staff_address_of(arrival) is not None:
        joining = as_participant(arrival)
        arrival = arrival.apart() if joining is None else replace(arrival, match=joining)
    return decide_by(CUSTOMER, arrival)


PERSON: tuple[Row[Arrival], ...] = (
    Row("a held mail that is released as a note or as a request", _is_released_inside, _decide_released),
    Row("a staff member's reply about a request of their own", is_customer_here, continue_own_request),
    Row("a mail of a staff member", lambda arrival: _author_on_staff(arrival) is not None, _decide_staff),
    Row("a mail that names a staff member without certainty", lambda arrival: _staff_named(arrival) is not None, _hold_for_named),
    Row(
        "a stranger's mail to a staff member's reply address",
        lambda arrival: _reader_at_staff_address(arrival) is not None,
        _hold_for_reader,
    ),
    Row("a mail of a customer", always, _decide_customer),
)
