"""Header values with parameters (RFC 2045 §5.1), also continued and encoded ones (RFC 2231), by one walk."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.words import decode_words, text_of

MOST_PARAMETERS = 200
REMEMBERED = 512  # values; most parts of all mails have one of a few dozen
LONGEST_REMEMBERED = 100  # octets of one value
PIECE = re.compile(rb'(?:[^";]++|"[^"]*+")*+')  # of a value whose quoted strings are all closed, and hold no backslash


def parameters(value: bytes) -> tuple[str, Mapping[str, str]]:
    """The lower-case value before the first semicolon, and its parameters by lower-case name."""
    return _remembered(value) if len(value) <= LONGEST_REMEMBERED else _parameters(value)


def _parameters(value: bytes) -> tuple[str, Mapping[str, str]]:
    main, *rest = _split_at_semicolons(value)
    main, *loose = main.split(None, 1) or [b""]
    if loose and b"=" in loose[0]:  # the semicolon before the first parameter is missing
        rest.insert(0, loose[0])
    found: dict[str, bytes] = {}
    for piece in rest[:MOST_PARAMETERS]:
        name, equals, given = piece.partition(b"=")
        if equals:
            found.setdefault(name.strip().lower().decode("ascii", "replace"), _without_quotes(given.strip()))
    return main.strip().lower().decode("ascii", "replace"), _assemble(found)


_remembered = lru_cache(REMEMBERED)(_parameters)


def _split_at_semicolons(value: bytes) -> list[bytes]:
    """The pieces between semicolons outside quoted strings."""
    if b'"' not in value:
        return value.split(b";")
    if b"\\" not in value and value.count(b'"') % 2 == 0:
        return _closed_pieces(value)
    pieces: list[bytes] = []
    start, quoted, escaped = 0, False, False
    for at, octet in enumerate(value):
        if escaped:
            escaped = False
        elif octet == 0x5C:
            escaped = quoted
        elif octet == 0x22:
            quoted = not quoted
        elif octet == 0x3B and not quoted:
            pieces.append(value[start:at])
            start = at + 1
    return [*pieces, value[start:]]


def _closed_pieces(value: bytes) -> list[bytes]:
    pieces: list[bytes] = []
    at = 0
    while at <= len(value):
        piece = PIECE.match(value, at)
        end = piece.end() if piece else len(value)
        pieces.append(value[at:end])
        at = end + 1
    return pieces


def _without_quotes(value: bytes) -> bytes:
    if value[:1] != b'"':
        return value.partition(b"\n")[0].strip()
    inner = value[1:-1] if len(value) > 1 and value.endswith(b'"') else value[1:].partition(b'"')[0]
    return inner.replace(b'\\"', b'"').replace(b"\\\\", b"\\")


def _assemble(found: dict[str, bytes]) -> dict[str, str]:
    plain = {name: decode_words(text_of(value)) for name, value in found.items() if "*" not in name}
    sections: dict[str, list[tuple[int, bool, bytes]]] = {}
    for name, value in found.items():
        base, star, section = name.partition("*")
        if star:
            number = section.rstrip("*")
            order = int(number) if number.isdecimal() and number.isascii() and len(number) < 6 else 0
            sections.setdefault(base, []).append((order, section.endswith("*") or not section, value))
    return plain | {base: _join_sections(sorted(pieces)) for base, pieces in sections.items()}


def _join_sections(pieces: list[tuple[int, bool, bytes]]) -> str:
    charset = ""
    first_encoded = pieces[0][1]
    octets: list[bytes] = []
    for position, (_, encoded, value) in enumerate(pieces):
        if position == 0 and first_encoded and value.count(b"'") >= 2:
            label, _, value = value.split(b"'", 2)
            charset = label.decode("ascii", "replace")
        octets.append(unquote_to_bytes(value) if encoded else value)
    return decode_words(decode(b"".join(octets), charset)[0])
