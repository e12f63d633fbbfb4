"""The trace of a mail: how many hosts it has passed (RFC 5321 §6.3), and the Return-Path and Received fields of its last
step (§4.4).
"""

import re
from email.utils import format_datetime

from helpdesk.threading.model.mail import RawMessage

MOST_HOPS = 100
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
RETURN_PATH = re.compile(rb"^return-path[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)", re.IGNORECASE | re.MULTILINE)
UNSAFE_IN_TRACE = re.compile(r"[^A-Za-z0-9.:_\[\]\u0080-\U0010ffff-]")
RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)


def has_too_many_hops(content: bytes) -> bool:
    """Whether the header has more than `MOST_HOPS` Received fields, so that the mail must be in a loop."""
    end = content.find(b"\r\n\r\n")
    if content[: end if end >= 0 else None].lower().count(b"received") <= MOST_HOPS:  # hardly any mail needs the slower look
        return False
    found = END_OF_HEADER.search(content)
    header = content[: found.start()] if found else content
    return sum(1 for _ in RECEIVED.finditer(header)) > MOST_HOPS


def transmission_type(protocol: str, *, extended: bool, utf8: bool, secure: bool, authenticated: bool) -> str:
    """How a mail was handed over, as the `with` clause of a Received field names it: ESMTPS, LMTP, UTF8SMTPA (RFC 3848, RFC
    6531 §4.3).
    """
    if not extended:
        return protocol
    base = f"UTF8{protocol}" if utf8 else protocol if protocol == "LMTP" else f"E{protocol}"
    return base + "S" * secure + "A" * authenticated


def with_trace(raw: RawMessage, hostname: str, number: int) -> bytes:
    """A stored mail as a final delivery shows it (RFC 5321 §4.4): Return-Path and one Received field of ours above what
    came.

    The stored mail itself stays as it came. A Return-Path that it brought is left out here, because the only one is the
    envelope's. A mail without envelope (from a mailbox or an archive) was not handed over by SMTP and is shown unchanged.
    """
    if raw.envelope is None:
        return raw.content
    end = END_OF_HEADER.search(raw.content)
    cut = raw.content.index(b"\n", end.start()) + 1 if end else len(raw.content)
    header, body = raw.content[:cut], raw.content[cut:]
    line_end = b"\n" if b"\n" in raw.content and b"\r\n" not in raw.content else b"\r\n"
    field = "\n".join((f"Return-Path: <{raw.envelope.reverse_path}>", *_received_lines(raw, hostname, number), ""))
    return field.encode("utf-8", "replace").replace(b"\n", line_end) + RETURN_PATH.sub(b"", header) + body


def _received_lines(raw: RawMessage, hostname: str, number: int) -> list[str]:
    """The lines of a folded Received field. A recipient is named only where it is the only one, so that no recipient learns
    of others (§7.2).
    """
    assert raw.envelope is not None
    came_from = f"from {_word(raw.helo) or 'unknown'} ({_literal(raw.peer)})" if raw.peer else "from local"
    kind = f"with {raw.transmission} " if raw.transmission else ""
    paths = raw.envelope.forward_paths
    aim = f" for <{paths[0]}>" if len(paths) == 1 else ""
    return [f"Received: {came_from}", f" by {hostname} {kind}id {number}{aim};", f" {format_datetime(raw.received_at)}"]


def _literal(peer: str) -> str:
    """The peer as an address literal (RFC 5321 §4.1.3)."""
    return f"[IPv6:{peer}]" if ":" in peer else f"[{peer}]"


def _word(helo: str) -> str:
    """The client's name for itself, without characters that could end the field or add a clause to it."""
    return UNSAFE_IN_TRACE.sub("?", helo)
