"""The header of a mail, split strictly (RFC 5322 §2.2). A header that two readers may split differently is not split at all.

A signature proves something only if its verifier and every reader see the same fields and the same body, and an author is certain only if
no reader sees another one. Harmless oddities are accepted: 8-bit characters, long lines, unknown fields.
"""

import re

from helpdesk.threading.reading.fields import Field, Header, plain_header, split_header, with_lines
from helpdesk.threading.reading.limits import HEADER_FIELDS, HEADER_OCTETS

NAME = re.compile(rb"[!-9;-~]+")  # RFC 5322 §3.6.8; no white space before the colon
ENVELOPE_LINE = b"From "  # begins a mail in a mailbox file; every reader skips it there, and nowhere else


class _Doubt(Exception):
    """The header can be split in more than one way. The text of the exception says why, in one clause."""


def strict_header(content: bytes) -> Header | None:
    """The fields, and the offset of the body; None if two readers may find different ones.

    Line ends must be all CRLF, or all LF as in mailbox files and pipes. If the mail ends with its header, the body is empty.
    """
    plain = plain_header(content)
    if plain is not None:
        return plain
    try:
        return _split_strictly(content)
    except _Doubt:
        return None


def header_doubt(content: bytes, header: Header | None = None) -> str:
    """Why two readers may see different headers or different beginnings of the body, in one clause; "" if all agree.

    There is no doubt if the strict and the tolerant reading give the same fields, values and body, without a defect. `header` is the tolerant
    reading, if the caller has it. Takes time linear in the size of the header.
    """
    tolerant = header if header is not None else split_header(with_lines(content))
    if tolerant.plain and b"\n" in content:  # without one, `with_lines` has changed the mail
        return ""
    if tolerant.breach:
        return f"its header is beyond a limit: {tolerant.breach}"
    try:
        strict = _split_strictly(content)
    except _Doubt as doubt:
        return str(doubt)
    if tolerant.defects:
        return f"its header is not by the book: {tolerant.defects[0]}"
    if strict.body_at != tolerant.body_at:
        return "it can be read in two ways where its header ends"
    if _names_and_values(strict) != _names_and_values(tolerant):
        return "the fields of its header can be read in two ways"
    return ""


def _names_and_values(header: Header) -> list[tuple[str, bytes]]:
    return [(field.name, field.value) for field in header.fields]


def _split_strictly(content: bytes) -> Header:
    begin = content.find(b"\n") + 1 if content.startswith(ENVELOPE_LINE) else 0
    end = _end_of_header(content, begin)
    head = content[begin:end]
    if b"\0" in head:
        raise _Doubt("there is a NUL in its header")
    mark = b"\r\n" if b"\r" in head else b"\n"
    if head.count(b"\r") != head.count(b"\r\n") or (mark == b"\r\n" and head.count(b"\n") != head.count(mark)):
        raise _Doubt("the lines of its header end in different ways")
    lines = head.removesuffix(mark).split(mark) if head else []
    body_at = end + len(mark) if content.startswith(mark, end) else end
    if body_at == end and end < len(content):
        raise _Doubt("the lines of its header end in different ways")
    return Header(_fields(lines, mark), body_at, ())


def _end_of_header(content: bytes, begin: int) -> int:
    """Where the blank line below the header begins, or the end of the mail. Raises _Doubt."""
    window = content[begin : begin + HEADER_OCTETS + 4]
    if window[:1] in (b"\r", b"\n"):
        raise _Doubt("a blank line stands before its header")
    ends = [at + 1 for mark in (b"\n\n", b"\n\r\n") if (at := window.find(mark)) >= 0]
    if ends:
        return begin + min(ends)
    if begin + len(window) < len(content):
        raise _Doubt(f"its header is larger than {HEADER_OCTETS} octets")
    return len(content)


def _fields(lines: list[bytes], mark: bytes) -> tuple[Field, ...]:
    collected: list[list[bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if not collected:
                raise _Doubt("its header begins with a continued line")
            collected[-1].append(line)
            continue
        name, colon, _ = line.partition(b":")
        if not colon or not NAME.fullmatch(name):
            raise _Doubt("a line of its header is no field")
        if len(collected) == HEADER_FIELDS:
            raise _Doubt(f"it has more than {HEADER_FIELDS} header fields")
        collected.append([line])
    if not collected:
        raise _Doubt("it has no header")
    return tuple(_field(folded, mark) for folded in collected)


def _field(lines: list[bytes], mark: bytes) -> Field:
    """A field, unfolded like the tolerant reading does it: a bare LF becomes a space, so that both values are equal."""
    name, _, value = (b"" if mark == b"\r\n" else b" ").join(lines).partition(b":")
    return Field(name.decode("ascii").lower(), value.strip(b" \t"), regular=True, raw=mark.join(lines) + mark)
