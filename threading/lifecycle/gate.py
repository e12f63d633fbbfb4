"""The gate for automatic letters: who may get them at all (RFC 3834 §2, RFC 5321 §4.5.5), and how many.

Letters that a person wrote pass the gate, unless mail to the address is known not to arrive. A letter that does not pass still
stands in the platform inbox, and in the history of its ticket.

Mail that does not prove its author has limits of its own. A flood of such mail, in whatever names, uses up only those limits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from helpdesk.config.conduct import Automatic
from helpdesk.threading.letters.limits import LetterLimits
from helpdesk.threading.letters.names import kind_name
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.letters.tally import (
    DAY,
    DESK,
    HOUR,
    MINUTE,
    TEN_MINUTES,
    Tally,
    apart,
    confirmations,
    of_domain,
    of_strangers,
)
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.notice import ANSWERING_FIRST_MAIL, Notice
from helpdesk.threading.model.people import StaffMember, StaffRole
from helpdesk.threading.model.sentence import Day, Sentence, sentence
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.addresses import domain_of, is_robot_address, is_unread_address, rate_key

TRIPPED = sentence("the whole desk has sent as many automatic letters as it may")
TRIPPED_UNPROVED = sentence(
    "the whole desk has sent as many automatic letters as it may about mail that does not prove its author"
)
GATHERED = "one letter lists it with others: too many requests came at once whose authors nothing proves"
OVER = {  # by the span of a cap
    MINUTE: "{whom} has had {most} automatic letters in a minute",
    HOUR: "{whom} has had {most} automatic letters in an hour",
    DAY: "{whom} has had {most} automatic letters in a day",
}
# Letters to staff that anybody can cause, by writing a mail or by leaving a request open.
OF_STRANGERS = frozenset({Notice.NEW_TICKET, Notice.CUSTOMER_REPLY, Notice.REOPENED, Notice.TARGET_WARNING, Notice.TARGET_MISSED})


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit: at most `most` letters with this key within a span."""

    key: str
    span: timedelta
    most: int
    whom: str


def refuses_automatic_letter(incoming: Incoming) -> str | None:
    """Why no automatic letter may answer this message; None if one may."""
    if incoming.channel is Channel.PLATFORM:
        return None
    if incoming.assurance is Assurance.FAILED:
        return sentence("its author is probably forged")
    machine = machine_behind(incoming)
    if machine:
        return machine
    if not incoming.correspondent.address:
        return sentence("it has no address that could be answered")
    if is_robot_address(incoming.correspondent.address):
        return sentence("nobody reads {address}", address=incoming.correspondent.address)
    return None


def machine_behind(incoming: Incoming) -> str:
    """Why a mail was sent by a machine; "" if a person may have written it."""
    if incoming.null_path:
        return sentence("the reverse-path is null")
    if incoming.kind is not Kind.PERSON:
        return sentence("it is not a person's own mail but {kind}", kind=kind_name(incoming.kind))
    return ""


def pass_gate(
    order: LetterOrder, context: Context, before: tuple[LetterOrder, ...] = (), *, by_staff: bool = False, strange: bool = False
) -> LetterOrder:
    """Count a letter, or mark it as suppressed with the reason. `before` are the letters that the same decision has ordered
    already.

    A staff member's own actions cause no flood: their letters are not counted, and no cap stops them. `strange` says that the
    letter was caused by somebody who proves neither who they are nor a place on the ticket.
    """
    address = order.to.address
    if not address:
        return order
    refusal = _why_it_comes_back(order, context) or why_suppressed(context, address)
    refusal = refusal or (_why_unwanted(order, context) if order.automatic and not order.for_staff else "")
    if refusal:
        return order.withhold(refusal)
    if by_staff or not order.automatic:
        return order
    tally = context.known.tally.plus(before)
    if order.for_staff and not order.limits.counted_as:
        return _gather_if_many(order, context.policy.automatic, tally) if strange and order.notice in OF_STRANGERS else order
    counted = order if order.for_staff else _with_counts(order, strange)
    over = cap_exceeded(counted, context.policy.automatic, tally)
    return counted.withhold(over)


def _with_counts(order: LetterOrder, strange: bool) -> LetterOrder:
    """A letter to a customer, with the keys of the limits that it counts against."""
    unproved = order.fixed_text or strange
    return replace(order, limits=LetterLimits(rate_key(order.to.address), domain_of(order.to.address), unproved))


def _gather_if_many(order: LetterOrder, limits: Automatic, tally: Tally) -> LetterOrder:
    """A letter to a staff member about unproved mail; it is gathered into one with others if there have been too many within ten
    minutes.

    A gathered letter carries no files; they stay on the ticket.
    """
    key = of_strangers(order.to.address)
    order = replace(order, limits=LetterLimits(key, unproved=True))
    if tally.within(TEN_MINUTES, apart(key, unproved=True)) < limits.unsure_staff_ten_minutes:
        return order
    gathered = LetterLimits(key, unproved=True, suppressed=GATHERED, gathered=True)
    return replace(order, limits=gathered, words=replace(order.words, attach=()))


def why_suppressed(context: Context, address: str) -> Sentence | None:
    """Why letters to an address are suppressed; None if they are not."""
    if is_unread_address(address):
        return sentence("nobody reads {address}", address=address)
    known = _in_force(context, address, SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL)
    return _in_words(known) if known else None


def has_complained(context: Context, address: str) -> bool:
    """Whether a reader at this address has called a letter spam, for as long as that counts."""
    return _in_force(context, address, SuppressionReason.COMPLAINT) is not None


def cap_exceeded(order: LetterOrder, limits: Automatic, tally: Tally) -> str:
    """The cap that one more letter would exceed, in words; "" if no cap is reached."""
    caps = _caps(order, limits)
    broken = next((cap for cap in caps if tally.within(cap.span, apart(cap.key, order.limits.unproved)) >= cap.most), None)
    if broken is None:
        return ""
    if broken.key == DESK:
        return TRIPPED_UNPROVED if order.limits.unproved else TRIPPED
    return sentence(OVER[broken.span], whom=broken.whom, most=broken.most)


def alarm_letters(
    context: Context,
    about: str,
    lines: tuple[Sentence, ...],
    before: tuple[LetterOrder, ...] = (),
    also: StaffMember | None = None,
) -> tuple[LetterOrder, ...]:
    """Letters to the managers, or else to the seniors or to all staff, once an hour about the same matter."""
    key = f"alarm:{about}"
    if context.known.tally.plus(before).within(HOUR, key):
        return ()
    managers = [member for member in context.known.staff if member.role is StaffRole.MANAGER]
    recipients = (
        managers or [member for member in context.known.staff if member.role is StaffRole.SENIOR] or list(context.known.staff)
    )
    everybody = {member.address: member for member in (*recipients, *((also,) if also else ()))}
    return tuple(_alarm(context, person, key, lines) for person in everybody.values())


def _alarm(context: Context, member: StaffMember, key: str, lines: tuple[Sentence, ...]) -> LetterOrder:
    facts = replace(facts_apart(), outcome=lines)
    order = letter_apart(context, member, Notice.ALARM, facts, sentence("Alarm: {line}", line=lines[0]))
    return replace(order, limits=LetterLimits(key, suppressed=why_suppressed(context, member.address) or ""))


def _in_force(context: Context, address: str, *reasons: SuppressionReason) -> Suppression | None:
    known = context.known.suppressions.get(address, ())
    return next((suppression for suppression in known if suppression.reason in reasons), None)


def _in_words(known: Suppression) -> Sentence:
    until = sentence("until {until}", until=Day(known.until)) if known.until else sentence("until somebody lifts it")
    why = (
        sentence("letters there do not arrive")
        if known.reason is SuppressionReason.HARD_BOUNCE
        else sentence("letters there were stopped by hand")
    )
    if known.diagnostic:
        return sentence("{why} ({said}), {until}", why=why, said=known.diagnostic, until=until)
    return sentence("{why}, {until}", why=why, until=until)


def _why_unwanted(order: LetterOrder, context: Context) -> str:
    address = order.to.address
    if has_complained(context, address):
        return sentence("its reader has called an earlier letter spam")
    if is_robot_address(address):
        return sentence("nobody reads {address}", address=address)
    return ""


def _why_it_comes_back(order: LetterOrder, context: Context) -> str:
    """Why even a letter that a person wrote may not leave: sent to one of the desk's own addresses, it would come in as a new mail."""
    address = order.to.address
    return sentence("{address} is the desk's own", address=address) if context.ours.is_ours(address) else ""


def _caps(order: LetterOrder, limits: Automatic) -> Iterator[Cap]:
    """The caps for a letter, the narrowest first, so that the reason given is the closest one."""
    key, domain, unproved = order.limits.counted_as, order.limits.counted_domain, order.limits.unproved
    if order.for_staff:
        yield Cap(key, HOUR, limits.held_hour, order.to.address)
        return
    if unproved and order.notice in ANSWERING_FIRST_MAIL:
        yield Cap(confirmations(key), HOUR, limits.unsure_confirmations_hour, order.to.address)
    if unproved:
        yield Cap(key, DAY, limits.unsure_address_day, order.to.address)
        yield Cap(of_domain(domain), HOUR, limits.unsure_domain_hour, domain)
    yield Cap(key, HOUR, limits.address_hour, order.to.address)
    yield Cap(key, DAY, limits.address_day, order.to.address)
    yield Cap(of_domain(domain), HOUR, limits.domain_hour, domain)
    minute, hour = (limits.unsure_desk_minute, limits.unsure_desk_hour) if unproved else (limits.desk_minute, limits.desk_hour)
    yield Cap(DESK, MINUTE, min(minute, limits.desk_minute), sentence("the desk"))
    yield Cap(DESK, HOUR, min(hour, limits.desk_hour), sentence("the desk"))
