"""Finds and masks people in texts and octets: by their addresses, in the forms in which these stand in mail, and by their names.

An address counts only where it is not a part of another one. Octets are read as they are, as quoted-printable, as base64 and as encoded words
of a header (RFC 2047). A name of one word alone is not looked for: it is many people's.
"""

import binascii
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

ERASED_NAME = "[erased]"
WITHIN_ADDRESS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._+-")
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
LOWER = {number: number + 32 for number in range(ord("A"), ord("Z") + 1)}
SHORTEST_RUN = 8  # octets of a line that may be base64
IN_EVERY_NEEDLE = ("@", "%40", "=", " ")  # in the forms of an address, and in a name
KEPT = 8  # people, or groups of them, whose needles stay in memory
CHARSETS = ("utf-8", "latin-1", "utf-16-le")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is erased: canonical addresses with what stands in the place of each, and names of two words or more."""

    addresses: tuple[str, ...]
    pseudonyms: tuple[str, ...]
    names: tuple[str, ...] = ()

    def pseudonym(self, address: str) -> str:
        return self.pseudonyms[self.addresses.index(address)]

    def needles(self) -> Iterator[tuple[str, str]]:
        """What to look for, in lower case, with what replaces it. Addresses come first: a name may be a part of one."""
        for address, pseudonym in zip(self.addresses, self.pseudonyms, strict=True):
            local_part, _, domain = address.rpartition("@")
            yield from (
                (address, pseudonym),
                (f"{local_part}%40{domain}", pseudonym.replace("@", "%40")),
                (f"{local_part}={domain}", pseudonym.replace("@", "=")),
            )
        yield from ((name.translate(LOWER), ERASED_NAME) for name in self.names if " " in name)


@lru_cache(maxsize=KEPT)
def _needles_of(person: Person) -> tuple[tuple[str, str], ...]:
    return tuple(person.needles())


@lru_cache(maxsize=KEPT)
def _octets_of(person: Person) -> tuple[bytes, ...]:
    """What to look for in octets: each needle in each charset that writes it in a way of its own."""
    return tuple(dict.fromkeys(octets for needle, _ in _needles_of(person) for octets in _in_charsets(needle)))


def _in_charsets(needle: str) -> Iterator[bytes]:
    for charset in CHARSETS:
        with suppress(UnicodeEncodeError):
            yield needle.encode(charset)


def mask(text: str, people: Sequence[Person]) -> str:
    """Return the text with every mention of these people replaced."""
    if not any(sign in text for sign in IN_EVERY_NEEDLE):
        return text
    for person in people:
        folded = text.translate(LOWER)
        for needle, instead in _needles_of(person):
            if needle not in folded:
                continue
            for place in reversed(list(_places(folded, needle))):
                text = text[:place] + instead + text[place + len(needle) :]
            folded = text.translate(LOWER)
    return text


def mask_tree(value: Any, people: Sequence[Person]) -> Any:
    """Return a JSON value in which every text is masked, keys included."""
    if isinstance(value, str):
        return mask(value, people)
    if isinstance(value, dict):
        return {mask(str(key), people): mask_tree(entry, people) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [mask_tree(entry, people) for entry in value]
    return value


def mentions(content: bytes, people: Sequence[Person]) -> bool:
    """Whether these octets name one of these people, in one of the encodings of mail."""
    wanted = [octets for person in people for octets in _octets_of(person)]
    return any(_names_any(view, wanted) for view in _views(content))


def _names_any(view: bytes, wanted: Sequence[bytes]) -> bool:
    folded = view.lower()
    is_wide = b"\0" in folded
    found = [octets for octets in wanted if (is_wide or b"\0" not in octets) and octets in folded]
    # Of UTF-16 it is not asked what stands beside it.
    return any(b"\0" in octets or any(_places(folded.decode("latin-1"), octets.decode("latin-1"))) for octets in found)


def _places(folded: str, needle: str) -> Iterator[int]:
    """Where a needle stands by itself in a text in lower case."""
    place = folded.find(needle)
    while place >= 0:
        end = place + len(needle)
        if _is_whole(folded, place, end, is_address=" " not in needle):
            yield place
        place = folded.find(needle, end)


def _is_whole(folded: str, begin: int, end: int, *, is_address: bool) -> bool:
    before, after, behind = folded[begin - 1 : begin], folded[end : end + 1], folded[end + 1 : end + 2]
    if not is_address:
        return not before.isalnum() and not after.isalnum()
    goes_on = after in WITHIN_ADDRESS and after != "" and (after != "." or (behind != "" and behind in WITHIN_ADDRESS))
    return not (before and before in WITHIN_ADDRESS) and not goes_on


def _views(content: bytes) -> Iterator[bytes]:
    yield content
    if b"=" in content:
        yield binascii.a2b_qp(content)
        yield from _encoded_words(content)
    for run in _base64_runs(content):
        yield run
        yield from _base64_runs(run)  # a mail within a mail


def _base64_runs(content: bytes) -> Iterator[bytes]:
    """Decode each run of lines that may be base64."""
    run: list[bytes] = []
    for line in (*content.split(b"\n"), b""):
        bare = line.strip()
        if len(bare) >= (1 if run else SHORTEST_RUN) and not bare.translate(None, BASE64):
            run.append(bare)
        elif run:
            joined = b"".join(run).rstrip(b"=")
            run = []
            whole = joined[: len(joined) - 1] if len(joined) % 4 == 1 else joined
            yield binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _encoded_words(content: bytes) -> Iterator[bytes]:
    """Decode the encoded words of a header, neighbours joined, since a name may be split among them."""
    found = b""
    for piece in content.split(b"=?")[1:]:
        parts = piece.split(b"?", 3)
        if len(parts) < 3:
            continue
        kind, word = parts[1].lower(), parts[2]
        if kind == b"q":
            found += binascii.a2b_qp(word, header=True)
        elif kind == b"b" and not word.translate(None, BASE64):
            bare = word.rstrip(b"=")
            found += binascii.a2b_base64(bare[: len(bare) - (len(bare) % 4 == 1)] + b"=" * (-len(bare) % 4))
    yield found
