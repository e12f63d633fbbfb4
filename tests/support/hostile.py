"""Purpose-made input of any size, and every scanner that strangers' text or octets reach: the two tables of the rig for linear time."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime

from helpdesk.threading.reading import calendar, html, limits, rtf, secrets, smime, tnef
from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.degraded import read_degraded
from helpdesk.threading.reading.encodings import decoded, from_base64
from helpdesk.threading.reading.fields import Header, split_header
from helpdesk.threading.reading.filenames import safe_filename
from helpdesk.threading.reading.fingerprint import fingerprint
from helpdesk.threading.reading.flowed import unflowed
from helpdesk.threading.reading.forwards import addresses, find_forward
from helpdesk.threading.reading.head import read_head
from helpdesk.threading.reading.language import language_of
from helpdesk.threading.reading.mailboxes import is_one_plain_mailbox, mailboxes
from helpdesk.threading.reading.message_ids import message_id
from helpdesk.threading.reading.mime import structure
from helpdesk.threading.reading.outline import outlined
from helpdesk.threading.reading.parameters import parameters
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.reading.quote_words import LABELS, STARTS, VERBS
from helpdesk.threading.reading.reply_text import Forwarded, plain_lines, split
from helpdesk.threading.reading.subjects import base_subject
from helpdesk.threading.reading.tags import without_tags
from helpdesk.threading.reading.words import readable
from helpdesk.threading.sorting.evidence import Evidence
from helpdesk.threading.sorting.gratitude import is_only_thanks
from helpdesk.threading.sorting.kinds import kind_of
from helpdesk.threading.sorting.out_of_office import out_of_office
from helpdesk.threading.sorting.report_fields import recipients_in_part
from helpdesk.threading.sorting.report_text import recipients_in_text
from helpdesk.threading.sorting.reports import delivery_report

FORWARD = "---------- Forwarded message ---------\nFrom: A <a@b.org>\nDate: 1 May 2024\nSubject: s\nTo: c@d.org\n\n"
REPORT = "Final-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n"
BLOCKS = "\n\n".join(
    "\n".join(f"{labels[at % len(labels)]}: anna@example.org 1 May 2024" for role, labels in LABELS.items() if role != "other")
    for at in range(25)
)

# What is repeated until the size is reached. Nearly each of them was slow for some reader of mail once.
PATTERNS: dict[str, str] = {
    "quote marks": ">", "marked lines": "> old\n", "deep marks": "> > > > > > > >\n", "spaces": " ", "tabs and ends": "\t\n", "line ends": "\n", "carriage returns": "\r",
    "underscores": "_", "dashes": "-", "rules": "_____\n", "separators": "-- \n", "original": "-----Original Message-----\n", "forward": FORWARD,
    "on": "On ", "on lines": "On 1 \n", "wrote": "wrote:", "wrote lines": "wrote:\n", "attributions": "On 3 May 2024 at 10:12, Anna <a@b.org> wrote:\n",
    "broken attributions": "On 3 May 2024 at\n10:12, <a@b.org>\n", "starts": "".join(start for starts in STARTS.values() for start in starts[:1]), "verbs": " ".join(verb for verbs in VERBS.values() for verb in verbs[:1]) + "\n",
    "header blocks": BLOCKS + "\n\n", "labels": "From: a\n", "addresses": "a@b.org ", "at signs": "@", "local parts": "a" * 63 + ".", "initials": "A> x\nAB> y\n",
    "footers": "Sent from my iPhone\n", "sign-offs": "Best regards\nAnna\n", "cards": "Anna Weber\n+49 30 1234567\nanna@example.org\n\n", "disclaimers": "This e-mail is confidential\n\n",
    "digits": "1", "dates": "1.1.1.1 ", "slashes": "1/", "times": "12:", "card numbers": "4111 1111 1111 1111 ", "bare cards": "4111", "spaced digits": "4 ", "passwords": "password: hunter2!\n",
    "password labels": "password ", "password words": "pwd=x", "tokens": "ghp_", "web tokens": "eyJhbGci.", "bearer": "bearer ", "keys": "-----BEGIN PRIVATE KEY-----\n", "key ends": "-----END PRIVATE KEY-----\n",
    "encoded words": "=?utf-8?q?a?= ", "open encoded words": "=?a?q?", "question marks": "=?", "quotes": '"', "backslashes": '"\\', "parentheses": "(", "angles": "<", "commas": ",", "semicolons": ";", "colons": ":",
    "parameters": ";a*0*=x''%41", "same parameters": "; a=b", "ids": "<a@b> ", "base64": "SGVsbG8g", "padding": "====", "percent": "%41", "soft breaks": "=\n", "quoted octets": "=3D",
    "entities": "&amp;", "bare ampersands": "&", "numeric entities": "&#65;", "div": "<div>", "empty elements": "<br>", "closed elements": "<p>a</p>", "formatting": "<b id=1><p>", "fonts": "<font color=red>a",
    "blockquotes": "<blockquote type=cite>", "closed blockquotes": "<blockquote type=cite>a</blockquote>", "tables": "<table><tr><td>", "closed cells": "<table><tr><td>a</td></tr></table>", "comments": "<!--", "closed comments": "<!-- a -->",
    "attributes": "<a x=1 ", "attribute list": " x=1", "styles": '<p style="border-top:solid #e1e1e1 1.0pt">a</p>', "hidden": "<span style='display:none'>a</span>", "images": "<img src=cid:a>", "links": '<a href="http://a.org/b">c</a>', "scripts": "<script>", "closed tags": "</div>", "cdata": "<![CDATA[", "declarations": "<!DOCTYPE",
    "report blocks": REPORT, "recipients": "Final-Recipient: rfc822; a@b.org\n", "refusals": "<a@b.org>: 550 5.1.1 user unknown\n", "codes": "550 ", "enhanced codes": "5.1.1 ", "smtp": "rcpt to:<a@b.org>\n",
    "absences": "I am out of the office until 1 May. ", "months": "May ", "thanks": "thank you ", "rtf groups": "{", "rtf words": "\\par ", "rtf octets": "\\'e4", "calendar": "BEGIN:VEVENT\n", "folded": "a\n b",
    "delimiters": "--b\n", "lookalikes": "--\n", "parts": "--b\nContent-Type: text/plain\n\nx\n", "nested parts": "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "fields": "X-Field: a\n", "folded fields": "X:\n a\n",
    "json": '{"notificationType":[', "wide letters": "漢字", "capital dotted i": "İ", "invisible": "\u200b", "non-breaking": "\u00a0", "combining": "e\u0301", "surrogates": "\udc80", "bom": "\ufeff", "nul": "\x00", "escapes": "\x1b$B", "shift": "\x1b(J~",
    "long lines": "word " * 1000 + "\n", "prose": "I cannot log in since the update of yesterday.\n", "urls": "https://example.org/", "prefixes": "Re: ", "mentions": "x" * 40 + "\n",
}  # fmt: skip


def repeated(pattern: str, size: int) -> str:
    """A pattern as often as it fits into `size` characters."""
    return PATTERNS[pattern] * max(size // len(PATTERNS[pattern]), 1)


def evidence(text: str) -> Evidence:
    """Seen as a mail that sorting must look at in full."""
    headers = (("return-path", "<>"), ("auto-submitted", "auto-replied"), ("x-failed-recipients", text[:8000]))
    return Evidence(headers, f"Undeliverable: {text[:1000]}", "mailer-daemon@example.org", "", text, (), "")


def octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def text_of(content: bytes) -> str:
    """What the reader makes of octets before it looks at them."""
    return decode(content)[0].replace("\r\n", "\n").replace("\r", "\n")


def _field(name: bytes, value: bytes) -> Header:
    return split_header(name + b": " + value.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n\n")


def _outline(content: bytes) -> object:
    whole = b"Content-Type: multipart/mixed; boundary=b\n\n" + content
    return outlined(split_header(whole), whole)


def _structure(content: bytes) -> object:
    whole = b"Content-Type: multipart/mixed; boundary=b\n\n" + content
    outline = outlined(split_header(whole), whole)
    return None if outline.breach else structure(outline)


def _report(content: bytes) -> object:
    nested = Evidence(
        (),
        "",
        "mailer-daemon@a.org",
        "",
        "",
        (("message/delivery-status", content), ("message/rfc822", content)),
        "delivery-status",
    )
    return delivery_report(nested)


def _encoded(name: bytes, content: bytes) -> bytes:
    return decoded(_field(b"Content-Transfer-Encoding", name), content)


def _absence(text: str) -> object:
    return out_of_office(evidence(text), Kind.OUT_OF_OFFICE, datetime(2024, 5, 1, tzinfo=UTC))


def _forward(text: str) -> object:
    return find_forward(plain_lines(text), "Fwd: question")


# Scanners of text, of octets, and of the octets of a header (at most as many as a header may have).
OF_TEXT: dict[str, Callable[[str], object]] = {
    "html.lines": html.lines,
    "html.safe": html.safe,
    "html.too_complex": html.too_complex,
    "tags": without_tags,
    "reply": lambda text: split(plain_lines(text)),
    "reply of a forward": lambda text: split(plain_lines(text), forwarded=Forwarded.STAYS, answers=False),
    "quoted reply": lambda text: split([line._replace(quoted=at % 2 > 0) for at, line in enumerate(plain_lines(text))]),
    "forward": _forward,
    "forwarded addresses": addresses,
    "language": language_of,
    "masked": secrets.masked,
    "secrets": secrets.found,
    "flowed": functools.partial(unflowed, delsp=True),
    "base subject": base_subject,
    "calendar": calendar.summary,
    "thanks": is_only_thanks,
    "kind": lambda text: kind_of(evidence(text), None),
    "delivery report": lambda text: delivery_report(evidence(text)),
    "recipients in text": lambda text: recipients_in_text(evidence(text)),
    "absence": _absence,
}
OF_OCTETS: dict[str, Callable[[bytes], object]] = {
    "header": split_header,
    "outline": _outline,
    "structure": _structure,
    "charset": decode,
    "Japanese charset": lambda content: decode(content, "iso-2022-jp"),
    "unknown charset": lambda content: decode(content, "x-nonsense"),
    "Chinese charset": lambda content: decode(content, "gb2312"),
    "base64": from_base64,
    "quoted-printable": lambda content: _encoded(b"quoted-printable", content),
    "uuencode": lambda content: _encoded(b"x-uuencode", content),
    "fingerprint": lambda content: fingerprint(split_header(content), content),
    "RTF": rtf.plain_text,
    "compressed RTF": lambda content: rtf.uncompressed(b"\0" * 4 + b"\xff\xff\xff\x7f" + b"LZFu" + b"\0" * 4 + content),
    "TNEF": lambda content: tnef.read_tnef(b"\x78\x9f\x3e\x22\0\0" + content),
    "S/MIME": smime.signed_entity,
    "report part": lambda content: recipients_in_part(content, ""),
    "delivery status": _report,
}
OF_HEADERS: dict[str, Callable[[bytes], object]] = {
    "head": lambda content: read_head(split_header(content)),
    "parameters": parameters,
    "mailboxes": mailboxes,
    "one mailbox": is_one_plain_mailbox,
    "message ids": message_id,
    "shown value": readable,
    "file name": lambda content: safe_filename(text_of(content)),
    "From": lambda content: read_head(_field(b"From", content)),
    "Subject": lambda content: read_head(_field(b"Subject", content)),
    "References": lambda content: read_head(_field(b"References", content)),
    "Date": lambda content: read_head(_field(b"Date", content)),
}
WHOLE: dict[str, Callable[[bytes], object]] = {"degraded": read_degraded}
LARGEST_HEADER = limits.HEADER_OCTETS - 1000


def prepared(scanner: str, pattern: str, size: int) -> Callable[[], object]:
    """One scan of `size` characters or octets, ready to run; what reading did before that is done already."""
    content = octets(repeated(pattern, size))
    if scanner in OF_TEXT:
        return functools.partial(OF_TEXT[scanner], text_of(content))
    if scanner in OF_HEADERS:
        return functools.partial(OF_HEADERS[scanner], content[:LARGEST_HEADER])
    return functools.partial((OF_OCTETS | WHOLE)[scanner], content)


SCANNERS = (*OF_TEXT, *OF_OCTETS, *OF_HEADERS, *WHOLE)
