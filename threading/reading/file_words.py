"""The words in the files of a mail: their text, and the names of files in archives.

Before a file goes to a customer, these words are compared with words that are for staff alone. So it is better to read too much than too
little: text of every type, HTML with its links, RTF, calendars and contacts, mails in mails, ZIP (which office documents are), tar and gzip.
Of any other file the runs of printable characters are read. Pictures give nothing, and neither do files that are compressed or encrypted
in another way.

This runs in the reader process, because files are hostile input. One `Budget` bounds all files of a mail, however deep they are nested.
"""

import html
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.head import read_head
from helpdesk.threading.reading.mime import Leaf, structure
from helpdesk.threading.reading.outline import outline_of
from helpdesk.threading.reading.rtf import plain_text
from helpdesk.threading.reading.tags import without_tags

CHARACTERS = 400_000  # of all files of a mail
UNPACKED_OCTETS = 4 * 1024 * 1024  # of all archives of a mail
SCANNED_OCTETS = 4 * 1024 * 1024  # of all files of unknown types of a mail
MEMBERS = 1_000  # of all archives and nested mails of a mail
DEPTH = 4  # of archives and mails in one another
LONGEST_NAME = 1_000
LONGEST_FILE = 1024 * 1024  # octets of one file that are looked at

ZIP_ENTRY = struct.Struct("<4s6H3L5H2L")  # a file header of the central directory (APPNOTE.TXT 4.3.12)
LOCAL_HEADER = 30
TAR_BLOCK = 512
MAIL_FIELDS = re.compile(rb"(?:received|return-path|from|to|subject|date|message-id|mime-version|delivered-to):", re.IGNORECASE)
MARKUP = re.compile(rb"<(?:!doctype|html|\?xml|body|div|p|table|span)\b", re.IGNORECASE)
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
OCTAL = re.compile(rb"[0-7]{1,11}")
RUN = b"x" * 12  # letters that make words; fewer of them stand side by side in any file by chance
LETTERS = bytes(range(0x20, 0x7F)) + b"\t\r\n"
MARKED_LETTERS = bytes(RUN[0] if octet in LETTERS else 0 for octet in range(256))
CONTROLS = bytes(octet for octet in range(32) if octet not in b"\t\n\r\f\x1b")
WIDE = re.compile(rb"\x00[\x20-\x7e\t\r\n](?:\x00[\x20-\x7e\t\r\n]){4,}")  # UTF-16; the first letter stands before it
PICTURES = ("image/", "audio/", "video/", "font/")


@dataclass(slots=True)
class Budget:
    """How much may still be read of the files of one mail."""

    characters: int = CHARACTERS
    octets: int = UNPACKED_OCTETS
    members: int = MEMBERS
    scanned: int = SCANNED_OCTETS

    @property
    def is_spent(self) -> bool:
        return self.characters <= 0 or self.members <= 0

    def take(self, text: str) -> str:
        """The text, as far as the budget goes; the budget is charged for it."""
        text = text[: max(self.characters, 0)]
        self.characters -= len(text)
        return text


def words_of_file(leaf: Leaf, budget: Budget) -> str:
    """The words of one attached part; "" for a picture. Never raises, and takes no more than the budget has."""
    return "\n".join(budget.take(piece) for piece in _pieces(leaf, budget, 0) if piece and budget.characters > 0)


def _pieces(leaf: Leaf, budget: Budget, depth: int) -> Iterator[str]:
    if budget.is_spent or depth > DEPTH or leaf.content_type.startswith(PICTURES):
        return
    budget.members -= 1
    content, name = leaf.content, leaf.filename.lower()
    try:
        if _is_mail(leaf, name):
            yield from _mail(content, budget, depth)
        elif content[:5] == b"From " and MAIL_FIELDS.search(content[:4096]):
            yield from _folder(content, budget, depth)
        elif content[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
            yield from _zip(content, budget, depth)
        elif content[:2] == b"\x1f\x8b":
            inner = _inflate(content, budget, zlib.MAX_WBITS | 16)
            yield from _pieces(_leaf(name.removesuffix(".gz"), inner), budget, depth + 1)
        elif content[257:262] == b"ustar":
            yield from _tar(content, budget, depth)
        else:
            yield from _text(leaf, content[:LONGEST_FILE], budget)
    except Exception:  # of a file that breaks its reader, the letters are read
        yield _printable(content, budget)


def _leaf(name: str, content: bytes) -> Leaf:
    return Leaf("application/octet-stream", {}, "attachment", name, None, content, 0, related=False)


def _is_mail(leaf: Leaf, name: str) -> bool:
    if leaf.content_type in ("message/rfc822", "message/global", "text/rfc822"):
        return True
    head = leaf.content[:4096]
    if name.endswith((".eml", ".mht", ".mhtml")):
        return MAIL_FIELDS.search(head) is not None
    return MAIL_FIELDS.match(head) is not None and b"\nmime-version:" in head.lower()


# --- text


def _text(leaf: Leaf, content: bytes, budget: Budget) -> Iterator[str]:
    if content.startswith(b"{\\rtf"):
        yield plain_text(content)
        return
    if not _is_text(leaf, content):
        yield _printable(content, budget)
        return
    text = decode(content, leaf.declared.get("charset", ""))[0].replace("\r\n", "\n").replace("\r", "\n")
    yield text
    if MARKUP.search(content[:4096]) or leaf.content_type == "text/html":
        yield without_tags(text)
    elif "&" in text:
        yield html.unescape(text[:CHARACTERS])
    if "\n " in text or "\\n" in text or "\\u" in text:  # folded lines (RFC 5545 §3.1, RFC 6350 §3.2) and escaped ones
        yield _unfold(text)


def _unfold(text: str) -> str:
    text = text.replace("\n ", "").replace("\\n", "\n").replace("\\N", "\n").replace("\\t", "\t")
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\\,", ",").replace("\\;", ";").replace('\\"', '"')


def _is_text(leaf: Leaf, content: bytes) -> bool:
    """Whether a file is text, judged by its octets: names and declared types are often wrong."""
    sample = content[:8192]
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    if b"\0" in sample:
        return False
    control = len(sample) - len(sample.translate(None, CONTROLS))
    return leaf.content_type.startswith("text/") or control * 50 <= len(sample)


def _printable(content: bytes, budget: Budget) -> str:
    """The runs of letters, in ASCII or UTF-16, in a file of an unknown type such as an old office document."""
    looked_at = content[: min(LONGEST_FILE, budget.scanned)]
    budget.scanned -= len(looked_at)
    narrow = _runs_of_letters(looked_at)
    wide = (looked_at[max(run.start() - 1, 0) : run.end()].replace(b"\0", b"") for run in WIDE.finditer(looked_at))
    return "\n".join(run.decode("ascii", "ignore") for run in (*narrow, *wide))


def _runs_of_letters(octets: bytes) -> Iterator[bytes]:
    """The runs of at least twelve letters. A search for a fixed string skips most of the octets; an expression looks at each of them."""
    marked = octets.translate(MARKED_LETTERS)
    at = marked.find(RUN)
    while at >= 0:
        end = marked.find(b"\0", at)
        end = len(marked) if end < 0 else end
        yield octets[at:end]
        at = marked.find(RUN, end)


# --- mails


def _mail(content: bytes, budget: Budget, depth: int) -> Iterator[str]:
    header = split_header(content)
    head = read_head(header)
    names = (mailbox.name for mailbox in (*head.authors, *head.to, *head.cc))
    yield "\n".join((head.subject, *names))
    yield content[: min(header.body_at, LONGEST_FILE)].decode("utf-8", "replace")
    outline = outline_of(header, content)
    if outline.breach:
        yield _printable(content[header.body_at :], budget)
        return
    for leaf in structure(outline).leaves:
        if budget.is_spent:
            return
        yield leaf.filename[:LONGEST_NAME]
        yield from _pieces(leaf, budget, depth + 1)


def _folder(content: bytes, budget: Budget, depth: int) -> Iterator[str]:
    """The words of an mbox file, in which a line that begins with "From " stands above each mail."""
    for mail in content.split(b"\nFrom ", max(budget.members, 0)):
        budget.members -= 1
        if budget.is_spent:
            return
        yield from _mail(mail if mail.startswith(b"From ") else b"From " + mail, budget, depth)


# --- archives


def _zip(content: bytes, budget: Budget, depth: int) -> Iterator[str]:
    """Names and words of the members, by the central directory (APPNOTE.TXT 4.3). One linear walk; nothing is written to the disk."""
    at = content.rfind(b"PK\x05\x06")
    at = struct.unpack_from("<L", content, at + 16)[0] if 0 <= at <= len(content) - 20 else content.find(b"PK\x01\x02")
    while 0 <= at <= len(content) - ZIP_ENTRY.size and not budget.is_spent:
        entry = ZIP_ENTRY.unpack_from(content, at)
        mark, flags, method, packed, local = entry[0], entry[3], entry[4], entry[8], entry[16]
        name_size, extra_size, comment_size = entry[10:13]
        if mark != b"PK\x01\x02":
            return
        at += ZIP_ENTRY.size
        raw = content[at : at + min(name_size, LONGEST_NAME)]
        name = decode(raw, "utf-8" if flags & 0x800 else "")[0]
        comment_at = at + name_size + extra_size
        yield name
        yield decode(content[comment_at : comment_at + min(comment_size, LONGEST_NAME)], "")[0]
        at = comment_at + comment_size
        if not flags & 1 and not name.endswith("/"):
            yield from _pieces(_leaf(name, _member(content, local, packed, method, budget)), budget, depth + 1)
        else:
            budget.members -= 1


def _member(content: bytes, local: int, packed: int, method: int, budget: Budget) -> bytes:
    if content[local : local + 4] != b"PK\x03\x04" or method not in (0, 8):
        return b""
    name_size, extra_size = struct.unpack_from("<2H", content, local + 26)
    start = local + LOCAL_HEADER + name_size + extra_size
    octets = content[start : start + min(packed, LONGEST_FILE)]
    return _take_octets(octets, budget) if method == 0 else _inflate(octets, budget, -zlib.MAX_WBITS)


def _tar(content: bytes, budget: Budget, depth: int) -> Iterator[str]:
    """Names and words of the members of a POSIX ustar archive. Long names of GNU and pax are members of their own."""
    at = 0
    while at + TAR_BLOCK <= len(content) and not budget.is_spent:
        block = content[at : at + TAR_BLOCK]
        size_field = block[124:136].strip(b" \0")
        if not block.strip(b"\0") or not OCTAL.fullmatch(size_field):
            return
        size = int(size_field, 8)
        name = b"/".join(part for part in (block[345:500].rstrip(b"\0"), block[:100].rstrip(b"\0")) if part)
        yield decode(name, "")[0]
        yield decode(block[157:257].rstrip(b"\0"), "")[0]  # the target of a link
        octets = _take_octets(content[at + TAR_BLOCK : at + TAR_BLOCK + size], budget)
        yield from _pieces(_leaf(decode(name, "")[0], octets), budget, depth + 1)
        at += TAR_BLOCK + -(-size // TAR_BLOCK) * TAR_BLOCK


def _take_octets(octets: bytes, budget: Budget) -> bytes:
    octets = octets[: max(budget.octets, 0)]
    budget.octets -= len(octets)
    return octets


def _inflate(octets: bytes, budget: Budget, window: int) -> bytes:
    """The decompressed octets, as far as the budget goes: a zip bomb is never unpacked further."""
    if budget.octets <= 0:
        return b""
    return _take_octets(zlib.decompressobj(window).decompress(octets, min(budget.octets, LONGEST_FILE)), budget)
