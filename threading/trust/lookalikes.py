"""Addresses that a reader takes for somebody's whom the desk knows: letters that look alike (UTS 39 §4), and names that show an address."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

from helpdesk.config.domain_names import u_labels
from helpdesk.threading.trust.addresses import domain_of

SKELETONS = 10_000  # of known names, kept
OF_ASCII = str.maketrans("oi|", "0ll") | {ord("1"): "l"}
LEFT_TO_RIGHT = "\u200e"  # stands in the data around letters that are written from right to left
LONGEST_NAME = 1000  # characters of a display name that are looked at
ADDRESS = re.compile(r"[^\s<>\"'(),;:@]{1,64}@[^\s<>\"'(),;:@]{1,255}")


def looks_like(address: str, known: Iterable[str]) -> str:
    """Of the known addresses and domains the one that this address shows to a reader without being it; "" for none."""
    read = _readable(address)
    for one in known:
        shown = _readable(one)
        mine = read if "@" in shown else domain_of(read)
        if mine != shown and skeleton(mine) == skeleton(shown):
            return one
    return ""


def shows_another(name: str, address: str) -> str:
    """An address in the display name that is not the author's; "" for none."""
    found = ADDRESS.search(unicodedata.normalize("NFKC", name[:LONGEST_NAME])[:LONGEST_NAME])
    shown = found[0].strip(".").lower() if found else ""
    return "" if shown == address.lower() else shown


@lru_cache(maxsize=SKELETONS)
def skeleton(text: str) -> str:
    """What is the same for all texts that look alike, and is no text to show. Case and marks above letters do not count."""
    plain = "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if unicodedata.category(one) != "Mn")
    ascii_letters = "".join(_prototype(letter) for letter in plain)
    return ascii_letters.translate(OF_ASCII).replace("rn", "m").replace("vv", "w")


@lru_cache(maxsize=SKELETONS)
def _prototype(letter: str) -> str:
    """The ASCII letter that this one looks like; itself where there is none."""
    if letter.isascii():
        return letter
    listed = confusables_data.get(letter) or confusables_data.get(f"{LEFT_TO_RIGHT}{letter}{LEFT_TO_RIGHT}", [])
    alike = (one["c"].strip(LEFT_TO_RIGHT).casefold() for one in listed)
    return min((one for one in alike if one.isascii()), key=lambda one: (len(one), one), default=letter)


def _readable(address: str) -> str:
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{u_labels(domain)}"
