"""The header of a mail as raw fields (RFC 5322 §2.2), by one tolerant walk over its lines.

Blank lines and an mbox `From ` line before the first field are skipped. A line that is no field is skipped if a field follows it. A line that
is a parameter of the field above continues that field.
"""

import re
from dataclasses import dataclass
from dataclasses import field as of_class
from functools import lru_cache
from typing import NamedTuple

from helpdesk.threading.reading.limits import HEADER_FIELDS, HEADER_OCTETS, Lines

NAME_OCTETS = 80
PARAMETER = re.compile(rb"[A-Za-z][A-Za-z0-9*-]{0,40}[ \t]*=[ \t]*[^ \t\r\n]")
NO_NAME = bytes(octet for octet in range(256) if not 33 <= octet <= 126)
# A field that the strict and the tolerant reading split alike: a name without `<`, `=` and `>`, CRLF line ends and no NUL. All that stands
# behind the last of such fields is one match without groups.
PLAIN_FIELD = re.compile(rb"([!-9;?-~]{1,76}):([^\r\n\0]*+(?:\r\n[ \t][^\r\n\0]*+)*+)\r\n|(?s:.+)")
REMEMBERED = 512  # headers; most parts of all mails have one of a few dozen
LONGEST_REMEMBERED = 200  # octets of one header


class Field(NamedTuple):
    """One header field. `name` is lower-case; `value` is unfolded and still encoded; `regular` says whether the name was well-formed."""

    name: str
    value: bytes
    regular: bool
    raw: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a mail or of a part, and where its body begins. `plain` says that it has nothing but fields like `PLAIN_FIELD`."""

    fields: tuple[Field, ...]
    body_at: int  # offset of the first octet of the body
    defects: tuple[str, ...]
    breach: str = ""  # the limit that it exceeds
    plain: bool = of_class(default=False, compare=False)

    def all(self, name: str) -> list[bytes]:
        return [field.value for field in self.fields if field.name == name]

    def first(self, name: str) -> bytes | None:
        for field in self.fields:
            if field.name == name:
                return field.value
        return None


def with_lines(content: bytes) -> bytes:
    """The mail with CRLF line ends, if its lines end in a bare CR; any other mail unchanged."""
    return content.replace(b"\r", b"\r\n") if b"\n" not in content and b"\r" in content else content


def split_header(content: bytes, start: int = 0, end: int | None = None, *, first: bool = True) -> Header:
    """Read the header that begins at `start`, at most `HEADER_OCTETS` and `HEADER_FIELDS` of it.

    `first` says that it is the header of a mail, and that lines before its first field are skipped. The header of a part may be empty.
    """
    return plain_header(content, start, end) or _any_header(content, start, end, first=first)


def plain_header(content: bytes, start: int = 0, end: int | None = None) -> Header | None:
    """The header, if it has plain fields only; None for any other. Nearly all mail has such a header."""
    ends = content.find(b"\r\n\r\n", start, min(start + HEADER_OCTETS, len(content) if end is None else end)) + 2
    if ends < start + 2:
        return None
    head = content[start:ends]
    fields = _remembered_fields(head) if len(head) <= LONGEST_REMEMBERED else _plain_fields(head)
    return None if fields is None else Header(fields, ends + 2, (), plain=True)


def _plain_fields(head: bytes) -> tuple[Field, ...] | None:
    found = PLAIN_FIELD.findall(head)
    if not found[-1][0] or len(found) > HEADER_FIELDS:  # the last match is no field
        return None
    return tuple(
        Field(name.decode("ascii").lower(), value.replace(b"\r\n", b"").strip(b" \t"), True, b"%s:%s\r\n" % (name, value))
        for name, value in found
    )


_remembered_fields = lru_cache(REMEMBERED)(_plain_fields)


def _any_header(content: bytes, start: int, end: int | None, *, first: bool) -> Header:
    begin, defects = _first_field(content, start) if first else (start, [])
    collected: list[list[bytes]] = []
    lines = Lines(content, begin, end)
    for line in lines:
        at = lines.position - len(line)
        if not line.strip(b"\r\n"):
            return Header(_as_fields(collected), lines.position, tuple(defects), _breach(at - begin, 0))
        if at - begin > HEADER_OCTETS or (len(collected) >= HEADER_FIELDS and line[:1] not in b" \t"):
            excess = _breach(at - begin, len(collected) + 1)
            return Header(_as_fields(collected), _after_blank_line(content, at), tuple(defects), excess)
        if line[:1] in b" \t":
            if collected:
                collected[-1].append(line)
        elif collected and _has_lost_its_fold(collected[-1], line):
            collected[-1].append(b" " + line)
            defects.append("a parameter at the begin of a line")
        elif _names_a_field(line):
            collected.append([line])
        elif _names_a_field(content[lines.position : lines.position + NAME_OCTETS]) and collected and lines.position < lines.end:
            defects.append("a line in the header is no field")
        else:
            defects.append("no blank line between header and body" if collected else "no header")
            return Header(_as_fields(collected), at, tuple(defects), _breach(at - begin, 0))
    return Header(_as_fields(collected), lines.end, tuple(defects), _breach(lines.end - begin, 0))


def _has_lost_its_fold(above: list[bytes], line: bytes) -> bool:
    """Whether a line without a fold continues a MIME field with a parameter. No other field may be continued so (Authentication-Results)."""
    return above[0][:8].lower() == b"content-" and above[-1].rstrip().endswith(b";") and PARAMETER.match(line) is not None


def _breach(octets: int, fields: int) -> str:
    if octets > HEADER_OCTETS:
        return f"headers larger than {HEADER_OCTETS} octets"
    return f"more than {HEADER_FIELDS} header fields" if fields > HEADER_FIELDS else ""


def _first_field(content: bytes, start: int) -> tuple[int, list[str]]:
    """Where the first field begins, behind blank lines and an mbox separator; `start` if no field follows within `HEADER_OCTETS`."""
    lines = Lines(content, start, min(start + HEADER_OCTETS, len(content)))
    defects: list[str] = []
    for line in lines:
        if line[:5] in (b"From ", b">From") and b":" not in line[:6]:
            continue
        if line.strip():
            at = lines.position - len(line)
            if at == start or not _names_a_field(line):
                return start, []
            if content[start : start + 5] not in (b"From ", b">From"):
                defects.append("blank line before the header")
            return at, defects
    return start, []


def _names_a_field(line: bytes) -> bool:
    name, colon, _ = line[:NAME_OCTETS].partition(b":")
    return bool(colon) and len(name.split()) == 1 and name[:1] not in b" \t"


def _as_fields(collected: list[list[bytes]]) -> tuple[Field, ...]:
    return tuple(_field(b"".join(lines)) for lines in collected)


def _field(raw: bytes) -> Field:
    name, _, value = raw.partition(b":")
    clean = name.translate(None, NO_NAME).decode("ascii").lower()
    unfolded = value.replace(b"\r\n", b"").replace(b"\n", b" ").replace(b"\r", b" ").strip(b" \t")
    return Field(clean, unfolded, regular=len(clean) == len(name), raw=raw)


def _after_blank_line(content: bytes, at: int) -> int:
    ends = [end + len(mark) for mark in (b"\n\r\n", b"\n\n") if (end := content.find(mark, at)) >= 0]
    return min(ends, default=len(content))
