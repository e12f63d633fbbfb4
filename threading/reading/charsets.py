"""Octets to text: by the declared charset, then as UTF-8, then by a guess from enough evidence, then as windows-1252.

The only module that imports the charset detector. Text from here has no NUL and no lone surrogate.
"""

import codecs
import re

import cchardet

ENOUGH_EVIDENCE = 40  # octets outside ASCII; with fewer of them a guess is worse than windows-1252
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


def decode(octets: bytes, declared: str = "") -> tuple[str, str]:
    """The text, and a defect in one clause ("" without one). `declared` is a charset label, which may be wrong. Never raises."""
    codec = _codec(declared)
    escaped = b"\x1b$" in octets or b"\x1b(" in octets
    ladder = [codec, "iso2022_jp_ext"] if escaped and codec in ("", "utf-8") else [codec]
    if escaped and codec in ("", "utf-8"):
        ladder.reverse()
    for step in (*ladder, "utf-8"):
        text = _decode_strictly(octets, step) if step else None
        if text is not None:
            return clean(text), "" if codec or not declared else f"unknown charset {clean(declared)[:40]}"
    return _salvage(octets, codec, declared)


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


def _salvage(octets: bytes, codec: str, declared: str) -> tuple[str, str]:
    defect = f"text is not in its declared charset {clean(declared)[:40]}" if declared else "text has no declared charset"
    for step in (codec, "utf-8", _guess(octets)):
        text = _decode_leniently(octets, step)
        if text is not None:
            return clean(text), defect
    return clean(octets.decode(FALLBACK, "replace")), defect


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
    sample = octets[:SAMPLE]
    if sum(octet > 127 for octet in sample) < ENOUGH_EVIDENCE:
        return ""
    return _codec(str(cchardet.detect(sample).get("encoding") or ""))
