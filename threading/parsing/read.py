"""From the octets of a mail to a `Reading`. Every byte string gives one; nothing raises, and the time is linear in the size."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from helpdesk.threading.parsing.degraded import read_degraded
from helpdesk.threading.reading.attached import AttachedFiles, files_of, pictures_of, with_pictures
from helpdesk.threading.reading.attached_mail import attached_mail
from helpdesk.threading.reading.bodies import Body, body_of, charsets_of
from helpdesk.threading.reading.coverage import Wording, coverages, signed_content
from helpdesk.threading.reading.encryption import encryption_of
from helpdesk.threading.reading.fields import Header, split_header, with_lines
from helpdesk.threading.reading.fingerprint import fingerprint
from helpdesk.threading.reading.forwards import find_forward
from helpdesk.threading.reading.head import Head, read_head
from helpdesk.threading.reading.language import language_of
from helpdesk.threading.reading.limits import REPLY_LINES
from helpdesk.threading.reading.mime import Leaf, Structure, structure
from helpdesk.threading.reading.outline import Outline, outline_of
from helpdesk.threading.reading.parsed import Forward, Kind, ParsedMessage, Reading
from helpdesk.threading.reading.pictures import is_picture, pictures_shown
from helpdesk.threading.reading.reply_text import Forwarded, ReplyParts, plain_lines, split_reply
from helpdesk.threading.reading.strict import header_doubt
from helpdesk.threading.reading.subjects import base_subject, has_prefix
from helpdesk.threading.reading.two_texts import other_text
from helpdesk.threading.sorting.complaints import complaint
from helpdesk.threading.sorting.evidence import MailEvidence, is_response
from helpdesk.threading.sorting.gestures import REACTION_TYPE, gesture
from helpdesk.threading.sorting.kinds import kind_of
from helpdesk.threading.sorting.out_of_office import out_of_office
from helpdesk.threading.sorting.reports import delivery_report

CALENDARS = ("text/calendar", "application/ics")
CALENDAR_METHOD = re.compile(rb"^METHOD:([A-Z]{3,20})", re.IGNORECASE | re.MULTILINE)


def read(content: bytes, *, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
    """Read one mail in full; beyond the limits, or where the MIME reader fails, read it degraded.

    `keep_signature` leaves the signature in `reply_text`. `banners` are the texts of the desk's own banners (`reading.banners`).
    """
    received = content
    content = with_lines(content)
    header = split_header(content)
    doubt = header_doubt(received, header)
    outline = outline_of(header, content)
    if outline.breach:
        return _with_languages(read_degraded(content, outline.breach))
    return _reading(content, header, outline, doubt, keep_signature=keep_signature, banners=banners)


def _reading(
    content: bytes, header: Header, outline: Outline, doubt: str, *, keep_signature: bool, banners: Sequence[str]
) -> Reading:
    parts = structure(outline)
    head = read_head(header, next(iter(charsets_of(parts.leaves)), ""))
    attached = files_of(parts.leaves, {}, head.authors[0] if head.authors else None)
    body = body_of(parts.leaves, pictures_of(attached, parts.leaves))
    forward = find_forward(body.lines, head.subject)
    answers = bool(head.in_reply_to) or has_prefix(head.subject)
    forwarded = Forwarded.STAYS if forward else Forwarded.ABSENT
    reply = split_reply(body.lines, keep_signature=keep_signature, forwarded=forwarded, answers=answers, banners=banners)
    pictures = body.html is not None and any(is_picture(leaf) for leaf in parts.leaves)
    shown = pictures_shown(body.html or "", forwarded=forwarded, answers=answers) if pictures else {}
    attached = with_pictures(attached, parts.leaves, shown) if shown else attached
    evidence = _evidence(head, body, parts, attached, reply)
    report = delivery_report(evidence)
    sign = gesture(evidence) if report is None else None
    kind = Kind.AUTOMATIC if sign else kind_of(evidence, report)
    if forward is None and kind is Kind.PERSON:
        forward = attached_mail(parts.leaves, reply.own)
    degraded = bool(head.breach or body.breach)
    other = other_text(body.plain, body.shaped)
    covered = () if doubt or degraded else coverages(Wording(header, outline, parts, other))
    languages = _languages_of(head, reply.reply or body.text)
    message = ParsedMessage(
        message_id=head.message_id,
        in_reply_to=head.in_reply_to,
        references=head.references,
        date=head.date,
        subject=head.subject,
        base_subject=base_subject(head.subject),
        author=head.authors[0] if head.authors else None,
        authors=head.authors,
        sender=head.sender,
        reply_to=head.reply_to,
        to=head.to,
        cc=head.cc,
        text=body.text,
        html=body.html,
        reply_text=reply.reply,
        elided_text=reply.elided,
        signature=reply.signature,
        labelled=reply.labelled,
        shaped=body.shaped[:REPLY_LINES],
        language=languages.shown,
        attachments=attached.attachments,
        kind=kind,
        delivery_report=report,
        forward=replace(forward, language=language_of(forward.text)) if forward else None,
        headers=head.headers,
        fingerprint=fingerprint(header, content),
        plain_text_reply=_plain_reply(body, reply, forward, keep_signature=keep_signature, banners=banners),
        defects=tuple(dict.fromkeys((*head.defects, *parts.defects, *body.defects, *([body.breach] if body.breach else [])))),
        degraded=degraded,
        out_of_office=out_of_office(evidence, kind, head.date),
        complaint=complaint(evidence, kind),
        gesture=sign,
        responds=is_response(evidence),
        other_text=other,
        header_doubt=doubt,
        coverages=covered,
        encryption=encryption_of(parts.leaves, reply.reply),
        signed_content=signed_content(header, content) if any(coverage.whole for coverage in covered) else "",
        told_language=languages.told,
    )
    return Reading(message, attached.contents, attached.places)


class _Languages(NamedTuple):
    """The language of a mail as it declares it, else as its words tell it; and as they tell it, whatever it declares."""

    shown: str | None
    told: str | None


def _languages_of(mail: Head | ParsedMessage, text: str) -> _Languages:
    """The languages of a mail. `mail.language` is what it declares, which may be only what its author's program is set to."""
    begins = not (mail.in_reply_to or mail.references)
    told = language_of(text)
    shown = mail.language or told
    if told is None and begins:
        told = language_of(f"{base_subject(mail.subject)}\n{text}")  # few words, which the subject may complete
    return _Languages(shown, told)


def _with_languages(degraded: Reading) -> Reading:
    """A mail that was read degraded, with its languages: reading degraded may happen where no native code may see it."""
    languages = _languages_of(degraded.message, degraded.message.reply_text)
    return replace(degraded, message=replace(degraded.message, language=languages.shown, told_language=languages.told))


def _evidence(head: Head, body: Body, parts: Structure, attached: AttachedFiles, reply: ReplyParts) -> MailEvidence:
    author = head.authors[0] if head.authors else None
    return MailEvidence(
        headers=head.headers,
        subject=head.subject,
        author=author.address.lower() if author else "",
        author_name=author.name if author else "",
        text=body.text,
        parts=tuple((leaf.content_type, leaf.content) for leaf in parts.leaves if _bears_evidence(leaf)),
        report_type=parts.report_type,
        own=reply.own,
        files=any(file.is_sent and file.content_type not in CALENDARS for file in attached.attachments),
        calendar_method=next((_method(leaf) for leaf in parts.leaves if leaf.content_type in CALENDARS), ""),
    )


def _method(leaf: Leaf) -> str:
    """The method of a calendar part, of its type or from its text."""
    written = CALENDAR_METHOD.search(leaf.content[:2000])
    return (leaf.declared.get("method", "") or (written[1].decode("ascii") if written else "")).upper()


def _bears_evidence(leaf: Leaf) -> bool:
    return leaf.content_type.startswith(("message/", "text/rfc822")) or leaf.content_type == REACTION_TYPE


def _plain_reply(body: Body, reply: ReplyParts, forward: Forward | None, *, keep_signature: bool, banners: Sequence[str]) -> str:
    """The reply text of the text/plain part alone, without text from HTML and without a forwarded mail. Of a mail in HTML alone, that of its HTML."""
    forward = None if forward is None or forward.attached else forward
    html_alone = body.plain is None or not body.plain.strip()
    own = body.lines if body.shows_plain or html_alone else tuple(plain_lines(body.plain or ""))
    if forward is None and own == body.lines:
        return reply.own
    forwarded = Forwarded.GOES if forward else Forwarded.ABSENT
    return split_reply(own, keep_signature=keep_signature, forwarded=forwarded, banners=banners).own
