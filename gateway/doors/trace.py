"""The trace of a mail: how many hosts it has passed (RFC 5321 §6.3), and what the last step was (§4.4)."""

import re

MOST_HOPS = 100
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)


def loops(content: bytes) -> bool:
    """Whether the header has more Received fields than any honest way is long."""
    end = END_OF_HEADER.search(content)
    header = content[: end.start()] if end else content
    return sum(1 for _ in RECEIVED.finditer(header)) > MOST_HOPS


def transmission_type(protocol: str, *, extended: bool, utf8: bool, secure: bool, authenticated: bool) -> str:
    """How a mail was handed over, as the `with` clause of a Received field names it (RFC 3848, RFC 6531 §4.3): ESMTPS, LMTP, UTF8SMTPA."""
    if not extended:
        return protocol
    base = f"UTF8{protocol}" if utf8 else protocol if protocol == "LMTP" else f"E{protocol}"
    return base + "S" * secure + "A" * authenticated
