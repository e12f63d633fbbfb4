"""Parts of reading as plain walks, each written without a short cut, to compare the fast ways with."""

import re
from email import message_from_bytes
from email.message import Message

WORD = re.compile(r"\w+")
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]{1,2000}")
LETTERS = bytes(range(0x20, 0x7F)) + b"\t\r\n"


def pieces_outside_quotes(value: bytes) -> list[bytes]:
    """The pieces of a field value between semicolons that stand in no quoted string."""
    pieces: list[bytes] = []
    start, quoted, escaped = 0, False, False
    for at, octet in enumerate(value):
        if escaped:
            escaped = False
        elif octet == ord("\\"):
            escaped = quoted
        elif octet == ord('"'):
            quoted = not quoted
        elif octet == ord(";") and not quoted:
            pieces.append(value[start:at])
            start = at + 1
    return [*pieces, value[start:]]


def words_of(text: str) -> set[str]:
    """The words of a text without the URLs of links."""
    return set(WORD.findall(ADDRESS.sub(" ", text).casefold()))


def runs_of_letters(octets: bytes, least: int = 12) -> list[bytes]:
    """The runs of at least so many printable characters."""
    runs: list[bytes] = []
    run = bytearray()
    for octet in (*octets, 0):
        if octet in LETTERS:
            run.append(octet)
            continue
        if len(run) >= least:
            runs.append(bytes(run))
        run.clear()
    return runs


def normal_body(body: bytes) -> bytes:
    """A body with LF line ends, without those at its end."""
    return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")


def marks_in_tree(skeleton: bytes) -> list[tuple[int, int, bool]]:
    """Number, group and whether it is related, of each part of an outline, by the parser of the standard library alone."""
    found: list[tuple[int, int, bool]] = []
    seen = 0

    def walk(part: "Message[str, str]", group: int, related: bool) -> None:
        nonlocal seen
        seen += 1
        number = seen
        payload = part.get_payload()
        if not isinstance(payload, list):
            mark = str(payload).strip()
            if mark.startswith("#") and mark[1:].isdecimal():
                found.append((int(mark[1:]), group or -number, related))
            return
        kind = part.get_content_type()
        for child in payload:
            assert isinstance(child, Message)
            walk(child, group or (number if kind == "multipart/alternative" else 0), related or kind == "multipart/related")

    walk(message_from_bytes(skeleton), 0, False)
    return found
