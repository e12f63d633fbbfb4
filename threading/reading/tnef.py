"""winmail.dat: attachments and text out of Outlook's TNEF (MS-OXTNEF).

One walk over attributes, and one over the properties in each, without recursion; every length is checked. The walk ends where the file is
cut off or malformed, and what was found until then is the result.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.rtf import decompress, plain_text

SIGNATURE = bytes.fromhex("789f3e22")
MOST_ATTRIBUTES = 5_000
MOST_PROPERTIES = 5_000
MOST_ATTACHMENTS = 500
NESTED_MESSAGE_PREFIX = 16  # octets of an interface id before an embedded object

TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")

ATTACH_TITLE, ATTACH_DATA, ATTACH_RENDERING, ATTACHMENT = 0x8010, 0x800F, 0x9002, 0x9005
BODY, PROPERTIES, CODE_PAGE = 0x800C, 0x9003, 0x9007

PLAIN_BODY, HTML_BODY, RTF_BODY = 0x1000, 0x1013, 0x1009
LONG_NAME, SHORT_NAME, DISPLAY_NAME, DATA, MIME_TYPE, CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x3701, 0x370E, 0x3712

# Octets of one value of a fixed-size type, by property type.
FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
VARIABLE = {0x0D, 0x1E, 0x1F, 0x102}
UNICODE, OBJECT = 0x1F, 0x0D
MULTIPLE = 0x1000


@dataclass(slots=True)
class TnefFile:
    """One attached file."""

    name: str = ""
    content_type: str = "application/octet-stream"
    content_id: str | None = None
    content: bytes = b""


@dataclass(slots=True)
class Tnef:
    """The text and the files of one winmail.dat."""

    text: str = ""
    html: str = ""
    attachments: list[TnefFile] = field(default_factory=list)


def is_tnef(content_type: str, filename: str, content: bytes) -> bool:
    return content.startswith(SIGNATURE) and (content_type in TYPES or filename.lower().endswith((".dat", ".tnef")))


def read_tnef(content: bytes) -> Tnef:
    """Read one winmail.dat. Files without content are left out. Never raises."""
    found, code_page = Tnef(), "cp1252"
    try:
        for identity, value in _attributes(content):
            if identity == CODE_PAGE and len(value) >= 4:
                code_page = f"cp{struct.unpack_from('<I', value)[0]}"
            elif identity == BODY:
                found.text = found.text or _text(value, code_page)
            elif identity == PROPERTIES:
                _take_message(found, value, code_page)
            else:
                _take_attachment(found, identity, value, code_page)
    except (struct.error, ValueError):
        pass  # the file was cut off, or is damaged from here on
    found.attachments = [file for file in found.attachments if file.content]
    return found


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6  # signature and key
    for _ in range(MOST_ATTRIBUTES):
        if at + 9 > len(content):
            return
        identity, length = struct.unpack_from("<xHxxI", content, at)
        yield identity, content[at + 9 : at + 9 + length]
        at += 9 + length + 2  # a checksum follows


def _take_message(found: Tnef, value: bytes, code_page: str) -> None:
    for identity, kind, octets in _properties(value):
        if identity == PLAIN_BODY:
            found.text = found.text or _string(octets, kind, code_page)
        elif identity == HTML_BODY:
            found.html = found.html or _string(octets, kind, code_page)
        elif identity == RTF_BODY and not found.text:
            found.text = plain_text(decompress(octets))


def _take_attachment(found: Tnef, identity: int, value: bytes, code_page: str) -> None:
    if identity == ATTACH_RENDERING and len(found.attachments) < MOST_ATTACHMENTS:
        found.attachments.append(TnefFile())
    if not found.attachments:
        return
    current = found.attachments[-1]
    if identity == ATTACH_TITLE:
        current.name = current.name or _text(value, code_page)
    elif identity == ATTACH_DATA:
        current.content = value
    elif identity == ATTACHMENT:
        _take_file(current, value, code_page)


def _take_file(current: TnefFile, value: bytes, code_page: str) -> None:
    given = {identity: (kind, octets) for identity, kind, octets in _properties(value)}
    names = [
        _string(given[name][1], given[name][0], code_page) for name in (LONG_NAME, DISPLAY_NAME, SHORT_NAME) if name in given
    ]
    current.name = next((name for name in names if name.strip()), current.name)
    if DATA in given:
        kind, octets = given[DATA]
        # An embedded Outlook message: its own TNEF stands behind an interface id and is kept as it is. The attribute for old readers then
        # holds only a sentence that says so.
        content = octets[NESTED_MESSAGE_PREFIX:] if kind == OBJECT else octets
        is_message = kind == OBJECT and content.startswith(SIGNATURE)
        current.content = content if is_message or not current.content else current.content
        current.content_type = "application/ms-tnef" if is_message else current.content_type
    if MIME_TYPE in given:
        declared = _string(given[MIME_TYPE][1], given[MIME_TYPE][0], code_page).strip().lower()
        current.content_type = declared if declared.count("/") == 1 and declared.isascii() else current.content_type
    if CONTENT_ID in given:
        current.content_id = _string(given[CONTENT_ID][1], given[CONTENT_ID][0], code_page).strip("<> ") or None


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Property id, type and octets of each single value (MS-OXTNEF §2.1.3.4)."""
    count, at = struct.unpack_from("<I", value)[0], 4
    for _ in range(min(count, MOST_PROPERTIES)):
        kind, identity = struct.unpack_from("<HH", value, at)
        at += 4
        if identity >= 0x8000:
            at = _after_name(value, at)
        single = kind & ~MULTIPLE
        if single in FIXED:
            values = struct.unpack_from("<I", value, at)[0] if kind & MULTIPLE else 1
            at += 4 if kind & MULTIPLE else 0
            yield identity, single, value[at : at + FIXED[single]]
            at += FIXED[single] * values
        elif single in VARIABLE:
            values, at = struct.unpack_from("<I", value, at)[0], at + 4
            for _ in range(min(values, MOST_PROPERTIES)):
                length = struct.unpack_from("<I", value, at)[0]
                yield identity, single, value[at + 4 : at + 4 + length]
                at += 4 + length + (-length % 4)
        else:
            raise ValueError("unknown property type")


def _after_name(value: bytes, at: int) -> int:
    """The offset behind the name of a named property, which is a GUID and a number or string."""
    kind, number = struct.unpack_from("<II", value, at + 16)
    return at + 24 + (number + (-number % 4) if kind else 0)


def _string(octets: bytes, kind: int, code_page: str) -> str:
    if kind == UNICODE:
        return octets.decode("utf-16-le", "replace").rstrip("\x00")
    return _text(octets, code_page)


def _text(octets: bytes, code_page: str) -> str:
    return decode(octets.rstrip(b"\x00"), code_page)[0]
