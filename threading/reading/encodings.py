"""Content-Transfer-Encoding (RFC 2045 §6), undone as far as the octets allow."""

import binascii
import re

from helpdesk.threading.reading.fields import Header

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PADDING = b"= \t\r\n"
BASE64 = LETTERS + b"=\r\n"
NOT_BASE64 = bytes(octet for octet in range(256) if octet not in LETTERS)
LONGEST_FOOTER = 4096
ENCODING = re.compile(rb"[a-z0-9-]+")
UUENCODED = ("x-uuencode", "uuencode", "x-uue", "uue")


def decoded(header: Header, content: bytes) -> bytes:
    """The octets of a part; an unknown encoding, or none, leaves them as they are."""
    named = ENCODING.search((header.first("content-transfer-encoding") or b"")[:100].lower())
    name = named[0].decode("ascii") if named else ""
    if name in ("base64", "base-64", "b64"):
        return from_base64(content)
    if name in ("quoted-printable", "quoted", "qp"):
        return binascii.a2b_qp(content)
    return _from_uuencode(content) if name in UUENCODED else content


def from_base64(content: bytes) -> bytes:
    """What base64 gives without a complaint: foreign octets are skipped, missing padding is added, pieces that were joined are all read.

    Words that somebody wrote below it, such as the footer of a mailing list, are left out.
    """
    body, padding, rest = content.partition(b"=")
    if not padding or not rest.translate(None, PADDING):
        return _quads(body.translate(None, NOT_BASE64))
    if len(rest) < LONGEST_FOOTER and rest.translate(None, BASE64):
        return _quads(body.translate(None, NOT_BASE64))
    return b"".join(_quads(piece.translate(None, NOT_BASE64)) for piece in content.split(b"="))


def _quads(body: bytes) -> bytes:
    whole = body[: len(body) - 1] if len(body) % 4 == 1 else body
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _from_uuencode(content: bytes) -> bytes:
    lines = content.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    octets: list[bytes] = []
    for line in lines[begin + 1 :]:
        if line.strip() == b"end":
            break
        octets.append(_uuencoded_line(line))
    return b"".join(octets)


def _uuencoded_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # trailing octets too many: the count at its begin says how long the line is
        octets = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:octets])
        except binascii.Error:
            return b""
