"""Content-Transfer-Encoding (RFC 2045 §6), undone as far as the octets allow."""

import binascii
import re

from helpdesk.threading.reading.fields import Header

NOT_BASE64 = bytes(octet for octet in range(256) if not chr(octet).isascii() or not (chr(octet).isalnum() or chr(octet) in "+/="))
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
    """What base64 gives without a complaint: foreign octets are skipped, missing padding is added, pieces that were joined are all read."""
    kept = content.translate(None, NOT_BASE64)
    body = kept.rstrip(b"=")
    if b"=" not in body:
        return _quads(body)
    return b"".join(_quads(piece) for piece in body.split(b"=") if piece)


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
