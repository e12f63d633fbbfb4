"""Mutated mails, our own and those of the public corpora: each gives a reading that keeps its promises.

`run(seed, count)` is the campaign; the tests run a small, fixed slice of it.
"""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mails import html_mail, mail, multipart
from mutations import mutated

from helpdesk.threading.reading.degraded import read_degraded
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.reading.read import read

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"
LARGEST = 200_000
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


def run(seed: int, count: int) -> None:
    """Read `count` mutated mails; raises at the first that breaks a promise."""
    dice = random.Random(seed)
    seeds = [*OWN, *corpus()]
    for _ in range(count):
        content = mutated(dice.choice(seeds), dice)
        check(content, read(content))
        check(content, read_degraded(content))


def corpus() -> list[bytes]:
    files = sorted(CORPORA.glob("*/files/*.eml"))
    return [file.read_bytes()[:LARGEST] for file in files]


def check(content: bytes, reading: Reading) -> None:
    """Text that can be stored, parts that hold the whole, attachments that are there."""
    message = reading.message
    for text in (
        message.text,
        message.html or "",
        message.subject,
        message.reply_text,
        message.elided_text,
        message.signature,
        *message.defects,
    ):
        assert "\x00" not in text, content
        text.encode("utf-8")
    for name, value in message.headers:
        assert "\n" not in value, content
        f"{name}{value}".encode()
    assert visible(message.reply_text + message.elided_text + message.signature) == visible(message.text), content
    for attachment in message.attachments:
        assert attachment.filename, content
        assert len(reading.contents[attachment.sha256]) == attachment.size, content
    for mailbox in (*message.authors, *message.to, *message.cc, *message.reply_to):
        assert not set(mailbox.address) & {"\n", "\r", "\x00"}, content
    assert len(message.fingerprint) == 64


def visible(text: str) -> list[str]:
    return sorted("".join(text.split()))


@pytest.mark.parametrize("seed", range(4))
def test_mutated_mails_keep_the_promises_of_a_reading(seed: int) -> None:
    run(seed, 100)


def test_the_public_corpora_keep_the_promises_of_a_reading() -> None:
    if not CORPORA.is_dir():
        pytest.skip(f"the public corpora are not at {CORPORA}")
    for content in corpus()[::4]:
        check(content, read(content))


@given(st.binary(max_size=2000))
@settings(max_examples=150, deadline=None)
def test_any_octets_give_a_reading(content: bytes) -> None:
    check(content, read(content))
    check(content, read_degraded(content))


@given(
    st.text(max_size=500),
    st.sampled_from(
        [
            "text/plain",
            "text/html",
            "multipart/mixed; boundary=x",
            "message/rfc822",
            "multipart/report; report-type=delivery-status; boundary=x",
        ]
    ),
)
@settings(max_examples=150, deadline=None)
def test_any_body_of_any_type_gives_a_reading(body: str, content_type: str) -> None:
    content = mail(body.encode("utf-8", "replace"), mime_version="1.0", content_type=content_type)
    check(content, read(content))
