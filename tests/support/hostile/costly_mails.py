"""Mails below all limits that make work for whoever reads them."""

import base64
import struct
from collections.abc import Callable
from random import Random
from zlib import crc32

from support.hostile.hostile import repeated

from helpdesk.threading.reading import limits

WHOLE = 1_900_000  # characters of a text: below the limit of 2 MiB
MARKUP = 1_000_000  # characters of HTML: below that of 1 MiB
SEARCHED = 195_000  # characters of what is searched for quotations and commands
WORDS = (
    "the printer on our second floor does not answer since monday and nobody here can send an invoice to customers because the scanner "
    "shows an error and the login page asks again for a password we tried it twice please help us soon thank you best regards"
).split()


def prose(size: int) -> str:
    """Sentences of an ordinary mail, each another."""
    random, lines, length = Random(7), list[str](), 0
    while length < size:
        lines.append(" ".join(random.choice(WORDS) for _ in range(11)) + ".\n")
        length += len(lines[-1])
    return "".join(lines)[:size]


def text(body: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\n\n" + body.encode("utf-8", "surrogateescape")


def markup(body: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\n\n<html><body>" + body.encode("utf-8", "surrogateescape")


def both(plain: str, html: str) -> bytes:
    parts = (text(plain), markup(html))
    return (
        b"Content-Type: multipart/alternative; boundary=b\n\n" + b"".join(b"--b\n" + part + b"\n" for part in parts) + b"--b--\n"
    )


def with_file(content: bytes, content_type: str, filename: str) -> bytes:
    head = f'Content-Type: {content_type}; name="{filename}"\nContent-Transfer-Encoding: base64\n\n'.encode()
    file = head + base64.encodebytes(content)
    return b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + text("See the file.\n") + b"\n--b\n" + file + b"\n--b--\n"


def _parts(count: int, part: bytes) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\n" + part + b"\n") * count + b"--b--\n"


def _nested(depth: int) -> bytes:
    heads = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (at, at) for at in range(depth))
    return heads + text(prose(100_000))


def _fields(count: int, size: int) -> bytes:
    return b"".join(b"X-Field-%d: %s\n" % (at, b"a" * size) for at in range(count)) + text("Hello\n")


def _header(pattern: str, name: str, size: int) -> bytes:
    """One field as long as it may be, folded as the book wants it."""
    value = repeated(pattern, size).encode("utf-8", "surrogateescape").replace(b"\n", b" ").replace(b"\r", b" ")
    return name.encode() + b": " + b"\n ".join(value[at : at + 900] for at in range(0, len(value), 900)) + b"\n" + text("Hello\n")


def _rtf(body: bytes) -> bytes:
    """winmail.dat with a compressed RTF (MS-OXTNEF, MS-OXRTFCP) that is stored."""
    rtf = b"{\\rtf1\\ansi " + body
    packed = struct.pack("<II", len(rtf) + 12, len(rtf)) + b"MELA" + struct.pack("<I", crc32(rtf)) + rtf
    padded = packed + b"\0" * (-len(packed) % 4)
    value = struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + padded
    attribute = struct.pack("<BI", 1, 0x00069003) + struct.pack("<I", len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    return struct.pack("<IH", 0x223E9F78, 1) + attribute


def _only_file(content: bytes, content_type: str, filename: str) -> bytes:
    head = f'Content-Type: {content_type}; name="{filename}"\nContent-Transfer-Encoding: base64\n\n'.encode()
    return head + base64.encodebytes(content)


def _calendar(line: str) -> bytes:
    head = (
        b"Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:"
    )
    return head + (line * (WHOLE // len(line))).encode()


def _addresses(name: str) -> bytes:
    """As many recipients as may stand in a field, in as many fields as a header may have."""
    line = ", ".join(f'"A, {at}" <a{at}@example.org>' for at in range(limits.ADDRESSES - 5))
    return b"".join(name.encode() + b": " + line.replace(", ", ",\n ").encode() + b"\n" for _ in range(20)) + text("Hello\n")


# Mails that are costly by their form, whoever writes them.
SHAPES: dict[str, Callable[[], bytes]] = {
    "one line": lambda: text("word " * (WHOLE // 5)),
    "one line of 10 MB": lambda: text("a" * 10_000_000),
    "parts": lambda: _parts(limits.PARTS - 1, text(prose(1900))),
    "empty parts": lambda: _parts(limits.PARTS - 1, text("")),
    "HTML parts": lambda: _parts(limits.PARTS - 1, markup("<p>a</p>" * 120)),
    "named parts": lambda: _parts(limits.PARTS - 1, b'Content-Type: image/png; name="' + b"\xc3\xa9.logo" * 300 + b'"\n\nx'),
    "nested mails": lambda: _parts(limits.PARTS - 1, b"Content-Type: message/rfc822\n\nSubject: a\n\nHello\n"),
    "100,000 parts": lambda: _parts(100_000, text("a")),
    "nested containers": lambda: _nested(limits.DEPTH - 1),
    "lookalikes of a delimiter": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bb\n" * 99_000,
    "many fields": lambda: _fields(limits.HEADER_FIELDS - 20, 80),
    "long subject": lambda: _header("open encoded words", "Subject", 90_000),
    "subject of encoded words": lambda: _header("encoded words", "Subject", 90_000),
    "long references": lambda: _header("ids", "References", 90_000),
    "authentication results": lambda: _header("attribute list", "Authentication-Results", 90_000),
    "nested comments": lambda: _header("parentheses", "Authentication-Results", 4000),
    "comments in Reply-To": lambda: _header("parentheses", "Reply-To", 8000),
    "received lines": lambda: b"Received: from a (a [192.0.2.1]); Mon, 23 Nov 2026 09:00:00 +0000\n" * 900 + text("Hello\n"),
    "long parameters": lambda: b"Content-Type: text/plain" + b";a*0*=x''%41" * 1300 + b"\n\nHello\n",
    "recipients": lambda: _addresses("To"),
    "copies": lambda: _addresses("Cc"),
    "From-like lines": lambda: b"From a@b.org Mon Nov 23 09:00:00 2026\n" * 1000 + text("Hello\n"),
    "two texts": lambda: both(repeated("prose", MARKUP), "<p>other " * 20_000),
    "numeric entities": lambda: markup("&#65;" * (MARKUP // 5)),
    "non-breaking spaces": lambda: markup("\u00a0" * 500_000),
    "deep markup": lambda: markup("<div>" * (limits.HTML_DEPTH - 10) + prose(900_000)),
    "cells": lambda: markup("<table>" + "<tr><td>a</td></tr>" * 6000),
    "styles": lambda: markup('<p style="border-top:solid #e1e1e1 1.0pt">a</p>' * 12_000),
    "RTF words": lambda: _only_file(_rtf(b"\\par a" * 40_000), "application/ms-tnef", "winmail.dat"),
    "RTF groups": lambda: _only_file(_rtf(b"{" * 250_000), "application/ms-tnef", "winmail.dat"),
    "TNEF": lambda: _only_file(struct.pack("<IH", 0x223E9F78, 1) + b"\x02" * WHOLE, "application/ms-tnef", "winmail.dat"),
    "calendar": lambda: _calendar("a\\n"),
    "folded calendar": lambda: _calendar("a\n b"),
    "uuencoded": lambda: b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + b"M" * 60 + b"\n" + b"#0V%T\n" * 300_000,
    "quoted-printable": lambda: b"Content-Transfer-Encoding: quoted-printable\n" + text("=41" * 600_000),
    "flowed": lambda: b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n" + b"a \n" * 600_000,
    "signs that grow": lambda: text("\ufdfa" * 600_000),
    "Chinese without a charset": lambda: b"Content-Type: text/plain\n\n" + ("漢字" * 300_000).encode("gb18030"),
    "report": lambda: b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n" + text(repeated("refusals", WHOLE)),
    "file of 9 MB": lambda: with_file(b"\0" * 9_000_000, "application/octet-stream", "a.bin"),
}  # fmt: skip


# How much of a pattern somebody writes: whole texts, and what is just short enough to be searched for commands.
SIZES = {
    "stranger": WHOLE,
    "forged": WHOLE,
    "robot": WHOLE,
    "customer": WHOLE,
    "colleague": SEARCHED,
    "answer": SEARCHED,
    "rows": SEARCHED,
}


def mail_of(who: str, mail: str) -> bytes:
    """A mail by the name of its shape, or of the pattern of which its text is made."""
    return SHAPES[mail]() if mail in SHAPES else text(repeated(mail, SIZES[who]))
