"""The header fields of a mail as typed values, for mail that is read in full and for mail that is read degraded."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from helpdesk.threading.reading.fields import Header
from helpdesk.threading.reading.limits import ADDRESS_FIELD_OCTETS, ADDRESS_FIELDS, ADDRESSES
from helpdesk.threading.reading.mailboxes import is_one_plain_mailbox, mailboxes
from helpdesk.threading.reading.message_ids import message_id, message_ids
from helpdesk.threading.reading.parsed import Mailbox
from helpdesk.threading.reading.words import readable, text_of

SINGLETONS = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references")
SHOWN_OCTETS = 8 * 1024  # of one value in `headers`
LONGEST_DATE = 100
# Obsolete dates have comments anywhere, and white space before any sign (RFC 5322 §4.3).
COMMENT = re.compile(r"\([^()]*\)")
BLANK_BEFORE = re.compile(r"\s+(?=[:,])|(?<=:)\s+")


@dataclass(frozen=True, slots=True)
class Head:
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None
    subject: str
    authors: tuple[Mailbox, ...]
    sender: Mailbox | None
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    language: str | None
    headers: tuple[tuple[str, str], ...]
    defects: tuple[str, ...]
    breach: str | None  # an address field beyond its limit


def read_head(header: Header, charset: str = "") -> Head:
    """The typed values of a header. Of a field that must stand once, the first counts, and repetitions are defects.

    Of From, every mailbox of every field is an author. `charset` is the label of the body, by which raw octets are read.
    """
    ids = header.first("message-id")
    language = header.first("content-language")
    breach = _breach(header)
    return Head(
        message_id=message_id(ids) if ids is not None else None,
        in_reply_to=message_ids(header.first("in-reply-to") or b""),
        references=message_ids(header.first("references") or b""),
        date=moment_in(header.first("date") or b""),
        subject=readable(header.first("subject") or b"", charset),
        authors=tuple(author for value in header.all("from") for author in mailboxes(value, charset))[:ADDRESSES],
        sender=next(iter(mailboxes(header.first("sender") or b"", charset)), None),
        reply_to=mailboxes(header.first("reply-to") or b"", charset),
        to=_all_mailboxes(header, "to", charset),
        cc=_all_mailboxes(header, "cc", charset),
        language=(readable(language).partition(",")[0].strip()[:35] or None) if language else None,
        headers=tuple((field.name, readable(field.value[:SHOWN_OCTETS], charset)) for field in header.fields),
        defects=(*header.defects, *_field_defects(header), *([breach] if breach else [])),
        breach=breach,
    )


def _all_mailboxes(header: Header, name: str, charset: str) -> tuple[Mailbox, ...]:
    """The mailboxes of all fields of a name. A name without an address is left out."""
    found = (mailbox for value in header.all(name)[:ADDRESSES] for mailbox in mailboxes(value, charset))
    return tuple(mailbox for mailbox in found if mailbox.address)[:ADDRESSES]


def _field_defects(header: Header) -> list[str]:
    counts: dict[str, int] = {}
    defects: list[str] = []
    for field in header.fields:
        counts[field.name] = counts.get(field.name, 0) + 1
        if field.name in SINGLETONS and not field.regular:
            defects.append(f"malformed {field.name.title()} field name")
    defects += [f"several {name.title()} fields" for name in SINGLETONS if counts.get(name, 0) > 1]
    if not counts.get("from"):
        defects.append("no From field")
    elif not all(is_one_plain_mailbox(value) for value in header.all("from")):
        defects.append("From field is not one plain address")
    return defects


def _breach(header: Header) -> str | None:
    for field in header.fields:
        if field.name in ADDRESS_FIELDS:
            if len(field.value) > ADDRESS_FIELD_OCTETS:
                return f"{field.name.title()} field larger than {ADDRESS_FIELD_OCTETS} octets"
            if field.value.count(b"@") > ADDRESSES and len(mailboxes(field.value)) >= ADDRESSES:
                return f"more than {ADDRESSES} addresses in {field.name.title()}"
    return None


def moment_in(value: bytes) -> datetime | None:
    """The date and time of a header field in UTC (RFC 5322 §3.3); None if it is no possible time."""
    try:
        written = COMMENT.sub(" ", text_of(value[:LONGEST_DATE]))
        parsed = parsedate_tz(BLANK_BEFORE.sub("", written))
        if parsed is None:
            return None
        local = datetime(*parsed[:6], tzinfo=UTC)
        return local - timedelta(seconds=parsed[9] or 0)
    except (ValueError, OverflowError, TypeError, IndexError, AttributeError):
        return None
