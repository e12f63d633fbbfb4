"""The parts of a mail by their offsets (RFC 2046 §5.1.1), found on its octets before any parser sees it.

The scan keeps the open boundaries and looks at each line once. Its result is an outline: a well-formed mail of the same structure, with a
mark (`#n`) in place of the content of part n. A parser of the outline has work for the structure only, however large the contents are. The
boundaries in it are names of our own (`b0`, `b1`), so mails of one structure have equal outlines.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from helpdesk.threading.reading.fields import Field, Header, split_header
from helpdesk.threading.reading.limits import (
    BOUNDARY_OCTETS,
    DEPTH,
    HEADER_OCTETS,
    LOOKALIKES,
    MESSAGE_OCTETS,
    PARTS,
    STRUCTURED_FIELD_OCTETS,
)
from helpdesk.threading.reading.parameters import parameters
from helpdesk.threading.reading.parsed import AMBIGUOUS

STRUCTURAL = ("content-type", "content-transfer-encoding")
BOUNDARY = re.compile(rb";[ \t]*boundary\*?[ \t]*=", re.IGNORECASE)
DISTINGUISHED = ("multipart/alternative", "multipart/related")  # other containers are read as mixed (RFC 2046 §5.1.7)


class MimePart(NamedTuple):
    """One part with its header. Its content is the octets from `start` to `end`, still encoded."""

    header: Header
    content_type: str
    declared: Mapping[str, str]  # parameters of Content-Type
    start: int
    end: int


@dataclass(slots=True)
class Outline:
    """The parts of a mail. `breach` names the limit that ended the scan, "" without one; `skeleton` is the outline as octets."""

    content: bytes
    parts: list[MimePart] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    breach: str = ""

    @property
    def skeleton(self) -> bytes:
        return b"".join(self.written)

    @property
    def skeleton_as_mixed(self) -> bytes:
        """The skeleton, if the parts of the outermost container were shown one after the other."""
        return b"".join((self.written[0].replace(b"multipart/alternative", b"multipart/mixed", 1), *self.written[1:]))


class _Delimiter(NamedTuple):
    start: int
    after: int  # where the next line begins
    boundary: bytes
    closing: bool


class _Scan:
    def __init__(self, content: bytes) -> None:
        self.outline = Outline(content)
        self.open: list[bytes] = []
        self.names: dict[bytes, bytes] = {}  # of boundaries, in the outline
        self.interrupted: set[bytes] = set()  # boundaries of containers that an outer delimiter ended
        self.lookalikes = 0
        self.delimiters = 0

    def run(self, header: Header) -> Outline:
        if len(self.outline.content) > MESSAGE_OCTETS:
            self.outline.breach = f"message larger than {MESSAGE_OCTETS} octets"
            return self.outline
        self.part(header)
        delimiter = self.next_delimiter(header.body_at)
        self.content_ends(delimiter)
        while delimiter and not self.outline.breach:
            delimiter = self.after(delimiter)
        if self.open and not self.outline.breach:
            self.outline.defects.append("a multipart without its closing delimiter")
        return self.outline

    def after(self, delimiter: _Delimiter) -> _Delimiter | None:
        """Read the part behind a delimiter. Returns the next delimiter, None without one."""
        content, level = self.outline.content, len(self.open) - 1 - self.open[::-1].index(delimiter.boundary)
        self.outline.written.append(b"--%s%s\r\n" % (self.names[delimiter.boundary], b"--" if delimiter.closing else b""))
        if delimiter.closing:
            del self.open[level:]
            return self.next_delimiter(delimiter.after)
        self.interrupted.update(self.open[level + 1 :])
        del self.open[level + 1 :]
        self.delimiters += 1
        if self.delimiters > PARTS:
            self.outline.breach = f"more than {PARTS} parts"
            return None
        limit = min(delimiter.after + HEADER_OCTETS * 2, len(content))
        following = self.next_delimiter(delimiter.after, limit)
        header = split_header(content, delimiter.after, following.start if following else limit, first=False)
        self.part(header)
        if not following or self.open[-1:] != [delimiter.boundary]:
            following = self.next_delimiter(header.body_at)
        self.content_ends(following)
        return following

    def part(self, header: Header) -> None:
        """Add one part to the outline. A container opens its boundary."""
        outline = self.outline
        outline.breach = header.breach or outline.breach
        fields = [field for field in header.fields if field.name[:8] == "content-"]
        if any(len(field.raw) > STRUCTURED_FIELD_OCTETS for field in fields):
            outline.breach = f"a structured field larger than {STRUCTURED_FIELD_OCTETS} octets"
        if outline.breach:
            return
        if _is_ambiguous(fields):
            outline.defects.append(AMBIGUOUS)
        content_type, declared = parameters(header.first("content-type") or b"")
        if content_type.startswith("multipart/"):
            self.container(content_type, declared)
        else:
            outline.written.append(b"\r\n")
        outline.parts.append(MimePart(header, content_type, declared, header.body_at, header.body_at))
        outline.written.append(b"#%d\r\n" % (len(outline.parts) - 1))

    def container(self, content_type: str, declared: Mapping[str, str]) -> None:
        boundary = declared.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")[:BOUNDARY_OCTETS]
        if not boundary:
            self.outline.defects.append("a multipart without a boundary")
            self.outline.written.append(b"\r\n")
            return
        if len(self.open) >= DEPTH:
            self.outline.breach = f"parts nested deeper than {DEPTH}"
        self.open.append(boundary)
        name = content_type if content_type in DISTINGUISHED else "multipart/mixed"
        label = self.names.setdefault(boundary, b"b%d" % len(self.names))
        self.outline.written.append(b'Content-Type: %s; boundary="%s"\r\n\r\n' % (name.encode(), label))

    def content_ends(self, delimiter: _Delimiter | None) -> None:
        """Set the end of the last part: before the line end that belongs to the delimiter."""
        if not self.outline.parts:
            return
        last = self.outline.parts[-1]
        end = delimiter.start if delimiter else len(self.outline.content)
        if delimiter and end > last.start:
            end -= 2 if self.outline.content[end - 2 : end] == b"\r\n" else 1
        self.outline.parts[-1] = last._replace(end=max(end, last.start))

    def next_delimiter(self, position: int, limit: int | None = None) -> _Delimiter | None:
        """The next line from `position` on that is a delimiter of an open boundary."""
        if not self.open:
            return None
        content = self.outline.content
        at = position if content.startswith(b"--", position) else content.find(b"\n--", max(position - 1, 0), limit) + 1
        while at > 0:
            end = content.find(b"\n", at)
            after = len(content) if end < 0 else end + 1
            line = content[at + 2 : min(after, at + BOUNDARY_OCTETS + 500)].rstrip()
            if line in self.open:
                return _Delimiter(at, after, line, closing=False)
            if line in self.interrupted:  # a part of a container that is no longer open
                return _Delimiter(at, after, self.open[-1], closing=False)
            if line.endswith(b"--") and line[:-2] in self.open:
                return _Delimiter(at, after, line[:-2], closing=True)
            self.lookalikes += 1
            if self.lookalikes > LOOKALIKES:
                self.outline.breach = f"more than {LOOKALIKES} lines that look like delimiters"
                return None
            at = content.find(b"\n--", after - 1, limit) + 1
        return None


def _is_ambiguous(fields: list[Field]) -> bool:
    """Whether a field or a boundary stands twice, so that a virus scanner may see other files than a person."""
    names = [field.name for field in fields]
    twice = any(names.count(name) > 1 for name in STRUCTURAL)
    return twice or any(len(BOUNDARY.findall(field.value)) > 1 for field in fields if field.name == "content-type")


def outline_of(header: Header, content: bytes) -> Outline:
    """The outline of a mail whose header has been read. Takes linear time; beyond a limit the outline has a `breach`."""
    return _Scan(content).run(header)
