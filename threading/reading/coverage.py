"""What the DKIM-Signature fields of a mail cover (RFC 6376 §3.5), and whether the covered words can be read in one way only.

This module looks at the text of a mail; `gateway.origin` verifies signatures. Senders differ in what they sign: Gmail does not sign
Content-Type, Microsoft 365 does not sign Content-Transfer-Encoding. Anybody can change an unsigned field without breaking the signature, and
so change how the signed octets are read. If such a field is unsigned, the octets themselves must leave one reading only.
"""

import binascii
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from helpdesk.threading.reading.bodies import body_leaves
from helpdesk.threading.reading.charsets import clean, decode
from helpdesk.threading.reading.encodings import undo_encoding
from helpdesk.threading.reading.fields import Header
from helpdesk.threading.reading.head import SINGLETONS
from helpdesk.threading.reading.mime import Leaf, Structure, leaves_as_mixed
from helpdesk.threading.reading.outline import MimePart, Outline
from helpdesk.threading.reading.parameters import parameters
from helpdesk.threading.reading.parsed import AMBIGUOUS, Coverage
from helpdesk.threading.reading.signature_tags import BLANK_FOLD, tag_list

SIGNATURES = ("dkim-signature", "arc-message-signature")
DECISIVE = ("content-type", "content-transfer-encoding", "content-disposition")  # fields that decide how octets are read
MOST_SIGNATURES = 20  # fields; a mail with more of them has no coverage
LATEST = 253_402_300_799  # seconds since 1970 of the last moment that a date can be
STANDS_ONCE = (*SINGLETONS, "mime-version")  # if there is a second such field, some readers show it and others do not
ENOUGH = ("from", "subject", "date")  # fields that must be signed, beside the body, to identify a mail

WHITE = b" \t\r\n"
# An end of a quoted-printable line that only some readers take for a soft line break.
LOOSE_END = re.compile(rb"=[ \t]+\r?(?:\n|\Z)")
JOINED_COMMAND = re.compile(rb"[^\s] \r?\n[> ]*#")
BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
DASHED = re.compile(rb"^--[^\n]+", re.MULTILINE)
DELIMITED_HEADER = re.compile(rb"^--[^\n]+\ncontent-[a-z-]+:", re.MULTILINE | re.IGNORECASE)
MARKUP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype|html|head|body|meta|style|div|table|span|center|font|p|br|b|i|a)\b", re.IGNORECASE
)
CONTAINERS = ("multipart/mixed", "multipart/alternative", "multipart/related", "multipart/signed")
# What mail clients write above the first delimiter for programs that know no MIME.
PREAMBLES = (
    b"This is a multi-part message in MIME format.",
    b"This is a multipart message in MIME format.",
    b"This is a cryptographically signed message in MIME format.",
    b"This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A mail as it was read: its outline, its parts, and what its HTML says where its plain text says something else."""

    header: Header
    outline: Outline
    parts: Structure
    other_text: str


def coverages(wording: Wording) -> tuple[Coverage, ...]:
    """The coverage of each signature field, top first. The caller has checked that the header leaves no doubt (`header_doubt`)."""
    fields = [field for field in wording.header.fields if field.name in SIGNATURES]
    if len(fields) > MOST_SIGNATURES:
        return ()  # the valid signature could be among the fields that are not looked at
    counts: dict[str, int] = {}
    for field in wording.header.fields:
        counts[field.name] = counts.get(field.name, 0) + 1
    doubts: dict[tuple[str, ...], str] = {}
    found = []
    for field in fields:
        tags = tag_list(field.value.decode("latin-1"))
        listed = [name.strip().lower() for name in tags.get("h", "").split(":")]
        # A name that stands in h= as often as there are fields of it, or more often, leaves no room for another one (§8.15).
        signed = tuple(sorted(name for name in set(listed) if name and listed.count(name) >= counts.get(name, 0)))
        key = tuple(name for name in DECISIVE if name in signed)
        if key not in doubts:
            doubts[key] = words_doubt(wording, frozenset(key))
        found.append(
            Coverage(
                domain=tags.get("d", "").lower(),
                selector=tags.get("s", ""),
                fields=signed,
                whole="l" not in tags and all(name in signed and counts.get(name) == 1 for name in ENOUGH),
                signed_at=_moment(tags.get("t")),
                expires_at=_moment(tags.get("x")),
                doubt=_second_field(listed, counts) or doubts[key],
                sealed=field.name != SIGNATURES[0],
            )
        )
    return tuple(found)


def _second_field(listed: list[str], counts: dict[str, int]) -> str:
    """The doubt that a second field of a signed name makes, in one clause: some readers show the signed field, others the added one."""
    added = next((name for name in STANDS_ONCE if 0 < listed.count(name) < counts.get(name, 0)), "")
    return f"a second {added.title()} field stands beside the signed one" if added else ""


def signed_content(header: Header, content: bytes) -> str:
    """A key that all copies of a signed mail share: SHA-256 of From, Subject, Date and body, without white space.

    Every sufficient signature covers these, so a copy with another key has no valid signature. Other fields may differ between copies.
    """
    digest = hashlib.sha256()
    for name in ENOUGH:
        digest.update(b"%s:%s\n" % (name.encode(), (header.first(name) or b"").translate(None, WHITE)))
    digest.update(content[header.body_at :].translate(None, WHITE))
    return digest.hexdigest()


def words_doubt(wording: Wording, signed: frozenset[str]) -> str:
    """Why the signed octets may be read as other words, in one clause; "" where they leave one reading only.

    `signed` names which of Content-Type, Content-Transfer-Encoding and Content-Disposition are signed. MIME-Version is not asked about:
    this reader pays no attention to it.
    """
    top, *parts = wording.outline.parts
    if AMBIGUOUS in wording.outline.defects:
        return "its parts can be read in two ways"
    if any(part.header.defects or any(BLANK_FOLD.search(field.raw) for field in part.header.fields) for part in parts):
        return "the header of one of its parts can be read in two ways"
    if any(_is_loose(part, wording.outline.content) for part in wording.outline.parts):
        return "lines of its text can be joined in two ways"
    if top.content_type.startswith("multipart/"):
        return "" if "content-type" in signed else _container_doubt(wording)
    return _attachment_doubt(wording.header, signed) or _single_doubt(wording, signed)


def _moment(tag: str | None) -> datetime | None:
    """The time of t= or x=. A value that is no number gives 1970, which is never fresh."""
    if tag is None:
        return None
    seconds = int(tag) if tag.isascii() and tag.isdigit() and len(tag) <= 12 else 0
    return datetime.fromtimestamp(min(seconds, LATEST), UTC)


def _is_loose(part: MimePart, content: bytes) -> bool:
    """Whether white space decides where lines end. A relaxed signature lets anybody change white space (RFC 6376 §3.4.4)."""
    encoding = (part.header.first("content-transfer-encoding") or b"").lower()
    text = content[part.start : part.end]
    if b"quoted" in encoding and LOOSE_END.search(text):
        return True
    return part.declared.get("format", "").lower() == "flowed" and JOINED_COMMAND.search(text) is not None


def _container_doubt(wording: Wording) -> str:
    """The doubt about a multipart whose Content-Type is not signed. Its delimiters (RFC 2046 §5.1.1) must frame all of the body."""
    top = wording.outline.parts[0]
    if top.content_type not in CONTAINERS:
        return f"its type {top.content_type} is not signed"
    text = wording.outline.content[wording.header.body_at :].strip(WHITE)
    for preamble in PREAMBLES:
        if text.startswith(preamble):
            text = text.removeprefix(preamble).lstrip(WHITE)
            break
    first = text[: text.find(b"\n")].rstrip(WHITE)
    boundary = top.declared.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
    if not boundary or first != b"--" + boundary or first.endswith(b"--") or not text.endswith(b"\n" + first + b"--"):
        return "the delimiters of its parts are not signed"
    return _kind_doubt(wording, top)


def _kind_doubt(wording: Wording, top: MimePart) -> str:
    """The doubt about whether the parts are shown one after the other, or one instead of the others (multipart/alternative)."""
    leaves = list(body_leaves(leaves_as_mixed(wording.outline, wording.parts)))
    together = _places_shown([replace(leaf, group=0) for leaf in leaves])
    apart = _places_shown(leaves)
    if together == apart:
        return ""
    if top.content_type != "multipart/alternative" or leaves[0].content_type != "text/plain":
        return "which of its parts stand for each other is not signed"
    return "its two texts differ, and which of them counts is not signed" if wording.other_text else ""


def _places_shown(leaves: list[Leaf]) -> list[int]:
    """The indexes of the leaves whose text is shown: of each group the plain ones, if they are not empty."""
    spoken = {leaf.group for leaf in leaves if leaf.content_type == "text/plain" and leaf.content.strip()}
    return [place for place, leaf in enumerate(leaves) if leaf.content_type == "text/plain" or leaf.group not in spoken]


def _attachment_doubt(header: Header, signed: frozenset[str]) -> str:
    """The doubt about whether a text is a file: Content-Disposition, which no sender signs, may say so."""
    given = header.first("content-disposition")
    if given is None or "content-disposition" in signed:
        return ""
    disposition, more = parameters(given)
    return "" if disposition == "inline" and not more else "whether it is a text or a file is not signed"


def _single_doubt(wording: Wording, signed: frozenset[str]) -> str:
    header, content = wording.header, wording.outline.content
    body = content[header.body_at :]
    octets = undo_encoding(header, body)
    if "content-transfer-encoding" not in signed and (octets != body or _is_encoded(body)):
        return "the encoding of its text is not signed"
    if "content-type" in signed:
        return ""
    top = wording.outline.parts[0]
    if top.content_type != ("text/html" if MARKUP.match(octets) else "text/plain") and (top.content_type or MARKUP.match(octets)):
        return "the type of its text is not signed"
    if _may_be_multipart(octets) or "name" in top.declared:
        return "whether it is a text or a file is not signed"
    if not _is_one_text(octets, top.declared.get("charset", "")):
        return "the charset of its text is not signed"
    if JOINED_COMMAND.search(octets) or (top.declared.get("delsp", "").lower() == "yes" and b" \r\n" in octets):
        return "lines of its text can be joined in two ways"
    return ""


def _is_encoded(body: bytes) -> bool:
    """Whether unencoded octets would give another text if they were read as quoted-printable or base64."""
    if binascii.a2b_qp(body) != body or LOOSE_END.search(body):
        return True
    letters = body.translate(None, WHITE)
    if not letters or len(letters) % 4 or not BASE64.fullmatch(letters):
        return False
    said = binascii.a2b_base64(letters)
    return _as_text(said) is not None and not any(octet < 32 and octet not in WHITE for octet in said)


def _may_be_multipart(octets: bytes) -> bool:
    """Whether the octets could be read as parts: they hold a delimiter and its closing form, or one above the header of a part."""
    if DELIMITED_HEADER.search(octets):
        return True
    lines = {line.rstrip(WHITE) for line in DASHED.findall(octets)}
    return any(line + b"--" in lines for line in lines if line.strip(b"-"))


def _is_one_text(octets: bytes, charset: str) -> bool:
    """Whether the octets give the same text in every charset that a reader may take: UTF-8 without escapes of ISO-2022 and HZ."""
    text = _as_text(octets)
    if text is None or b"\x1b" in octets or b"~{" in octets or b"\0" in octets:
        return False
    return decode(octets, charset)[0] == clean(text)


def _as_text(octets: bytes) -> str | None:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None
