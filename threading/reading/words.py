"""Header values as text: encoded words (RFC 2047), raw 8-bit octets, control characters."""

import binascii
import re
import unicodedata

from helpdesk.threading.reading.charsets import decode

ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*)\?=")
BASE64_OCTETS = re.compile(rb"[^A-Za-z0-9+/]")
# Invisible characters (Unicode: Default_Ignorable_Code_Point). A person reads a word with them like the word without them.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
VALUE_OCTETS = 16 * 1024  # of one value that is shown


def readable(value: bytes, charset: str = "") -> str:
    """An unstructured value (RFC 5322 §2.2.1) as one line of text. `charset` is a label for raw octets, as that of the body."""
    return one_line(decode_words(text_of(value[:VALUE_OCTETS], charset)))


def text_of(value: bytes, charset: str = "") -> str:
    """The octets of a header value as characters, with encoded words still in it. Octets that are no UTF-8 are read by `charset`."""
    if value.isascii():
        return value.decode("ascii") if b"\x1b" not in value else decode(value)[0]  # raw ISO-2022-JP
    return decode(value, "", (charset,) if charset else ())[0]


def decode_words(text: str) -> str:
    """The text with its encoded words decoded. Neighbours of one charset are joined first, because a character may be cut in two."""
    if "=?" not in text:
        return text
    shown: list[str] = []
    pending, charset, end = b"", "", 0
    for word in ENCODED_WORD.finditer(text):
        between = text[end : word.start()]
        label = word[1].partition("*")[0].lower()
        if between.strip() or not end or label != charset:
            shown.append(_decode(pending, charset))
            shown.append(between if between.strip() or not end else "")
            pending = b""
        octets, label = _octets(word[2], word[3]), label if word[3].isascii() else "utf-8"
        pending, charset, end = pending + octets, label, word.end()
    return "".join((*shown, _decode(pending, charset), text[end:]))


def one_line(text: str) -> str:
    """The text with each run of white space as one space, without control characters."""
    spaced = " ".join(text.split())
    if spaced.isprintable():
        return spaced
    return " ".join("".join(letter for letter in spaced if unicodedata.category(letter) != "Cc").split())


def _decode(octets: bytes, charset: str) -> str:
    return decode(octets, charset)[0] if octets else ""


def _octets(encoding: str, payload: str) -> bytes:
    if encoding in "qQ":
        return _q_octets(payload)
    raw = BASE64_OCTETS.sub(b"", payload.encode("utf-8", "replace"))
    raw = raw[: len(raw) - 1] if len(raw) % 4 == 1 else raw
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return payload.encode("utf-8", "replace")


def _q_octets(payload: str) -> bytes:
    raw = payload.replace("_", " ").encode("utf-8", "replace")
    return binascii.a2b_qp(raw)
