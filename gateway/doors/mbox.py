"""mbox files (RFC 4155 and its variants), read as a stream: only one line at a time is in memory while the ends of mails are
looked for.

A mail begins with a "From " line after an empty line. A line of the mail that begins with "From " or ">From " got one ">"
when it was written (mboxo, mboxrd) and loses it here. Line ends, LF or CRLF, stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from helpdesk.gateway.doors.regular_files import open_named

LONGEST_LINE = 64 * 1024  # octets read at once; a longer line comes in pieces
LONGEST_HEADER = 64 * 1024  # octets of a header in which a date is looked for
# Octets: an address has at most 254 (RFC 5321 §4.5.3.1.3), and a date of any form less than 50.
LONGEST_FROM_LINE = 512
TIME = re.compile(rb"(?<!\d)\d\d?:\d\d\b")
LONGEST_DATE = 300  # characters of a "From " line in which its date is looked for
YEAR = re.compile(rb"\b(?:19|20)\d\d\b")
QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
ASCTIME = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d)(?::(\d\d))?.*?((?:19|20)\d\d)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class MboxMail:
    """Where a mail stands in its file (octets), the beginning of its header, and the date of its "From " line."""

    offset: int
    length: int
    header: bytes
    filed_at: datetime | None


def is_mbox(path: Path) -> bool:
    """Whether the file begins as an mbox file does. Raise NotRegular and other OSError."""
    with open_named(path) as file:
        return file.read(5) == b"From "


def mails_in(path: Path) -> Iterator[MboxMail]:
    """Yield every mail of a file in its order, in time linear in the file's size. Raise NotRegular and other OSError."""
    with open_named(path) as file:
        open_mail: _OpenMail | None = None
        for line, at, after_empty in _lines(file):
            if after_empty and begins_a_mail(line):
                if open_mail is not None:
                    yield open_mail.ending_at(at)
                open_mail = _OpenMail(at + len(line), line)
            elif open_mail is not None:
                open_mail.take(line)
        if open_mail is not None:
            yield open_mail.ending_at(file.tell())


def begins_a_mail(line: bytes) -> bool:
    """Whether a line separates two mails: "From ", then at most one word, or more words with a date among them.

    Some writers put no date there (Thunderbird: "From - …" or "From " alone). A sentence that begins with "From" has no time
    and no year.
    """
    if not line.startswith(b"From ") or len(line) > LONGEST_FROM_LINE or not line.endswith(b"\n"):
        return False
    rest = line[len(b"From ") :]
    if len(rest.split()) <= 1:
        return not rest[:1].isspace() or not rest.strip()
    return not rest[:1].isspace() and bool(TIME.search(rest)) and bool(YEAR.search(rest))


def mail_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """A mail as it was before it was written to the file: unquoted, and without the empty line after it."""
    file.seek(offset)
    content = file.read(length)
    for line_end in (b"\r\n", b"\n"):
        if content.endswith(line_end + line_end):
            content = content[: -len(line_end)]
            break
    return QUOTED.sub(rb"\1", content) if b"\n>" in content or content.startswith(b">") else content


class _OpenMail:
    """A mail whose end has not been found yet."""

    def __init__(self, offset: int, from_line: bytes) -> None:
        self._offset = offset
        self._from_line = from_line
        self._header: list[bytes] = []
        self._size = 0
        self._in_header = True

    def take(self, line: bytes) -> None:
        if self._in_header:
            self._header.append(line)
            self._size += len(line)
            self._in_header = line.strip(b"\r\n") != b"" and self._size < LONGEST_HEADER

    def ending_at(self, end: int) -> MboxMail:
        return MboxMail(self._offset, end - self._offset, b"".join(self._header), filed_at(self._from_line.decode("latin-1")))


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int, bool]]:
    """Yield each line, or piece of a very long line; its offset; and whether an empty line or nothing stands before it."""
    at, after_empty, at_start = 0, True, True
    while line := file.readline(LONGEST_LINE):
        yield line, at, after_empty and at_start
        at += len(line)
        after_empty = at_start and line in (b"\n", b"\r\n")
        at_start = line.endswith(b"\n")


def filed_at(from_line: str) -> datetime | None:
    """The moment in a "From " line, which names no zone and is read as UTC (RFC 4155 appendix A)."""
    match = ASCTIME.search(from_line[:LONGEST_DATE])
    if match is None or match[1] not in MONTHS:
        return None
    try:
        return datetime(
            int(match[6]), MONTHS.index(match[1]) + 1, int(match[2]), int(match[3]), int(match[4]), int(match[5] or 0), tzinfo=UTC
        )
    except ValueError:
        return None
