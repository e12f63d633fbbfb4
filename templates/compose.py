"""Turn a letter order into a letter with its final octets.

Pure: the same order, letterhead, contents and time give the same octets. Text parts are quoted-printable UTF-8, attachments
are base64, lines end with CRLF and have at most 998 characters (RFC 5322 §2.1.1).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from helpdesk.templates.appearance import NO_PAGES, PLAIN
from helpdesk.templates.catalogue import Speech
from helpdesk.templates.enclosures import Enclosures, enclose, is_picture
from helpdesk.templates.headers import id_words, limited_references, mailbox_words, text_words
from helpdesk.templates.letterhead import Letterhead, StaffReader
from helpdesk.templates.locales import zone_of_region
from helpdesk.templates.mime import Picture, WrittenMail, letter_bytes
from helpdesk.templates.plots import NoPlots, plots
from helpdesk.templates.render import Renderer, Words
from helpdesk.templates.thread_index import thread_index
from helpdesk.templates.view import Addresses, CustomerView, Frame, PictureView, StaffView, customer_view, fixed_view, staff_view
from helpdesk.templates.words import one_line
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.order import ConsultAnswer, CustomerFacts, DigestAnswer, HeldAnswer, LetterOrder, StaffFacts
from helpdesk.threading.matching.sent_words import packed
from helpdesk.threading.model.attachment import picture_address
from helpdesk.threading.model.notice import ANSWERING_FIRST_MAIL, Notice
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.shaping import pictures_in
from helpdesk.threading.trust.tokens import CONSENT, PERMISSION, Purpose, Token, mint

# RFC 3834 §5: a letter that answers one mail is auto-replied; every other automatic letter is auto-generated.
AUTO_SUBMITTED = dict.fromkeys((*ANSWERING_FIRST_MAIL, Notice.INCOMPLETE), "auto-replied")
# The text for readers who do not see a picture. The letter has the figures themselves beside it.
SHOWS = {
    "volumes.png": sentence("Requests opened and resolved on each day, and how many were open at its end"),
    "answer-times.png": sentence("Median and 90th percentile of the first response in each queue"),
    "promises.png": sentence("First responses of each plan, as promised or late"),
}
BUTTONS = (Purpose.SOLVED, Purpose.UNSOLVED, Purpose.GOOD, Purpose.OKAY, Purpose.BAD)
# What our own templates show. A desk's own may show each address in each letter.
BUTTONS_OF = {Notice.RESOLUTION: BUTTONS[:2], Notice.CLOSING: BUTTONS[2:]}
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


INTERNAL = {Notice.INTERNAL_NOTE: Purpose.NOTE, Notice.RECEIPT: Purpose.RECEIPT, Notice.INCIDENT_PROPOSAL: Purpose.NOTE}


def compose(order: LetterOrder, letterhead: Letterhead, contents: Mapping[str, bytes], now: datetime) -> Letter:
    """The letter of an order. `contents` has decoded attachments by their SHA-256; one that is missing is named instead of
    attached.

    Raise OutputTooLarge, or jinja2's TemplateError for a broken template. Neither depends on what strangers wrote.
    """
    token = _token(order, letterhead)
    addresses = _addresses(order, letterhead, token)
    speech = _speech(order, letterhead)
    subject = subject_of(order, speech)
    enclosures = Enclosures() if order.fixed_text else enclose(order.words.attach, contents, letterhead.attachments)
    pictures = _pictures(order, letterhead, speech)
    shown = tuple(
        PictureView(f"cid:{picture.content_id}", speech.line(SHOWS.get(picture.name, picture.name))) for picture in pictures
    )
    in_place = _pictures_in_place(order, enclosures)
    look = PLAIN if order.for_staff else letterhead.looks.get(addresses.support, PLAIN)
    desk = one_line(look.name or letterhead.desk_name)
    pages = letterhead.pages.get(order.ticket.plan, NO_PAGES) if order.ticket else NO_PAGES
    frame = Frame(
        desk,
        subject,
        addresses,
        enclosures,
        shown,
        in_place,
        speech,
        now,
        look,
        pages,
        request_page=letterhead.request_page,
        links=_links(order, letterhead, enclosures, now),
        links_until=letterhead.links.until(now) if letterhead.links else None,
    )
    words = _words(order, frame, letterhead.renderer, speech)
    message_id = f"{token}.{_base36(order.id)}@{letterhead.domain}"
    by_mail = bool(order.to.address)
    fields = _fields(order, frame, message_id, now)
    written = (
        letter_bytes(fields, words.text, words.html, enclosures.enclosed, _boundary(message_id), pictures, frozenset(in_place))
        if by_mail
        else WrittenMail(b"")
    )
    return Letter(
        id=order.id,
        notice=order.notice,
        ticket_id=_ticket_id(order),
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
        words=packed(words.text, words.html) if by_mail else b"",
        not_before=order.not_before,
        limits=order.limits,
        part=order.words.part,
    )


def _links(order: LetterOrder, letterhead: Letterhead, enclosures: Enclosures, now: datetime) -> tuple[tuple[str, str], ...]:
    """Links to the files that a customer's letter leaves out, by their names. All of them have one, or none has."""
    makes, left_out = letterhead.links, enclosures.left_out
    is_shown = order.ticket is not None and not order.for_staff and not isinstance(order.answer, ConsultAnswer)
    if makes is None or not is_shown or not order.to.address or not all(file.place for file in left_out):
        return ()
    return tuple((file.filename, makes.link(order.id, file.place, order.to.address, now)) for file in left_out)


def _ticket_id(order: LetterOrder) -> int | None:
    """The ticket with which the letter is kept. One to a third person belongs to a ticket of which it says nothing."""
    if isinstance(order.answer, ConsultAnswer):
        return order.answer.ticket
    return order.ticket.id if order.ticket else None


def _speech(order: LetterOrder, letterhead: Letterhead) -> Speech:
    """Customers are written to in the language of the ticket, staff in their own. Each reads the times of their own zone."""
    if order.for_staff:
        reader = letterhead.readers.get(order.to.address.lower(), StaffReader())
        return letterhead.renderer.speech(reader.language, reader.zone or letterhead.zone)
    language = order.ticket.language if order.ticket else letterhead.language
    account = order.ticket.account if order.ticket else None
    zone = letterhead.zones.get(account or "") or zone_of_region(language) or letterhead.zone
    return letterhead.renderer.speech(language, zone)


def subject_of(order: LetterOrder, speech: Speech) -> str:
    """The subject of all letters that one person gets about a ticket: it stays the same, because mail clients thread by it
    too.

    A customer gets their own subject back. If their own ticket system answers by itself, the subject keeps its reference;
    without it each letter would open another case there. A fixed text has only our reference in its subject. Staff see our
    reference in front.
    """
    ticket = order.ticket
    if order.notice is Notice.CONSULTATION:
        return one_line(speech.say("consultation.subject"))
    if ticket is None:
        return one_line("" if order.fixed_text else speech.line(order.subject), 1000) or one_line(speech.say("subject.message"))
    topic = one_line(ticket.subject, 950)
    if order.for_staff:
        return f"[{ticket.reference}] {topic or 'no subject'}"
    if not topic or order.fixed_text:
        return one_line(speech.say("subject.request", reference=ticket.reference))
    theirs = one_line(ticket.their_reference, 60)
    return f"Re: {theirs} {topic}" if theirs and theirs not in topic else f"Re: {topic}"


def _token(order: LetterOrder, letterhead: Letterhead) -> str:
    """The token of the reply address, which decides what a reply to the letter means.

    A reply to a letter about held mail releases that mail, and one to a digest acts on its rows. Replies to a letter about
    an internal note, a receipt or a proposal become internal notes, but commands in answer to a refusal are carried out as if they had stood
    in the refused mail. A letter about no ticket takes no reply.
    """
    ticket, answer = order.ticket, order.answer
    if isinstance(answer, DigestAnswer):
        return mint(Token(Purpose.DIGEST, answer.digest), letterhead.keyring)
    if isinstance(answer, ConsultAnswer):
        return mint(Token(Purpose.CONSULT, answer.ticket, answer.number), letterhead.keyring)
    if isinstance(answer, HeldAnswer):
        return mint(Token(Purpose.HELD, answer.number, version=answer.overruled), letterhead.keyring)
    if ticket is None:
        return mint(Token(Purpose.RECEIPT, order.id, order.to.number), letterhead.keyring)
    purpose = INTERNAL.get(order.notice, Purpose.REPLY) if order.for_staff else Purpose.REPLY
    if isinstance(order.facts, StaffFacts) and (order.facts.corrects or order.facts.broadcasts):
        purpose = Purpose.CORRECTION
    return mint(Token(purpose, ticket.id, order.to.number, ticket.version), letterhead.keyring)


def _addresses(order: LetterOrder, letterhead: Letterhead, token: str) -> Addresses:
    """All addresses of the letter; those that it does not need are ""."""
    ticket = order.ticket
    if isinstance(order.answer, ConsultAnswer):
        local_part = order.answer.support_address.rpartition("@")[0]
        return Addresses(order.answer.support_address, letterhead.reply_addresses.address(local_part, token))
    if ticket is None:
        sender = letterhead.support_address or f"postmaster@{letterhead.domain}"
        reply = letterhead.reply_addresses.address(sender.rpartition("@")[0], token) if order.answer is not None else ""
        return Addresses(sender, reply, undo=_undo_address_elsewhere(order, letterhead))
    local_part = ticket.support_address.rpartition("@")[0]

    def address(purpose: Purpose) -> str:
        version = _version(order, ticket, purpose)
        own = mint(Token(purpose, ticket.id, order.to.number, version), letterhead.keyring)
        return letterhead.reply_addresses.address(local_part, own)

    reply = letterhead.reply_addresses.address(local_part, token)
    if order.for_staff:
        undo = address(Purpose.UNDO) if isinstance(order.facts, StaffFacts) and order.facts.undo else ""
        return Addresses(ticket.support_address, reply, note=address(Purpose.NOTE), undo=undo)
    if isinstance(order.facts, CustomerFacts) and order.facts.stranger is not None:
        return Addresses(
            ticket.support_address,
            reply,
            allow_once=address(Purpose.ALLOW_ONCE),
            allow_always=address(Purpose.ALLOW_ALWAYS),
            allow_never=address(Purpose.ALLOW_NEVER),
        )
    if isinstance(order.facts, CustomerFacts) and order.facts.permission is not None:
        return Addresses(ticket.support_address, reply, permit=address(Purpose.PERMIT), refuse=address(Purpose.REFUSE))
    shown = BUTTONS if letterhead.renderer.overrides.templates else BUTTONS_OF.get(order.notice, ())
    return Addresses(ticket.support_address, reply, **{purpose.name.lower(): address(purpose) for purpose in shown})


def _undo_address_elsewhere(order: LetterOrder, letterhead: Letterhead) -> str:
    """The undo address of a letter that belongs to no ticket and reports on several: it is that of one of these tickets."""
    place = order.facts.undo_place if isinstance(order.facts, StaffFacts) else None
    if place is None:
        return ""
    own = mint(Token(Purpose.UNDO, place.ticket.id, place.participant, place.version), letterhead.keyring)
    return letterhead.reply_addresses.address(place.ticket.support_address.rpartition("@")[0], own)


def _version(order: LetterOrder, ticket: Ticket, purpose: Purpose) -> int:
    """The number that a token carries besides ticket and participant."""
    if purpose in CONSENT and isinstance(order.facts, CustomerFacts) and order.facts.stranger is not None:
        return order.facts.stranger.number
    if purpose in PERMISSION and isinstance(order.facts, CustomerFacts) and order.facts.permission is not None:
        return order.facts.permission.number
    return ticket.resolutions if purpose in (Purpose.SOLVED, Purpose.UNSOLVED) else ticket.version


def _pictures(order: LetterOrder, letterhead: Letterhead, speech: Speech) -> tuple[Picture, ...]:
    """The plots of a report; none where matplotlib is not installed. The text has all figures in any case."""
    weeks = order.facts.weeks if isinstance(order.facts, StaffFacts) else None
    if weeks is None:
        return ()
    try:
        drawn = plots(weeks.last, speech.line)
    except NoPlots:
        return ()
    return tuple(
        Picture(name, f"{name.partition('.')[0]}.{_base36(order.id)}@{letterhead.domain}", content)
        for name, content in drawn.items()
    )


def _pictures_in_place(order: LetterOrder, enclosures: Enclosures) -> dict[str, str]:
    """The sources of the enclosed pictures that stand between the words, by their SHA-256."""
    wanted = pictures_in(order.words.document)
    shown = {file.sha256 for file in enclosures.enclosed if file.sha256 in wanted and is_picture(file)}
    return {sha256: picture_address(sha256) for sha256 in sorted(shown)}


def _words(order: LetterOrder, frame: Frame, renderer: Renderer, speech: Speech) -> Words:
    """The words of the letter.

    A fixed text keeps a staff member's words out of the mail. The platform inbox, which only the account reads, still has them.
    """
    notice = order.notice.value
    if not order.fixed_text:
        return renderer.render(notice, _view(order, frame), speech)
    fixed = renderer.render(notice, fixed_view(order, frame), speech)
    if order.automatic:
        return fixed
    full = renderer.render(notice, _view(order, frame), speech)
    return replace(fixed, inner_text=full.inner_text, inner_html=full.inner_html)


def _view(order: LetterOrder, frame: Frame) -> CustomerView | StaffView:
    facts = order.facts
    if order.for_staff and isinstance(facts, StaffFacts):
        return staff_view(order, facts, frame)
    if not order.for_staff and isinstance(facts, CustomerFacts):
        return customer_view(order, facts, frame)
    raise TypeError(f"letter {order.id}: a letter to {order.to.role} cannot hold {type(facts).__name__}")


def _fields(order: LetterOrder, frame: Frame, message_id: str, now: datetime) -> dict[str, str]:
    """All header fields except those of MIME, in their order; a field without a value is left out."""
    addresses, subject = frame.addresses, frame.subject
    author = order.words.author_name if not order.automatic else ""
    name = f"{one_line(author, 60)} ({frame.desk})" if author else frame.desk
    fields = {
        "From": mailbox_words(name, addresses.support),
        "To": mailbox_words("" if order.fixed_text else order.to.name, order.to.address),
        "Reply-To": f"<{addresses.reply}>" if addresses.reply else "",
        "Subject": text_words(subject),
        "Date": format_datetime(now),
        "Message-ID": f"<{message_id}>",
        "In-Reply-To": id_words((order.thread.in_reply_to or "",)),
        "References": id_words(limited_references(order.thread.references, order.thread.in_reply_to)),
        **_thread_fields(order, subject, now),
        "Auto-Submitted": AUTO_SUBMITTED.get(order.notice, "auto-generated") if order.automatic else "",
        "X-Auto-Response-Suppress": "All" if order.automatic else "",
    }
    return {field: value for field, value in fields.items() if value}


def _thread_fields(order: LetterOrder, subject: str, now: datetime) -> dict[str, str]:
    ticket = order.ticket
    if ticket is None:
        return {}
    first = not order.thread.references and not order.thread.in_reply_to
    index = thread_index(ticket.id, ticket.created_at, now, order.id, first)
    return {"Thread-Topic": text_words(subject.removeprefix("Re: ")), "Thread-Index": index}


def _reverse_path(order: LetterOrder, letterhead: Letterhead) -> str:
    """An address that names the letter, so that a delivery report leads back to it (VERP). Null for a fixed text, whose
    failure concerns nobody.
    """
    if order.fixed_text:
        return ""
    token = mint(Token(Purpose.BOUNCE, order.id, order.to.number), letterhead.keyring)
    return letterhead.reply_addresses.address(letterhead.bounce_local, token)


def _boundary(message_id: str) -> str:
    """A boundary that no text can contain: it has "=_", which neither quoted-printable nor base64 can write (RFC 2045 §6.7)."""
    return "=_" + sha256(message_id.encode()).hexdigest()[:24]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits or "0"
