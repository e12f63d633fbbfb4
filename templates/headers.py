"""The header fields of a letter: the one place that turns text and addresses into field values.

The standard library folds a long Message-ID into an encoded word, which breaks threading in clients, and may drop the quotes
around a display name. Therefore every field value is made here, in ASCII (with encoded words of RFC 2047 and parameters of
RFC 2231 where needed), and folded at white space only.
"""

import base64
import re
from urllib.parse import quote

from helpdesk.templates.words import one_line

LINE = 76  # characters of a line with an encoded word (RFC 2047 §2); without one 78 are allowed (RFC 5322 §2.1.1)
ENCODED_BYTES = 36  # 48 characters in base64, which fit on one line with the longest field name
LONGEST_LINE = 78
LONGEST_WORD = 66
LONGEST_SUBJECT = 1000
LONGEST_ID = 900  # characters; a line may have at most 998
MOST_REFERENCES = 20
MESSAGE_ID = re.compile(r"[!-;=?-~]+")  # printable ASCII without white space and angle brackets


def fold(field: str, value: str) -> str:
    """One field as it is written: folded between words, never encoded (RFC 5322 §2.2.3)."""
    words = value.split()
    if words and len(value) <= LINE - 2 - len(field):
        return f"{field}: {' '.join(words)}\r\n"
    lines, line = [], f"{field}:"
    for word in words:
        if len(line) + 1 + len(word) > LINE and line != f"{field}:":
            lines.append(line)
            line = ""
        line += " " + word
    return "\r\n".join([*lines, line]) + "\r\n"


def text_words(text: str) -> str:
    """Unstructured text for a header field: unchanged if it is short ASCII, else in encoded words."""
    line = one_line(text, LONGEST_SUBJECT)
    plain = line.isascii() and "=?" not in line and all(len(word) <= LONGEST_WORD for word in line.split())
    return line if plain else encoded_words(line)


def encoded_words(text: str) -> str:
    """The text in "B" encoded words (RFC 2047 §4.1), each with whole characters."""
    chunks, chunk = [], b""
    for letter in text:
        octets = letter.encode()
        if len(chunk) + len(octets) > ENCODED_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += octets
    return " ".join(f"=?utf-8?b?{base64.b64encode(octets).decode()}?=" for octets in [*chunks, chunk])


def mailbox_words(name: str, address: str) -> str:
    """A mailbox (RFC 5322 §3.4). The display name is quoted if it is short ASCII, else in encoded words."""
    display = one_line(name, 100)
    if not display:
        return f"<{address}>"
    quoted = '"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"'
    # A quoted name always fits on the first line, so that it is never folded inside its quotes.
    fits = display.isascii() and len(quoted) <= LONGEST_WORD and "=?" not in display
    return f"{quoted if fits else encoded_words(display)} <{address}>"


def named_disposition(disposition: str, filename: str) -> str:
    """The field Content-Disposition with a file's name (RFC 2183), which has no quotes or backslashes: in quotes if it is
    ASCII, else as RFC 2231 §4 says; in several sections (§3) where it is too long for a line.
    """
    start = f"Content-Disposition: {disposition};"
    word = f'filename="{filename}"' if filename.isascii() else f"filename*=utf-8''{quote(filename, safe='')}"
    room = LONGEST_LINE if filename.isascii() else LONGEST_LINE - 1  # as the standard library folds the two forms
    if len(start) + 1 + len(word) <= room:
        return f"{start} {word}\r\n"
    lines = [word] if len(word) + 2 <= LONGEST_LINE else _sections(filename)
    return "\r\n ".join([start, *lines]) + "\r\n"


def _sections(filename: str) -> list[str]:
    """A name as sections of whole characters, each fit for a line of its own, which begins with a space."""
    sections: list[str] = []
    charset, rest = "us-ascii''" if filename.isascii() else "utf-8''", filename
    while rest:
        start = f"filename*{len(sections)}*={charset}"
        taken, written = _fitting(rest, LONGEST_LINE - len(start) - 2)
        rest, charset = rest[taken:], ""
        sections.append(f"{start}{written}{';' if rest else ''}")
    return sections


def _fitting(text: str, room: int) -> tuple[int, str]:
    """How many characters of a text fit when they are percent-encoded, and how they are written."""
    written, taken = "", 0
    for character in text:
        encoded = quote(character, safe="")
        if len(written) + len(encoded) > room:
            break
        written, taken = written + encoded, taken + 1
    return taken, written


def id_words(ids: tuple[str, ...]) -> str:
    """Message-IDs in angle brackets. Those that cannot stand in a field are left out."""
    return " ".join(f"<{message_id}>" for message_id in ids if len(message_id) <= LONGEST_ID and MESSAGE_ID.fullmatch(message_id))


def limited_references(references: tuple[str, ...], in_reply_to: str | None) -> tuple[str, ...]:
    """The first and the last Message-IDs of References, each once, with the parent at the end (RFC 5322 §3.6.4)."""
    known = dict.fromkeys(message_id for message_id in references if message_id != in_reply_to)
    ids = (*known, in_reply_to) if in_reply_to else tuple(known)
    return ids if len(ids) <= MOST_REFERENCES + 1 else (ids[0], *ids[-MOST_REFERENCES:])
