"""What is not signed may be changed under the signature: Content-Type, its boundary and charset, the encoding, the disposition.

Whoever is believed has written the words that are read. And the genuine mail of clients, signed as their providers sign, is believed.
"""

import re
from collections.abc import Iterator
from itertools import cycle

import pytest
from support.mails.provider_mails import (
    LISTS,
    behind_a_relay,
    clients,
    judged_behind_a_relay,
    judged_directly,
    proved,
    signed,
    written,
)

from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage

FIELD = re.compile(rb"^(?:Content-[A-Za-z-]+|MIME-Version):.*\r\n(?:[ \t].*\r\n)*", re.MULTILINE)
TYPES = (
    "text/plain", "text/html", "text/html; charset=utf-8", "text/plain; charset=utf-7", "text/plain; charset=utf-16", "text/plain; charset=cp037",
    "text/plain; charset=iso-8859-1", "text/plain; charset=gb2312", "text/plain; charset=iso-2022-jp", "text/plain; charset=utf-8; format=flowed; delsp=yes",
    "text/plain; name=x.txt", "text/enriched", "message/rfc822", "application/octet-stream", "application/ms-tnef", "application/pkcs7-mime",
    "multipart/mixed", "multipart/mixed; boundary=x", 'multipart/alternative; boundary=""',
)  # fmt: skip
CONTAINERS = (
    "mixed",
    "alternative",
    "related",
    "signed",
    "digest",
    "report; report-type=delivery-status",
    "parallel",
    "encrypted",
)
ENCODINGS = ("7bit", "8bit", "binary", "quoted-printable", "base64", "x-uuencode", "b64", "qp")
DISPOSITIONS = ("attachment", 'attachment; filename="x.txt"', "inline", "inline; filename=x.txt")


def essence(message: ParsedMessage) -> tuple[object, ...]:
    """Whatever of a mail has an effect: words without their spacing, commands, files."""
    words = [" ".join(text.split()) for text in (message.subject, message.text, message.plain_text_reply)]
    return (*words, tuple(attachment.sha256 for attachment in message.attachments))


def tampered(mail: bytes, client: str) -> Iterator[tuple[str, bytes]]:
    """The mail with one of its MIME fields changed, taken out, or doubled."""
    head, blank, body = mail.partition(b"\r\n\r\n")
    head += b"\r\n"
    present = {one[0].partition(b":")[0].lower(): one[0] for one in re.finditer(FIELD, head)}
    lines = [b"--x", *(line for line in body.split(b"\r\n") if line.startswith(b"--"))]
    boundaries = {line[2:].decode("latin-1") for line in lines} | {body.split(b"\r\n")[0].decode("latin-1"), "Omar"}
    boundary = re.search(rb'boundary="([^"]*)"', present.get(b"content-type", b""))
    boundaries |= {boundary[1].decode() + " ", boundary[1].decode()[:-1]} if boundary else set()
    types = [f"Content-Type: {type_}" for type_ in TYPES]
    types += [f'Content-Type: multipart/{kind}; boundary="{one}"' for kind in CONTAINERS for one in sorted(boundaries) if one]
    values = (
        types
        + [f"Content-Transfer-Encoding: {encoding}" for encoding in ENCODINGS]
        + [f"Content-Disposition: {disposition}" for disposition in DISPOSITIONS]
    )
    for value in [*values, "MIME-Version: 2.0", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]:
        name, colon, _ = value.partition(":")
        old = present.get(name.lower().encode(), b"")
        new = value.encode() + b"\r\n" if colon else b""
        yield f"{client}: {value}", (head.replace(old, new, 1) if old else head + new) + blank[2:] + body
    for value in ("Content-Type: text/plain", "Content-Transfer-Encoding: base64"):
        yield f"{client}: also {value}", head + value.encode() + b"\r\n" + blank[2:] + body
        yield f"{client}: first {value}", value.encode() + b"\r\n" + head + blank[2:] + body


@pytest.mark.parametrize(("client", "provider"), [*zip(sorted(clients()), cycle(["Gmail", "Microsoft 365"]), strict=False)])
def test_whoever_is_believed_wrote_the_words(client: str, provider: str) -> None:
    genuine = signed(written(client), provider)
    expected, held = essence(read(genuine).message), 0
    for name, content in tampered(genuine, client):
        if content == genuine or not proved(content):
            continue
        held += 1
        message = read(content).message
        found = judged_directly(content, message)
        if found.authority or found.assurance in SURE:
            assert essence(message) == expected, f"{name}: {found.reason}"
    assert held > (50 if provider == "Gmail" else 5)  # the signature holds: it is not the arithmetic that refuses


def test_behind_a_relay_the_same_is_asked() -> None:
    for client in ("Gmail", "neomutt", "a script"):
        genuine = signed(written(client), "Gmail")
        expected = essence(read(genuine).message)
        for name, content in tampered(genuine, client):
            handed_over = behind_a_relay(content)
            message = read(handed_over).message
            found = judged_behind_a_relay(handed_over, message)
            if found.authority or found.assurance in SURE:
                assert essence(message) == expected, f"{name}: {found.reason}"


@pytest.mark.parametrize("provider", sorted(LISTS))
def test_genuine_mail_of_every_client_is_believed(provider: str) -> None:
    for client in clients():
        content = signed(written(client), provider)
        for found in (judged_directly(content), judged_behind_a_relay(behind_a_relay(content))):
            assert (found.assurance, found.authority) == (Assurance.AUTHENTICATED, True), f"{client}: {found.reason}"


BODIES = [
    ("words with an escape of quoted-printable", "Content-Type: text/plain; charset=utf-8", "Use =41 here.", "encoding"),
    ("a soft line break", "Content-Type: text/plain; charset=utf-8", "Use=\r\nit here.", "encoding"),
    ("base64", "Content-Type: text/plain; charset=utf-8", "SGVsbG8sIHRoaXMgaXMgT21hciBhZ2Fpbi4u", "encoding"),
    ("letters that could be base64 and say nothing", "Content-Type: text/plain; charset=utf-8", "Done", ""),
    ("text of another charset", "Content-Type: text/plain; charset=iso-8859-1", "Gr\udcfc\udcdfe", "charset"),
    ("escapes of ISO-2022", "Content-Type: text/plain; charset=iso-2022-jp", "\x1b$B4A;z\x1b(B", "charset"),
    ("escapes of ISO-2022, called Latin", "Content-Type: text/plain; charset=iso-8859-1", "\x1b$B4A;z\x1b(B", "charset"),
    ("HZ, called UTF-8", "Content-Type: text/plain; charset=utf-8", "~{<:Ky2;~}", "charset"),
    ("HZ", "Content-Type: text/plain; charset=hz-gb-2312", "~{<:Ky2;~}", "charset"),
    ("UTF-8", "Content-Type: text/plain; charset=utf-8", "Grüße, 漢字", ""),
    ("a command below a line that may be joined", "Content-Type: text/plain; charset=utf-8; format=flowed", "It is done. \r\n#note", "joined"),
    ("flowed lines that may lose their blanks", "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", "the \r\nbutton", "joined"),
    ("HTML", "Content-Type: text/html; charset=utf-8", "<p>Hello</p>", ""),
    ("HTML called plain", "Content-Type: text/plain; charset=utf-8", "<p>Hello</p>", "type"),
    ("plain text called HTML", "Content-Type: text/html; charset=utf-8", "Hello", "type"),
    ("plain text that looks like parts", "Content-Type: text/plain", "--x\r\n\r\nHello\r\n--x--", "file"),
    ("plain text that looks like parts further below", "Content-Type: text/plain", "Hi\r\n--x\r\n\r\nHello\r\n--x--\r\nBye", "file"),
    ("plain text that looks like the begin of a part", "Content-Type: text/plain", "Hi\r\n--x\r\nContent-Type: text/html\r\n\r\nHello", "file"),
    ("a rule of dashes", "Content-Type: text/plain", "Hi\r\n-----\r\nHello\r\n-- \r\nOmar", ""),
    ("a delimiter that is not the first line", "Content-Type: multipart/mixed; boundary=x", "Hello\r\n--x\r\n\r\nHi\r\n--x--", "delimiters"),
    ("words behind the closing delimiter", "Content-Type: multipart/mixed; boundary=x", "--x\r\n\r\nHi\r\n--x--\r\nBye", "delimiters"),
    ("no closing delimiter", "Content-Type: multipart/mixed; boundary=x", "--x\r\n\r\nHi", "delimiters"),
    ("a boundary that is a closing delimiter", 'Content-Type: multipart/mixed; boundary="x--"', "--x--\r\n\r\nHi\r\n--x----", "delimiters"),
    ("a digest", "Content-Type: multipart/digest; boundary=x", "--x\r\n\r\nHi\r\n--x--", "type"),
    ("a preamble of a client", "Content-Type: multipart/mixed; boundary=x",
     "This is a multi-part message in MIME format.\r\n--x\r\n\r\nHi\r\n--x--", ""),
    ("two texts that differ, as alternatives", "Content-Type: multipart/alternative; boundary=x",
     "--x\r\nContent-Type: text/plain\r\n\r\nPlease cancel it.\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>Thanks, go on as we agreed</p>\r\n--x--", "texts"),
    ("alternatives called mixed", "Content-Type: multipart/mixed; boundary=x",
     "--x\r\nContent-Type: text/plain\r\n\r\nHello Ines\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>Hello Ines</p>\r\n--x--", "stand for each other"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "body", "doubt"), BODIES, ids=[one[0] for one in BODIES])
def test_one_reading_of_the_signed_octets(name: str, kind: str, body: str, doubt: str) -> None:
    head = written("a script").partition(b"\r\n\r\n")[0]
    content = signed(head + f"\r\n{kind}\r\n\r\n{body}\r\n".encode("utf-8", "surrogateescape"), "Gmail")
    (coverage,) = read(content).message.coverages
    assert (doubt in coverage.doubt) if doubt else not coverage.doubt, coverage.doubt
    assert judged_directly(content).authority is not bool(doubt)


ALWAYS = [
    ("a blank line of a part's header that holds a blank", "--x\r\nContent-Type: text/plain\r\n \r\nNote: hidden\r\nHi\r\n--x--"),
    ("a soft line break that white space undoes",
     "--x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nthe wo=\t\r\nrds\r\n--x--"),
    ("a field that stands twice in a part", "--x\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\nHi\r\n--x--"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body"), ALWAYS, ids=[alway[0] for alway in ALWAYS])
def test_white_space_that_a_relaxed_signature_leaves_open(name: str, body: str) -> None:
    """RFC 6376 §3.4.4: blanks at the ends of lines can be changed under every such signature, whatever it covers."""
    head = written("a script").partition(b"\r\n\r\n")[0]
    content = signed(head + f"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{body}\r\n".encode(), "rspamd")
    assert proved(content)
    assert read(content).message.coverages[0].doubt
    assert not judged_directly(content).authority
