"""Decoding of Content-Transfer-Encoding (RFC 2045 §6), tolerant of damaged octets."""

import binascii
import re

from helpdesk.threading.reading.fields import Header

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PADDING = b"= \t\r\n"
BASE64 = LETTERS + b"=\r\n"
NOT_BASE64 = bytes(octet for octet in range(256) if octet not in LETTERS)
NEITHER = NOT_BASE64.replace(b"=", b"")  # neither data nor padding
LONGEST_FOOTER = 4096
ENCODING = re.compile(rb"[a-z0-9-]+")
GROWTH = 4  # octets for each octet of a uuencoded file, whose lines of zeros may have lost their ends
STRANGE_LINES = 10_000  # lines without uuencoded data, after which the rest is not read
UU_BEGINS = re.compile(rb"^begin [^\r\n]*", re.MULTILINE)
UU_ENDS = re.compile(rb"^[ \t]*end[ \t]*\r?$", re.MULTILINE)
SPELLINGS = {
    **dict.fromkeys(("base64", "base-64", "b64"), "base64"),
    **dict.fromkeys(("quoted-printable", "quoted", "qp"), "quoted-printable"),
    **dict.fromkeys(("x-uuencode", "uuencode", "x-uue", "uue"), "uuencode"),
}


def undo_encoding(header: Header, content: bytes) -> bytes:
    """The decoded octets of a part. An unknown encoding, or none, leaves them as they are."""
    return undo_named_encoding(encoding(header), content)


def undo_named_encoding(name: str, content: bytes) -> bytes:
    """The decoded octets of a part with an encoding as `encoding` names it."""
    if name == "base64":
        return from_base64(content)
    if name == "quoted-printable":
        return binascii.a2b_qp(content)
    return _from_uuencode(content) if name == "uuencode" else content


def encoding(header: Header) -> str:
    """The encoding of a part under its proper name: base64, quoted-printable or uuencode; "" for any other and for none."""
    given = header.first("content-transfer-encoding")
    if not given:
        return ""
    named = ENCODING.search(given[:100].lower())
    return SPELLINGS.get(named[0].decode("ascii"), "") if named else ""


def from_base64(content: bytes) -> bytes:
    """The octets of base64 data. Foreign octets are skipped, missing padding is added, and concatenated pieces are all read.

    Words below the data, such as the footer of a mailing list, are left out. Never raises.
    """
    body, padding, rest = content.partition(b"=")
    if not padding or not rest.translate(None, PADDING):
        try:
            return binascii.a2b_base64(content)
        except binascii.Error:  # the padding is not what it should be
            return _quads(body.translate(None, NOT_BASE64))
    if len(rest) < LONGEST_FOOTER and rest.translate(None, BASE64):
        return _quads(body.translate(None, NOT_BASE64))
    return b"".join([_quads(piece) for piece in content.translate(None, NEITHER).split(b"=") if piece])


def _quads(body: bytes) -> bytes:
    beyond = len(body) % 4
    if beyond:
        body = body[:-1] if beyond == 1 else body + b"=="[: 4 - beyond]
    return binascii.a2b_base64(body)


def _from_uuencode(content: bytes) -> bytes:
    """The file between `begin` and `end`. Lines that are too short are filled up; the result has at most `GROWTH` times the octets."""
    begin = UU_BEGINS.search(content)
    at = begin.end() if begin else 0
    end = UU_ENDS.search(content, at)
    octets, strange = bytearray(), 0
    for line in filter(None, content[at : end.start() if end else len(content)].splitlines()):
        try:
            octets += binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])  # its first letter says how long it is
        except binascii.Error:
            strange += 1
        if len(octets) > len(content) * GROWTH or strange > STRANGE_LINES:
            break
    return bytes(octets)
