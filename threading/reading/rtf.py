"""The plain text of Outlook's compressed RTF (MS-OXRTFCP). Encapsulated HTML (MS-OXRTFEX) loses its tags."""

import re
import struct

from helpdesk.threading.reading.charsets import decode

LARGEST = 256 * 1024  # octets after decompression: text, since pictures have parts of their own
MOST_REPLACEMENTS = 8  # characters of the oldest readers for one of Unicode
COMPRESSED, STORED = b"LZFu", b"MELA"
DICTIONARY = 4096
FIRST = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New Roman"
    rb"Courier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
TOKEN = re.compile(rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)")
# HTML inside RTF (MS-OXRTFEX §2.1.3.1): of a tag that begins or ends a line, the line break is kept.
LINE_TAG = re.compile(rb"</?(?:br|p|div|li|tr|h[1-6]|blockquote)\b", re.IGNORECASE)
BREAKS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": "\t", b"row": "\n", b"page": "\n"}
LETTERS = {b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—"}
UNREAD = {
    b"fonttbl",
    b"colortbl",
    b"stylesheet",
    b"info",
    b"pict",
    b"header",
    b"footer",
    b"htmltag",
    b"mhtmltag",
    b"object",
    b"generator",
}


def decompress(content: bytes) -> bytes:
    """The decompressed RTF, at most `LARGEST` octets of it; b"" for another format. Never raises."""
    if len(content) < 16:
        return b""
    size = min(struct.unpack_from("<I", content, 4)[0], LARGEST)
    kind = content[8:12]
    if kind == STORED:
        return content[16 : 16 + size]
    return _expand(content, size) if kind == COMPRESSED else b""


def _expand(content: bytes, size: int) -> bytes:
    ring = bytearray(FIRST.ljust(DICTIONARY, b" "))
    out = bytearray()
    write, at = len(FIRST), 16
    while at < len(content) and len(out) < size:
        flags, at = content[at], at + 1
        for bit in range(8):
            if at >= len(content):
                break
            if not flags >> bit & 1:
                run, at = content[at : at + 1], at + 1
                ring[write] = run[0]
                write = (write + 1) % DICTIONARY
                out += run
                continue
            reference = int.from_bytes(content[at : at + 2], "big")
            at += 2
            offset, length = reference >> 4, (reference & 15) + 2
            if offset == write:
                return bytes(out[:size])
            for step in range(length):
                octet = ring[(offset + step) % DICTIONARY]
                ring[write] = octet
                write = (write + 1) % DICTIONARY
                out.append(octet)
    return bytes(out[:size])


class _Text:
    """The text that one walk over the tokens gathers, and the state of the open groups."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.octets = bytearray()  # of the code page, not yet decoded
        self.code_page = "cp1252"
        self.depth = 0
        self.unread_from = 0  # the depth at which an unread group began
        self.hidden = False  # \\htmlrtf: RTF that stands for what the HTML says
        self.in_tag = False  # \\htmltag: a tag of the encapsulated HTML
        self.skip = 0  # replacement characters after \\u that are left to pass over
        self.replacements = [1]  # \\uc of each open group: how many replacement characters follow a \\u

    def flush(self) -> None:
        if self.octets:
            self.pieces.append(decode(bytes(self.octets), self.code_page)[0])
            self.octets.clear()

    def add(self, text: str) -> None:
        if not self.unread_from and not self.hidden:
            self.flush()
            self.pieces.append(text)


def plain_text(rtf: bytes) -> str:
    """The readable text of an RTF document, paragraphs as lines."""
    text = _Text()
    for word, number, code, symbol, brace, run in TOKEN.findall(rtf[:LARGEST].rstrip(b"\0")):
        if brace:
            _group(text, brace)
        elif word:
            _word(text, word, number)
        elif symbol == b"*" and not text.unread_from:
            text.unread_from = text.depth
        elif text.skip and code:
            text.skip -= 1
        elif code and not text.unread_from and not text.hidden:
            text.octets += bytes.fromhex(code.decode())
        elif symbol in (b"\\", b"{", b"}", b"~"):
            text.add(" " if symbol == b"~" else symbol.decode())
        elif run:
            text.add(run[text.skip :].decode("latin-1"))
            text.skip = max(text.skip - len(run), 0)
            if text.in_tag and LINE_TAG.match(run):
                text.flush()
                text.pieces.append("\n")
    text.flush()
    return "".join(text.pieces).strip()


def _group(text: _Text, brace: bytes) -> None:
    text.depth += 1 if brace == b"{" else -1
    if brace == b"{":
        text.replacements.append(text.replacements[-1])
    elif len(text.replacements) > 1:
        text.replacements.pop()
    text.skip = 0
    if text.depth < text.unread_from:
        text.unread_from, text.in_tag = 0, False


def _word(text: _Text, word: bytes, number: bytes) -> None:
    if word in UNREAD:
        text.unread_from = text.unread_from or text.depth
        text.in_tag = word == b"htmltag" and text.unread_from == text.depth
    elif word == b"ansicpg" and number:
        text.code_page = f"cp{int(number)}"
    elif word == b"htmlrtf":
        text.hidden = number != b"0"
    elif word == b"u" and number:
        text.add(chr(int(number) % 65536))
        text.skip = text.replacements[-1]
    elif word == b"uc" and number:
        text.replacements[-1] = min(max(int(number), 0), MOST_REPLACEMENTS)
    elif word in BREAKS or word in LETTERS:
        text.add(BREAKS.get(word) or LETTERS[word])
