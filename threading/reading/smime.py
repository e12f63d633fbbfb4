"""The MIME entity inside opaque S/MIME signed data (RFC 8551 §3.5.2), without its CMS wrapping (RFC 5652 §5).

The signature is not verified. The walk over DER or BER tags (X.690 §8.1) has a fixed path; constructed strings are joined without recursion.
"""

from collections.abc import Iterator
from enum import StrEnum

ENVELOPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
ENVELOPED = (
    bytes.fromhex("06092a864886f70d010703"),
    bytes.fromhex("060b2a864886f70d0109100117"),
)  # envelopedData, authEnvelopedData
DATA = bytes.fromhex("06092a864886f70d010701")
OCTET_STRING, CONSTRUCTED, SEQUENCE, EXPLICIT = 0x04, 0x24, 0x30, 0xA0
MOST_PIECES = 200_000
DEEPEST = 8


class ContentKind(StrEnum):
    """What the CMS wrapping of a file says that it holds."""

    ENVELOPED = "enveloped"
    SIGNED = "signed"
    UNKNOWN = "unknown"


def content_kind(content: bytes) -> ContentKind:
    """What a CMS file holds, by the object identifier at its beginning (RFC 5652 §3)."""
    try:
        at = _inside(content, 0, SEQUENCE)
    except (IndexError, ValueError):
        return ContentKind.UNKNOWN
    if content.startswith(ENVELOPED, at):
        return ContentKind.ENVELOPED
    return ContentKind.SIGNED if content.startswith(SIGNED_DATA, at) else ContentKind.UNKNOWN


def is_enveloped(content_type: str, filename: str) -> bool:
    return content_type in ENVELOPES or (content_type == "application/octet-stream" and filename.lower().endswith(".p7m"))


def signed_entity(content: bytes) -> bytes | None:
    """The MIME entity inside opaque signed data; None if the data are encrypted, malformed or detached."""
    try:
        return _entity(content)
    except (IndexError, ValueError):
        return None


def _entity(content: bytes) -> bytes | None:
    at = _inside(content, 0, SEQUENCE)
    if not content.startswith(SIGNED_DATA, at):
        return None
    at = _inside(content, at + len(SIGNED_DATA), EXPLICIT)
    at = _inside(content, at, SEQUENCE)
    at = _after(content, _after(content, at))  # version, digestAlgorithms
    at = _inside(content, at, SEQUENCE)
    if not content.startswith(DATA, at):
        return None
    at = _inside(content, at + len(DATA), EXPLICIT)
    return b"".join(_strings(content, at)) or None


def _strings(content: bytes, at: int) -> Iterator[bytes]:
    """The primitive octet strings of a string that may be constructed, in order."""
    ends: list[int | None] = []  # of the open constructed strings; None: until their end-of-contents octets
    for _ in range(MOST_PIECES):
        tag = content[at]
        start, length = _head(content, at)
        if tag == CONSTRUCTED and len(ends) < DEEPEST:
            ends.append(None if length is None else start + length)
            at = start
        elif tag == OCTET_STRING and length is not None:
            yield content[start : start + length]
            at = start + length
        elif tag == 0 and ends and ends[-1] is None:
            ends.pop()
            at = start
        else:
            raise ValueError("no octet string")
        while ends and ends[-1] is not None and at >= ends[-1]:
            ends.pop()
        if not ends or at >= len(content):
            return


def _inside(content: bytes, at: int, tag: int) -> int:
    if content[at] != tag:
        raise ValueError("another element was expected")
    return _head(content, at)[0]


def _after(content: bytes, at: int) -> int:
    start, length = _head(content, at)
    if length is None:
        raise ValueError("a definite length was expected")
    return start + length


def _head(content: bytes, at: int) -> tuple[int, int | None]:
    """The offset of an element's contents, and their length; None for an indefinite length."""
    first = content[at + 1]
    if first < 0x80:
        return at + 2, first
    count = first & 0x7F
    if count > 4:
        raise ValueError("a length of more than four octets")
    return at + 2 + count, int.from_bytes(content[at + 2 : at + 2 + count], "big") if count else None
