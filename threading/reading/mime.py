"""The MIME tree as a flat list of leaves (RFC 2045 to 2049). The only module that knows the MIME reader.

The tree is walked here: nested messages are leaves, so their text is never taken for the author's own.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message

import mailparser

from helpdesk.threading.reading.limits import PARTS
from helpdesk.threading.reading.parameters import parameters

# Fields of a message that bear on its structure; the MIME reader needs no others, and some cost it dear.
STRUCTURE = (
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "content-id",
    "mime-version",
    "content-description",
)


TOLD_BY_US = {"CharsetDecodeDefect"}  # the reader looks at charsets that we decode by our own ladder


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part without children. Leaves of one outermost multipart/alternative share a `group`."""

    content_type: str
    declared: dict[str, str]  # parameters of Content-Type
    disposition: str
    filename: str
    content_id: str | None
    content: bytes
    group: int
    related: bool  # inside multipart/related


@dataclass(frozen=True, slots=True)
class Structure:
    leaves: tuple[Leaf, ...]
    report_type: str  # of multipart/report, "" for other mails
    defects: tuple[str, ...]


def structure(fields: bytes, body: bytes) -> Structure | None:
    """The leaves of a mail; None when the reader failed on it.

    `fields` are the structural header lines, `body` what follows the header.
    """
    try:
        mail = mailparser.parse_from_bytes(fields + b"\r\n" + body)
        message = mail.message
        leaves = tuple(_leaves(message))
        defects = tuple(sorted({str(kind) for kind in mail.defects_categories} - TOLD_BY_US))
    except Exception:  # whatever a parser of untrusted bytes raises, the mail is still read, by simpler means
        return None
    main, given = parameters(_raw(message, "content-type"))
    report = given.get("report-type", "").lower() if main == "multipart/report" else ""
    return Structure(leaves, report, defects)


def _leaves(message: "Message[str, str]") -> Iterator[Leaf]:
    """Depth first, in the order of the mail, without recursion."""
    open_parts: list[tuple[Message[str, str], int, bool]] = [(message, 0, False)]
    seen = 0
    while open_parts and seen <= PARTS * 2:
        part, group, related = open_parts.pop()
        seen += 1
        children = part.get_payload()
        content_type, declared = parameters(_raw(part, "content-type"))
        if content_type.startswith("multipart/") and isinstance(children, list):
            inner = group or (seen if content_type == "multipart/alternative" else 0)
            inside = related or content_type == "multipart/related"
            open_parts.extend((child, inner, inside) for child in reversed(children) if isinstance(child, Message))
        else:
            yield _leaf(part, content_type, declared, group or -seen, related)


def _leaf(part: "Message[str, str]", content_type: str, declared: dict[str, str], group: int, related: bool) -> Leaf:
    disposition, given = parameters(_raw(part, "content-disposition"))
    filename = given.get("filename") or declared.get("name") or ""
    identity = _raw(part, "content-id").decode("utf-8", "replace").strip().strip("<>") or None
    if "/" not in content_type or content_type.startswith("multipart/"):
        content_type = "text/plain"
    return Leaf(content_type, declared, disposition, filename, identity, _content(part), group, related)


def _raw(part: "Message[str, str]", name: str) -> bytes:
    value = next((str(value) for field, value in part.raw_items() if field.lower() == name), "")
    return value.encode("utf-8", "surrogateescape").replace(b"\r\n", b"").replace(b"\n", b" ")


def _content(part: "Message[str, str]") -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):
        return _nested(part, payload)
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _nested(part: "Message[str, str]", children: Sequence[object]) -> bytes:
    """A nested message, or the blocks of a delivery report, as octets again."""
    blocks = [child.as_bytes() for child in children if isinstance(child, Message)]
    joined = b"".join(blocks)
    if _raw(part, "content-transfer-encoding").strip().lower() == b"base64":
        try:
            return base64.b64decode(joined, validate=False)
        except (binascii.Error, ValueError):
            return joined
    return joined
