"""How large and how deep a mail may be before it is read degraded, measured on its bytes before any parser sees them.

The scan keeps a stack of open boundaries (RFC 2046 §5.1.1) and looks at each line once.
"""

from dataclasses import dataclass

MESSAGE_OCTETS = 25 * 1024 * 1024
HEADER_OCTETS = 100 * 1024  # of the mail, and of each of its parts
HEADER_FIELDS = 1000
STRUCTURED_FIELD_OCTETS = 16 * 1024  # Content-Type and Content-Disposition, whose parameters are costly to parse
ADDRESS_FIELD_OCTETS = 8 * 1024
ADDRESSES = 100
DEPTH = 50
PARTS = 1000
TEXT_CHARACTERS = 2 * 1024 * 1024
HTML_CHARACTERS = 1024 * 1024
HTML_DEPTH = 500
REPLY_CHARACTERS = 200_000  # text beyond this is quoted matter or a log file: it is kept whole, but not searched
REPLY_LINES = 5_000

ADDRESS_FIELDS = ("from", "sender", "reply-to", "to", "cc", "bcc")


@dataclass(slots=True)
class _Scan:
    """Where the line scan stands."""

    parts: int = 0
    depth: int = 0
    header_octets: int = 0
    fields: int = 0
    structured_octets: int = 0
    in_header: bool = True
    nested_message: bool = False
    structured: bytes = b""
    breach: str = ""


def breach(content: bytes) -> str | None:
    """The limit that this mail exceeds, in words for its defects, or None."""
    if len(content) > MESSAGE_OCTETS:
        return f"message larger than {MESSAGE_OCTETS} octets"
    scan = _Scan()
    boundaries: list[bytes] = []
    lines = Lines(content)
    for line in lines:
        if scan.in_header:
            _header_line(line, scan, boundaries)
        elif line.startswith(b"--"):
            _delimiter_line(line.rstrip(), scan, boundaries)
        if scan.breach:
            return scan.breach
        if not scan.in_header and not _skip_to_delimiter(lines, boundaries):
            return None
    return None


def _skip_to_delimiter(lines: "Lines", boundaries: list[bytes]) -> bool:
    """Move on to the next line that may be a delimiter; False when there can be none."""
    if not boundaries:
        return False
    # One octet back: the line end before a delimiter may be the one that was just read.
    found = lines.content.find(b"\n--", max(lines.position - 1, 0))
    lines.position = found + 1 if found >= 0 else len(lines.content)
    return found >= 0


class Lines:
    """Iterates over lines without holding them all: a mail of short lines would cost many times its size."""

    __slots__ = ("content", "position")

    def __init__(self, content: bytes, position: int = 0) -> None:
        self.content = content
        self.position = position

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> bytes:
        start = self.position
        if start >= len(self.content):
            raise StopIteration
        end = self.content.find(b"\n", start)
        self.position = len(self.content) if end < 0 else end + 1
        return self.content[start : self.position]


def _header_line(line: bytes, scan: _Scan, boundaries: list[bytes]) -> None:
    if not line.rstrip(b"\r\n"):
        _close_field(scan, boundaries)
        scan.in_header = scan.nested_message
        scan.nested_message = False
        scan.header_octets = scan.fields = 0
        return
    scan.header_octets += len(line)
    if scan.header_octets > HEADER_OCTETS:
        scan.breach = f"headers larger than {HEADER_OCTETS} octets"
    elif line[:1] in b" \t":
        scan.structured_octets += len(line)
        if scan.structured:
            scan.structured += line
    else:
        _open_field(line, scan, boundaries)
    if scan.structured and scan.structured_octets > STRUCTURED_FIELD_OCTETS:
        scan.breach = f"a structured field larger than {STRUCTURED_FIELD_OCTETS} octets"


def _open_field(line: bytes, scan: _Scan, boundaries: list[bytes]) -> None:
    _close_field(scan, boundaries)
    scan.fields += 1
    scan.structured_octets = len(line)
    if line[:8].lower() == b"content-":
        scan.structured = line
    if scan.fields > HEADER_FIELDS:
        scan.breach = f"more than {HEADER_FIELDS} header fields"


def _close_field(scan: _Scan, boundaries: list[bytes]) -> None:
    field, scan.structured = scan.structured, b""
    lowered = field.lower()
    if not lowered.startswith(b"content-type"):
        return
    if b"message/" in lowered:
        scan.nested_message = True
        scan.depth += 1
        if scan.depth + len(boundaries) > DEPTH:
            scan.breach = f"parts nested deeper than {DEPTH}"
    boundary = boundary_in(field)
    if boundary:
        boundaries.append(boundary)
        if len(boundaries) + scan.depth > DEPTH:
            scan.breach = f"parts nested deeper than {DEPTH}"


def boundary_in(field: bytes) -> bytes:
    """The boundary parameter of a Content-Type field, b"" without one."""
    at = field.lower().find(b"boundary")
    if at < 0:
        return b""
    _, equals, value = field[at:].partition(b"=")
    value = value.lstrip()
    if value[:1] == b'"':
        return value[1:].partition(b'"')[0].strip() if equals else b""
    return value.partition(b";")[0].split(None, 1)[0] if equals and value.strip() and value.partition(b";")[0].strip() else b""


def _delimiter_line(line: bytes, scan: _Scan, boundaries: list[bytes]) -> None:
    candidate = line[2:]
    for level in range(len(boundaries) - 1, -1, -1):
        if candidate == boundaries[level]:
            del boundaries[level + 1 :]
            _open_part(scan)
            return
        if candidate == boundaries[level] + b"--":
            del boundaries[level:]
            scan.depth = min(scan.depth, len(boundaries))
            return


def _open_part(scan: _Scan) -> None:
    scan.parts += 1
    scan.in_header = True
    scan.nested_message = False
    scan.depth = 0
    scan.header_octets = scan.fields = 0
    if scan.parts > PARTS:
        scan.breach = f"more than {PARTS} parts"
