"""A letter order becomes a letter with its final bytes.

Pure: the same order, letterhead, contents and time give the same bytes. Parts are quoted-printable UTF-8, attachments base64, lines end
with CRLF and have at most 998 characters (RFC 5322 §2.1.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from helpdesk.templates.catalogue import Speech
from helpdesk.templates.enclosures import Enclosures, enclose
from helpdesk.templates.headers import id_words, kept_references, mailbox_words, text_words
from helpdesk.templates.letterhead import Letterhead
from helpdesk.templates.mime import Picture, Written, letter_bytes
from helpdesk.templates.plots import NoPlots, plots
from helpdesk.templates.render import STAFF, Words
from helpdesk.templates.thread_index import thread_index
from helpdesk.templates.view import CustomerView, PictureView, StaffView, customer_view, fixed_view, staff_view
from helpdesk.templates.words import one_line
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.order import CustomerFacts, LetterOrder, StaffFacts
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.tokens import CONSENT, Purpose, Token, mint

# RFC 3834 §5: what answers one mail is a reply, what the desk sends by itself is generated.
AUTO_SUBMITTED = {Notice.CONFIRMATION: "auto-replied"}
# What a picture shows, for whoever does not see it; the figures themselves stand beside it.
SHOWS = {
    "volumes.png": "Requests opened and resolved on each day, and how many were open at its end",
    "answer-times.png": "Median and 90th percentile of the first response in each queue",
    "promises.png": "First responses of each plan, as promised or late",
}
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


INTERNAL = {Notice.INTERNAL_NOTE: Purpose.NOTE, Notice.RECEIPT: Purpose.RECEIPT, Notice.INCIDENT_PROPOSAL: Purpose.NOTE}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one letter, with their tokens; "" where there is no ticket to write to."""

    support: str
    reply: str = ""
    note: str = ""
    solved: str = ""
    unsolved: str = ""
    undo: str = ""
    allow_once: str = ""
    allow_always: str = ""
    allow_never: str = ""
    good: str = ""
    okay: str = ""
    bad: str = ""


def compose(order: LetterOrder, letterhead: Letterhead, contents: Mapping[str, bytes], now: datetime) -> Letter:
    """The letter of an order. `contents` has decoded attachments by their SHA-256; what is not there is named, not attached.

    Raises OutputTooLarge or jinja2's TemplateError for a broken template: a fault, never the answer to strange words.
    """
    token = _token(order, letterhead)
    addresses = _addresses(order, letterhead, token)
    speech = _speech(order, letterhead)
    subject = subject_of(order, speech)
    enclosures = Enclosures() if order.fixed_text else enclose(order.attach, contents)
    pictures = _pictures(order, letterhead)
    words = _words(order, letterhead, addresses, subject, enclosures, speech, pictures)
    message_id = f"{token}.{_base36(order.id)}@{letterhead.domain}"
    by_mail = bool(order.to.address)
    fields = _fields(order, letterhead, addresses, subject, message_id, now)
    written = (
        letter_bytes(fields, words.text, words.html, enclosures.enclosed, _boundary(message_id), pictures)
        if by_mail
        else Written(b"")
    )
    return Letter(
        id=order.id,
        notice=order.notice,
        ticket_id=order.ticket.id if order.ticket else None,
        participant=order.to.number,
        for_staff=order.for_staff,
        automatic=order.automatic,
        to=order.to.address,
        reverse_path=_reverse_path(order, letterhead) if by_mail else "",
        message_id=message_id,
        subject=subject,
        skeleton=written.skeleton,
        files=written.files,
        body_text=words.inner_text,
        body_html=words.inner_html,
        not_before=order.not_before,
        suppressed=order.suppressed,
        counted_as=order.counted_as,
        counted_domain=order.counted_domain,
        unproved=order.unproved,
        gathered=order.gathered,
    )


def _speech(order: LetterOrder, letterhead: Letterhead) -> Speech:
    """A customer is written to in the language of the ticket; staff are in English."""
    if order.for_staff:
        return STAFF
    return letterhead.renderer.speech(order.ticket.language if order.ticket else letterhead.language, letterhead.zone)


def subject_of(order: LetterOrder, speech: Speech) -> str:
    """One base subject for all letters that one person gets about a ticket, since clients thread by it too.

    A customer gets the own subject back, with the reference of the own ticket system where that answers by itself: without it
    every letter would open another case there. A fixed text has only our reference; staff see it in front.
    """
    ticket = order.ticket
    if ticket is None:
        return one_line("" if order.fixed_text else order.subject, 1000) or one_line(speech.say("subject.message"))
    topic = one_line(ticket.subject, 950)
    if order.for_staff:
        return f"[{ticket.reference}] {topic or 'no subject'}"
    if not topic or order.fixed_text:
        return one_line(speech.say("subject.request", reference=ticket.reference))
    theirs = one_line(ticket.their_reference, 60)
    return f"Re: {theirs} {topic}" if theirs and theirs not in topic else f"Re: {topic}"


def _token(order: LetterOrder, letterhead: Letterhead) -> str:
    """A letter about a held mail takes the word that releases it, a digest what is to be done with its rows.

    A letter about an internal note takes only notes, and so do a receipt and a proposal: words about it are not for the customer.

    One about no ticket takes no reply at all.
    """
    ticket = order.ticket
    if order.digest is not None:
        return mint(Token(Purpose.DIGEST, order.digest), letterhead.keyring)
    if order.held is not None:
        return mint(Token(Purpose.HELD, order.held, version=order.overruled), letterhead.keyring)
    if ticket is None:
        return mint(Token(Purpose.RECEIPT, order.id, order.to.number), letterhead.keyring)
    purpose = INTERNAL.get(order.notice, Purpose.REPLY) if order.for_staff else Purpose.REPLY
    return mint(Token(purpose, ticket.id, order.to.number, ticket.version), letterhead.keyring)


def _addresses(order: LetterOrder, letterhead: Letterhead, token: str) -> Addresses:
    ticket = order.ticket
    if ticket is None:
        sender = letterhead.support_address or f"postmaster@{letterhead.domain}"
        takes = order.held is not None or order.digest is not None
        reply = letterhead.reply_addresses.address(sender.rpartition("@")[0], token) if takes else ""
        return Addresses(sender, reply, undo=_undo_apart(order, letterhead))
    local_part = ticket.support_address.rpartition("@")[0]

    def address(purpose: Purpose) -> str:
        version = _version(order, ticket, purpose)
        own = mint(Token(purpose, ticket.id, order.to.number, version), letterhead.keyring)
        return letterhead.reply_addresses.address(local_part, own)

    reply = letterhead.reply_addresses.address(local_part, token)
    if order.for_staff:
        undo = address(Purpose.UNDO) if isinstance(order.facts, StaffFacts) and order.facts.undo is not None else ""
        return Addresses(ticket.support_address, reply, note=address(Purpose.NOTE), undo=undo)
    if isinstance(order.facts, CustomerFacts) and order.facts.stranger is not None:
        return Addresses(
            ticket.support_address,
            reply,
            allow_once=address(Purpose.ALLOW_ONCE),
            allow_always=address(Purpose.ALLOW_ALWAYS),
            allow_never=address(Purpose.ALLOW_NEVER),
        )
    return Addresses(
        ticket.support_address,
        reply,
        solved=address(Purpose.SOLVED),
        unsolved=address(Purpose.UNSOLVED),
        good=address(Purpose.GOOD),
        okay=address(Purpose.OKAY),
        bad=address(Purpose.BAD),
    )


def _undo_apart(order: LetterOrder, letterhead: Letterhead) -> str:
    """Of a letter that belongs to no ticket and tells of several: the address stands on one of them."""
    place = order.facts.undo_place if isinstance(order.facts, StaffFacts) else None
    if place is None:
        return ""
    own = mint(Token(Purpose.UNDO, place.ticket.id, place.participant, place.version), letterhead.keyring)
    return letterhead.reply_addresses.address(place.ticket.support_address.rpartition("@")[0], own)


def _version(order: LetterOrder, ticket: Ticket, purpose: Purpose) -> int:
    """The number that a token carries besides ticket and participant."""
    if purpose in CONSENT and isinstance(order.facts, CustomerFacts) and order.facts.stranger is not None:
        return order.facts.stranger.number
    return ticket.resolutions if purpose in (Purpose.SOLVED, Purpose.UNSOLVED) else ticket.version


def _pictures(order: LetterOrder, letterhead: Letterhead) -> tuple[Picture, ...]:
    """Of a report; none where what draws them is not installed, and all figures stand in the text."""
    weeks = order.facts.weeks if isinstance(order.facts, StaffFacts) else None
    if weeks is None:
        return ()
    try:
        drawn = plots(weeks.last)
    except NoPlots:
        return ()
    return tuple(
        Picture(name, f"{name.partition('.')[0]}.{_base36(order.id)}@{letterhead.domain}", content)
        for name, content in drawn.items()
    )


def _words(
    order: LetterOrder,
    letterhead: Letterhead,
    addresses: Addresses,
    subject: str,
    enclosures: Enclosures,
    speech: Speech,
    pictures: tuple[Picture, ...] = (),
) -> Words:
    """A staff member's words that must not stand in a mail are still those of the platform inbox, where only the account reads."""
    renderer, notice = letterhead.renderer, order.notice.value
    if not order.fixed_text:
        return renderer.render(notice, _illustrated(_view(order, letterhead, addresses, subject, enclosures), pictures), speech)
    fixed = renderer.render(notice, fixed_view(order, one_line(letterhead.desk_name), subject), speech)
    if order.automatic:
        return fixed
    full = renderer.render(notice, _view(order, letterhead, addresses, subject, enclosures), speech)
    return replace(fixed, inner_text=full.inner_text, inner_html=full.inner_html)


def _illustrated(view: CustomerView | StaffView, pictures: tuple[Picture, ...]) -> CustomerView | StaffView:
    if not isinstance(view, StaffView) or view.report is None:
        return view
    shown = tuple(PictureView(f"cid:{one.content_id}", SHOWS.get(one.name, one.name)) for one in pictures)
    return replace(view, report=replace(view.report, pictures=shown))


def _view(
    order: LetterOrder, letterhead: Letterhead, addresses: Addresses, subject: str, enclosures: Enclosures
) -> CustomerView | StaffView:
    desk, facts = one_line(letterhead.desk_name), order.facts
    if order.for_staff and isinstance(facts, StaffFacts):
        shown = staff_view(order, facts, desk, subject, enclosures, addresses.note, addresses.undo)
        return replace(shown, reply_address=addresses.reply)
    if not order.for_staff and isinstance(facts, CustomerFacts):
        view = customer_view(order, facts, desk, subject, enclosures, addresses.solved, addresses.unsolved)
        return replace(
            view,
            allow_once=addresses.allow_once,
            allow_always=addresses.allow_always,
            allow_never=addresses.allow_never,
            good_address=addresses.good,
            okay_address=addresses.okay,
            bad_address=addresses.bad,
        )
    raise TypeError(f"letter {order.id}: a letter to {order.to.role} cannot hold {type(facts).__name__}")


def _fields(
    order: LetterOrder, letterhead: Letterhead, addresses: Addresses, subject: str, message_id: str, now: datetime
) -> dict[str, str]:
    """All header fields but those of MIME, in their order; a field without a value is left out."""
    author = order.author_name if not order.automatic else ""
    name = f"{one_line(author, 60)} ({letterhead.desk_name})" if author else letterhead.desk_name
    fields = {
        "From": mailbox_words(name, addresses.support),
        "To": mailbox_words("" if order.fixed_text else order.to.name, order.to.address),
        "Reply-To": f"<{addresses.reply}>" if addresses.reply else "",
        "Subject": text_words(subject),
        "Date": format_datetime(now),
        "Message-ID": f"<{message_id}>",
        "In-Reply-To": id_words((order.in_reply_to or "",)),
        "References": id_words(kept_references(order.references, order.in_reply_to)),
        **_thread_fields(order, subject, now),
        "Auto-Submitted": AUTO_SUBMITTED.get(order.notice, "auto-generated") if order.automatic else "",
        "X-Auto-Response-Suppress": "All" if order.automatic else "",
    }
    return {field: value for field, value in fields.items() if value}


def _thread_fields(order: LetterOrder, subject: str, now: datetime) -> dict[str, str]:
    ticket = order.ticket
    if ticket is None:
        return {}
    first = not order.references and not order.in_reply_to
    index = thread_index(ticket.id, ticket.created_at, now, order.id, first)
    return {"Thread-Topic": text_words(subject.removeprefix("Re: ")), "Thread-Index": index}


def _reverse_path(order: LetterOrder, letterhead: Letterhead) -> str:
    """Names the letter, so that a delivery report leads back to it (VERP); null for a fixed text, which nobody needs to hear about."""
    if order.fixed_text:
        return ""
    token = mint(Token(Purpose.BOUNCE, order.id, order.to.number), letterhead.keyring)
    return letterhead.reply_addresses.address(letterhead.bounce_local, token)


def _boundary(message_id: str) -> str:
    """Has "=_", which neither quoted-printable nor base64 can write (RFC 2045 §6.7), so no words can hold it."""
    return "=_" + sha256(message_id.encode()).hexdigest()[:24]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits or "0"
