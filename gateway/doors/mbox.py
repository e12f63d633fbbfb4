"""mbox files (RFC 4155 and its relatives), read as a stream: never more than one line is held to find where a mail ends.

A mail begins with a "From " line after an empty one. Lines of the mail that begin so were quoted with ">" when they were written
(mboxo, mboxrd) and lose one ">" again. Lines end with LF or CRLF, and stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 64 * 1024  # octets that are read at once
LONGEST_HEADER = 64 * 1024  # octets in which a date is looked for
LONGEST_DATE = 300  # characters of a "From " line in which its date is looked for
CLOCK = re.compile(rb"\d\d?:\d\d(?::\d\d)?\b")
CLOCK_BEGINS = re.compile(rb"\d(?=:\d\d)")
YEAR = re.compile(rb"\b(?:19|20)\d\d\b")
QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
ASCTIME = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d)(?::(\d\d))?.*?((?:19|20)\d\d)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a mail stands in its file (octets), the beginning of its header, and the date of its "From " line."""

    offset: int
    length: int
    header: bytes
    filed_at: datetime | None


def is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def mails_in(path: Path) -> Iterator[Found]:
    """Every mail of a file, in its order. Raises OSError."""
    with path.open("rb") as file:
        begun: _Mail | None = None
        for line, at, after_empty in _lines(file):
            if after_empty and _is_from_line(line):
                if begun is not None:
                    yield begun.found(at)
                begun = _Mail(at + len(line), line)
            elif begun is not None:
                begun.take(line)
        if begun is not None:
            yield begun.found(file.tell())


def _is_from_line(line: bytes) -> bool:
    """A sender and a date: an hour and a year. Some writers put no date there (Thunderbird: "From - …" or "From " alone); a sentence
    that begins with "From" does not look like either."""
    if not (line.startswith(b"From ") and line.endswith(b"\n")):
        return False
    rest = line[5:]
    if len(rest.split()) < 2 or rest[:1].isspace():
        return not rest[:1].isspace() or not rest.strip()
    clocks, years = list(CLOCK.finditer(rest, 1)), list(YEAR.finditer(rest, 1))
    begins = [found.start() for found in CLOCK_BEGINS.finditer(rest, 1)]
    if not (begins and years):
        return False
    return years[0].end() <= begins[-1] or bool(clocks and clocks[0].end() <= years[-1].start())


def mail_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """A mail as it was before it was quoted into the file, without the empty line behind it."""
    file.seek(offset)
    content = file.read(length)
    for line_end in (b"\r\n", b"\n"):
        if content.endswith(line_end + line_end):
            content = content[: -len(line_end)]
            break
    return QUOTED.sub(rb"\1", content) if b"\n>" in content or content.startswith(b">") else content


class _Mail:
    """One that has begun."""

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

    def found(self, end: int) -> Found:
        return Found(self._offset, end - self._offset, b"".join(self._header), filed_at(self._from_line.decode("latin-1")))


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int, bool]]:
    """Lines, or pieces of very long ones; where each stands, and whether an empty line or nothing is before it."""
    at, after_empty, at_start = 0, True, True
    while line := file.readline(LONGEST_LINE):
        yield line, at, after_empty and at_start
        at += len(line)
        after_empty = at_start and line in (b"\n", b"\r\n")
        at_start = line.endswith(b"\n")


def filed_at(from_line: str) -> datetime | None:
    """The moment in a "From " line, which names no zone: UTC (RFC 4155 appendix A)."""
    match = ASCTIME.search(from_line[:LONGEST_DATE])
    if match is None or match[1] not in MONTHS:
        return None
    try:
        return datetime(
            int(match[6]), MONTHS.index(match[1]) + 1, int(match[2]), int(match[3]), int(match[4]), int(match[5] or 0), tzinfo=UTC
        )
    except ValueError:
        return None
