"""Header fields of a letter: the one place that turns words and addresses into field values.

The standard library's own folding writes a long Message-ID as an encoded word, so that clients lose the thread, and may lose the quotes
around a display name. So every field value is made here, in ASCII words (RFC 2047 where needed), and folded at white space only.
"""

import base64
import re

from helpdesk.templates.words import one_line

LINE = 76  # with an encoded word in it (RFC 2047 §2); 78 would do without (RFC 5322 §2.1.1)
ENCODED_BYTES = 36  # 48 characters in base64: with the longest of these field names one line
LONGEST_WORD = 66
LONGEST_SUBJECT = 1000
LONGEST_ID = 900  # a line has at most 998 characters
KEPT_REFERENCES = 20
MESSAGE_ID = re.compile(r"[!-;=?-~]+")  # printable ASCII without white space and angle brackets


def folded(field: str, value: str) -> str:
    """One field as it is written: folded between words, never encoded (RFC 5322 §2.2.3)."""
    lines, line = [], f"{field}:"
    for word in value.split():
        if len(line) + 1 + len(word) > LINE and line != f"{field}:":
            lines.append(line)
            line = ""
        line += " " + word
    return "\r\n".join([*lines, line]) + "\r\n"


def text_words(text: str) -> str:
    """Unstructured text as ASCII words; as it is where it is short ASCII, otherwise encoded words."""
    line = one_line(text, LONGEST_SUBJECT)
    plain = line.isascii() and "=?" not in line and all(len(word) <= LONGEST_WORD for word in line.split())
    return line if plain else encoded_words(line)


def encoded_words(text: str) -> str:
    """RFC 2047 §4.1 "B" words, each with whole characters."""
    chunks, chunk = [], b""
    for letter in text:
        octets = letter.encode()
        if len(chunk) + len(octets) > ENCODED_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += octets
    return " ".join(f"=?utf-8?b?{base64.b64encode(one).decode()}?=" for one in [*chunks, chunk])


def mailbox_words(name: str, address: str) -> str:
    """A mailbox (RFC 5322 §3.4): quoted display name where it is short ASCII, else encoded words; no name, no quotes."""
    display = one_line(name, 100)
    if not display:
        return f"<{address}>"
    quoted = '"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"'
    # a quoted name always fits on the first line, so it is never folded inside its quotes
    fits = display.isascii() and len(quoted) <= LONGEST_WORD and "=?" not in display
    return f"{quoted if fits else encoded_words(display)} <{address}>"


def id_words(ids: tuple[str, ...]) -> str:
    """Message-IDs in angle brackets; what could not stand in a field is left out."""
    return " ".join(f"<{one}>" for one in ids if len(one) <= LONGEST_ID and MESSAGE_ID.fullmatch(one))


def kept_references(references: tuple[str, ...], in_reply_to: str | None) -> tuple[str, ...]:
    """First and last ones, each once, the parent at the end (RFC 5322 §3.6.4)."""
    known = dict.fromkeys(one for one in references if one != in_reply_to)
    ids = (*known, in_reply_to) if in_reply_to else tuple(known)
    return ids if len(ids) <= KEPT_REFERENCES + 1 else (ids[0], *ids[-KEPT_REFERENCES:])
