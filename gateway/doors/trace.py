"""The trace of a mail: how many hosts it has passed (RFC 5321 §6.3)."""

import re

MOST_HOPS = 100
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)


def loops(content: bytes) -> bool:
    """Whether the header has more Received fields than any honest way is long."""
    end = END_OF_HEADER.search(content)
    header = content[: end.start()] if end else content
    return sum(1 for _ in RECEIVED.finditer(header)) > MOST_HOPS
