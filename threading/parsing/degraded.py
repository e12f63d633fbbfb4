"""Reading a mail that is too large or too complex for the parsers: its header and its first text, by one bounded walk, without MIME library.

The result is enough for a ticket. The raw mail keeps the rest. No native code but the charset detector sees the mail, so its language is
what it declares.
"""

from collections.abc import Mapping

from helpdesk.threading.reading.charsets import decode, without_controls
from helpdesk.threading.reading.encodings import undo_encoding
from helpdesk.threading.reading.fields import Header, split_header, with_lines
from helpdesk.threading.reading.fingerprint import fingerprint
from helpdesk.threading.reading.head import read_head
from helpdesk.threading.reading.parameters import parameters
from helpdesk.threading.reading.parsed import ParsedMessage, Reading
from helpdesk.threading.reading.reply_text import plain_lines, split_reply
from helpdesk.threading.reading.strict import header_doubt
from helpdesk.threading.reading.subjects import base_subject
from helpdesk.threading.reading.tags import without_tags
from helpdesk.threading.sorting.evidence import MailEvidence, is_response
from helpdesk.threading.sorting.kinds import kind_of

SCANNED = 1024 * 1024  # octets of the body
STEPS = 20  # parts that are opened on the way to the text
SHOWN = 100_000  # characters
READER_ENDED = "the reader ended on this mail"


def read_degraded(content: bytes, reason: str = READER_ENDED) -> Reading:
    """A `Reading` without attachments, HTML, delivery report and forward; `reason` goes into its defects."""
    received = content
    content = with_lines(content)
    header = split_header(content)
    doubt = header_doubt(received, header)
    head = read_head(header)
    text = _first_text(header, content[header.body_at : header.body_at + SCANNED])
    reply = split_reply(plain_lines(text))
    author = head.authors[0] if head.authors else None
    evidence = MailEvidence(
        head.headers,
        head.subject,
        author.address.lower() if author else "",
        author.name if author else "",
        text,
        (),
        _report_type(header),
        reply.own,
    )
    message = ParsedMessage(
        message_id=head.message_id,
        in_reply_to=head.in_reply_to,
        references=head.references,
        date=head.date,
        subject=head.subject,
        base_subject=base_subject(head.subject),
        author=author,
        authors=head.authors,
        sender=head.sender,
        reply_to=head.reply_to,
        to=head.to,
        cc=head.cc,
        text=text,
        html=None,
        reply_text=reply.reply,
        elided_text=reply.elided,
        signature=reply.signature,
        labelled=reply.labelled,
        language=head.language,
        attachments=(),
        kind=kind_of(evidence, None),
        delivery_report=None,
        forward=None,
        headers=head.headers,
        fingerprint=fingerprint(header, content),
        plain_text_reply=reply.reply,
        defects=(*head.defects, f"read degraded: {reason}"),
        degraded=True,
        header_doubt=doubt,
        responds=is_response(evidence),
    )
    return Reading(message, {})


def scanned_message_id(content: bytes) -> str | None:
    """The Message-ID of a mail that could not be read at all, so that operators can find it. Never raises."""
    try:
        return read_head(split_header(with_lines(content))).message_id
    except Exception:
        return None


def _report_type(header: Header) -> str:
    main, given = parameters((header.first("content-type") or b"")[:SHOWN])
    return given.get("report-type", "").lower() if main == "multipart/report" else ""


def _first_text(header: Header, body: bytes) -> str:
    """The text of the first text part, found by stepping from boundary to boundary; "" without one."""
    for _ in range(STEPS):
        field = (header.first("content-type") or b"")[:2000]
        main, given = parameters(field)
        if not main.startswith("multipart/"):
            if main in ("", "text/plain"):
                return _decode_text(header, given, body)
            return without_controls(without_tags(_decode_text(header, given, body))) if main == "text/html" else ""
        boundary = given.get("boundary", "").rstrip().encode("utf-8", "replace")
        start = body.find(b"--" + boundary) if boundary else -1
        if start < 0:
            break
        part_at = body.find(b"\n", start) + 1
        if not part_at:
            break
        end = body.find(b"\n--" + boundary, part_at)
        part = body[part_at : end if end >= 0 else len(body)]
        header = split_header(part)
        body = part[header.body_at :]
    return ""


def _decode_text(header: Header, given: Mapping[str, str], body: bytes) -> str:
    text = decode(undo_encoding(header, body), given.get("charset", ""))[0]
    return without_controls(text.replace("\r\n", "\n").replace("\r", "\n")[:SHOWN]).strip("\n")
