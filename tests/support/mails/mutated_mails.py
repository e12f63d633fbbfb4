"""Mutated mails by seed and number, and what every reading of one has to keep. Seeds are our own mails and those of the public corpora."""

import json
import random
from functools import cache
from pathlib import Path

from support.mails.mails import html_mail, mail, multipart
from support.mails.mutations import mutated

from helpdesk.gateway.cli.parse import as_json_object
from helpdesk.threading.parsing.degraded import read_degraded
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Reading

ROOT = Path(__file__).parents[3]
CORPORA = ROOT.parent / "shared" / "corpora"
LARGEST = 200_000
DEGRADED_EVERY = (
    8  # the plain scanner is asked about each so many mails: it does little, and costs nearly as much as the whole reading
)
OWN = (
    mail("It is 4711.\n\nOn 6 May 2024 at 10:12, Help <h@x.org> wrote:\n> Which order?\n\n-- \nAnna", subject="=?utf-8?q?caf=C3=A9?=", to="a@b.org, c@d.org"),
    html_mail("<p>Hi</p><blockquote type=cite><p>old</p></blockquote>"),
    multipart("mixed", "Content-Type: text/plain; charset=gb2312; format=flowed\n\nHello \nyou", "Content-Type: message/rfc822\n\nSubject: inner\n\nInner"),
    multipart("report; report-type=delivery-status", "Content-Type: text/plain\n\nSorry", "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1"),
    multipart("mixed", "Content-Type: multipart/related; boundary=i\n\n--i\nContent-Type: text/html\n\n<img src=cid:a>\n--i\nContent-Type: image/png\nContent-ID: <a>\nContent-Transfer-Encoding: base64\n\niVBORw0=\n--i--", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nDTSTART:20240506T101500Z\nSUMMARY:Call\nEND:VEVENT\nEND:VCALENDAR"),
    multipart("mixed", "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgEAAQyABgAGAAAAV29yZHMADwICApAGAA4AAAAAAAAAAAAAAAAAAAAAAAAAAhCABgAGAAAAYS50eHQA7wECD4AGAAUAAABoZWxsbxQC"),
    mail("MIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwGggCSABBRDb250ZW50LVR5cGU6IHRleHQvcCSABBRsYWluDQoNClNpZ25lZCB3b3JkcwAAJBkEFywgYW5kIG1vcmUgb2YgdGhlbSBoZXJlAAAAAAAAMQAAAAAAAAA=", content_type="application/pkcs7-mime; name=smime.p7m", content_transfer_encoding="base64"),
    mail("Please.\n\n---------- Forwarded message ---------\nFrom: A <a@b.org>\nDate: today\nSubject: s\nTo: c@d.org\n\nText", subject="Fwd: s"),
)  # fmt: skip


@cache
def seeds() -> tuple[bytes, ...]:
    return (*OWN, *corpus())


def corpus() -> list[bytes]:
    files = sorted(CORPORA.glob("*/files/*.eml"))
    return [file.read_bytes()[:LARGEST] for file in files]


def mail_of(seed: int, number: int) -> bytes:
    """The same two numbers give the same mail, whatever was drawn before."""
    dice = random.Random(f"{seed}:{number}")
    return mutated(dice.choice(seeds()), dice)


def check_number(seed: int, number: int) -> None:
    """Read one mutated mail. Raises AssertionError, or whatever the reading raised."""
    content = mail_of(seed, number)
    check(content, read(content))
    if number % DEGRADED_EVERY == 0:
        check(content, read_degraded(content))


def check(content: bytes, reading: Reading) -> None:
    """Text that can be stored, parts that hold the whole, attachments that are there, and something to see of every mail."""
    message = reading.message
    texts = (message.text, message.html or "", message.subject, message.reply_text, message.elided_text, message.signature)
    for text in (*texts, *message.defects):
        assert "\x00" not in text, "a NUL in a text"
        text.encode("utf-8")
    for name, value in message.headers:
        assert "\n" not in value, f"a line end in {name}"
        f"{name}{value}".encode()
    parts = message.reply_text + message.elided_text + message.signature
    assert characters(parts) == characters(message.text), "reply, elided text and signature do not give the text"
    for attachment in message.attachments:
        assert attachment.filename, "an attachment without a name"
        assert len(reading.contents[attachment.sha256]) == attachment.size, "an attachment of another size"
    for mailbox in (*message.authors, *message.to, *message.cc, *message.reply_to):
        assert not set(mailbox.address) & {"\n", "\r", "\x00"}, "a control character in an address"
    assert len(message.fingerprint) == 64
    json.dumps(as_json_object(message), ensure_ascii=False).encode()
    assert is_visible(reading) or not content.strip(), "nothing to see of this mail"


def characters(text: str) -> list[str]:
    return sorted("".join(text.split()))


def is_visible(reading: Reading) -> bool:
    """Whether a person who sees the ticket sees anything of the mail, or is told that the rest is in the original."""
    message = reading.message
    return bool(
        message.subject.strip()
        or message.author
        or message.text.strip()
        or message.attachments
        or message.degraded
        or message.defects
    )
