"""Octets to text: by the declared charset, as UTF-8, by the charsets that the page or other parts of the mail name, by a guess from enough
evidence, then as windows-1252.

The only module that imports the charset detector. Text from here has no NUL and no lone surrogate.
"""

import codecs
import re
from collections.abc import Sequence

import cchardet

ENOUGH_EVIDENCE = 40  # octets outside ASCII; with fewer of them a guess is worse than windows-1252
FEW_BUT_DENSE = 4  # so few are enough where hardly any letter of a text is ASCII: that text is in no Western language
DENSE = 0.6  # share of octets outside ASCII among letters, from which on a text is dense
PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
KANA, HANGUL = (0xA4, 0xA5), range(0xB0, 0xC9)  # first octets in EUC
BY_LETTERS = ("cp1251", "koi8-r", "cp1253", "iso8859-7", "cp1255", "iso8859-8", "cp1256", "iso8859-6", "iso8859-5")
BY_SYLLABLES = ("cp932", "cp949", "cp950", "gb18030", "big5")
JAPANESE = ("iso2022_jp_ext", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3")
ESCAPED = re.compile(rb"(\x1b(?:\$[@B]|\([BJI]))")
PAGE_HEAD = 2048  # octets of a page in which its charset stands
META = re.compile(rb"<meta\b[^>]{0,200}?\bcharset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
SAMPLE = 64 * 1024
FALLBACK = "cp1252"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
CONTROLS = {code: " " if chr(code).isspace() else None for code in (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0))}
REPLACEMENT = "\ufffd"

# Labels of charsets, and the codecs for what mailers really write under them.
ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb2312-80": "gb18030",
    "cp936": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "big5": "cp950",
    "iso-2022-jp": "iso2022_jp_ext",
    "cp-850": "cp850",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "unknown-8bit": "",
    "8bit": "",
    "binary": "",
    "x-unknown": "",
    "default": "",
    "none": "",
}
# Codecs of Python that are no charsets of mail. Some of them are slow on hostile input.
REFUSED = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "palmos"}


def decode(octets: bytes, declared: str = "", hints: Sequence[str] = ()) -> tuple[str, str]:
    """The text, and a defect in one clause ("" without one). `declared` is a charset label, which may be wrong. Never raises.

    `hints` are labels of the page itself and of other parts of the mail, best first. They are asked where the declared charset is missing or
    does not fit, and where a page says UTF-8 under a Western label and is valid UTF-8.
    """
    codec = _codec(declared)
    if codec == FALLBACK and not octets.isascii() and any(_codec(hint) == "utf-8" for hint in hints):
        codec = "utf-8" if _decode_strictly(octets, "utf-8") is not None else codec
    if (b"\x1b$" in octets or b"\x1b(" in octets) and (codec in ("", "utf-8") or codec in JAPANESE):
        text = _from_escapes(octets)
        if text is not None:
            return clean(text), "" if codec or not declared else f"unknown charset {clean(declared)[:40]}"
    for step in (codec, "utf-8"):
        text = _decode_strictly(octets, step) if step else None
        if text is not None:
            return clean(text), "" if codec or not declared else f"unknown charset {clean(declared)[:40]}"
    return _salvage(octets, codec, declared, hints)


def charset_of_page(octets: bytes) -> str:
    """The charset label in a `<meta>` at the beginning of an HTML page; "" without one."""
    found = META.search(octets[:PAGE_HEAD])
    return found[1].decode("ascii") if found else ""


def clean(text: str) -> str:
    """The text without NUL, byte-order mark and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    text = text.removeprefix("\ufeff")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def without_controls(text: str) -> str:
    """Clean text whose only control characters (C0, DEL, C1) are line feeds and tabs.

    Control characters that count as white space become a space, so that words stay apart; the others are removed. The caller has turned
    line ends into line feeds before.
    """
    if text.isascii() and text.isprintable():
        return text  # most lines; nothing that is looked for below can stand in them
    text = clean(text)
    return text.translate(CONTROLS) if CONTROL.search(text) else text


def _codec(declared: str) -> str:
    label = declared.strip().strip("\"'").lower()
    name = ALIASES.get(label, label)
    if name.replace("_", "-") in REFUSED:
        return ""
    try:
        return codecs.lookup(name).name if name else ""
    except (LookupError, ValueError, UnicodeError):
        return ""


def _decode_strictly(octets: bytes, codec: str) -> str | None:
    try:
        return octets.decode(codec)
    except (LookupError, UnicodeError, ValueError):
        return None


def _salvage(octets: bytes, codec: str, declared: str, hints: Sequence[str]) -> tuple[str, str]:
    defect = f"text is not in its declared charset {clean(declared)[:40]}" if declared else "text has no declared charset"
    for step in (codec, "utf-8"):
        text = _decode_leniently(octets, step)
        if text is not None:
            return clean(text), defect
    for hint in hints:
        text = _decode_strictly(octets, _codec(hint)) if _codec(hint) else None
        if text is not None:
            return clean(text), defect
    text = _decode_leniently(octets, _guess(octets))
    return clean(text if text is not None else octets.decode(FALLBACK, "replace")), defect


def _decode_leniently(octets: bytes, codec: str) -> str | None:
    """The text with replacement characters, if hardly any are needed; else None."""
    if not codec or codec in ("ascii", FALLBACK):
        return None
    try:
        text = octets.decode(codec, "replace")
    except (LookupError, UnicodeError, ValueError):
        return None
    wide = sum(octet > 127 for octet in octets[:SAMPLE])
    bad = text[:SAMPLE].count(REPLACEMENT)
    return text if bad * 10 <= wide else None


def _guess(octets: bytes) -> str:
    """The codec that the octets look like; "" where they say too little."""
    sample = octets[:SAMPLE]
    wide = sum(octet > 127 for octet in sample)
    if wide >= ENOUGH_EVIDENCE:
        return _codec(str(cchardet.detect(sample).get("encoding") or ""))
    letters = wide + sum(chr(octet).isalpha() for octet in sample if octet < 128)
    return _guess_few(sample) if wide >= FEW_BUT_DENSE and wide >= letters * DENSE else ""


def _guess_few(octets: bytes) -> str:
    """The codec of a dense text of few words. Pairs of high octets alone are Japanese with Kana, Korean with blanks between words, else Chinese.

    The detector takes such pairs for Big5, whose second octet is in ASCII half of the time.
    """
    found = _codec(str(cchardet.detect(octets).get("encoding") or ""))
    if found in BY_LETTERS:
        return found
    rows = [pair[0] for pair in PAIR.findall(octets)]
    if len(rows) * 2 == sum(octet > 127 for octet in octets):
        if any(row in KANA for row in rows):
            return "euc_jp"
        korean = b" " in octets.strip() and all(row in HANGUL or row < 0xA4 for row in rows)
        return "cp949" if korean else "gb18030"
    return found if found in BY_SYLLABLES else ""


def _from_escapes(octets: bytes) -> str | None:
    """Text in ISO-2022-JP (RFC 1468). Mail programs also write characters that only Shift_JIS of Windows has, such as a circled digit."""
    text = _decode_strictly(octets, "iso2022_jp_ext")
    return text if text is not None else _decode_strictly(_as_shift_jis(octets), "cp932")


def _as_shift_jis(octets: bytes) -> bytes:
    """The octets with each segment of two-octet characters, and of half-width Katakana, in Shift_JIS."""
    found: list[bytes] = []
    set_ = b"(B"
    for piece in ESCAPED.split(octets):
        if piece[:1] == b"\x1b":
            set_ = piece[1:]
        elif set_ in (b"$B", b"$@"):
            found.append(b"".join(_shift(piece[at : at + 2]) for at in range(0, len(piece), 2)))
        elif set_ == b"(I":
            found.append(bytes(octet | 0x80 if octet > 0x20 else octet for octet in piece))
        else:
            found.append(piece)
    return b"".join(found)


def _shift(pair: bytes) -> bytes:
    """One character of JIS X 0208 in Shift_JIS; anything else stays as it is."""
    if len(pair) < 2 or not (0x21 <= pair[0] <= 0x7E and 0x21 <= pair[1] <= 0x7E):
        return pair
    row, cell = pair
    first = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    second = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    return bytes((first, second))
