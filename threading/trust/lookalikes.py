"""Addresses that people confuse with a known address: letters that look alike (UTS 39 §4), and display names that show an address.

The only module that imports confusable_homoglyphs.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

from helpdesk.config.domain_names import u_labels
from helpdesk.threading.trust.addresses import domain_of

SKELETONS = 10_000  # of known names, kept
OF_ASCII = str.maketrans("oi|", "0ll") | {ord("1"): "l"}
LEFT_TO_RIGHT = "\u200e"  # in the data it stands around letters that are written from right to left
LONGEST_NAME = 1000  # characters of a display name that are looked at
ADDRESS = re.compile(r"[^\s<>\"'(),;:@]{1,64}@[^\s<>\"'(),;:@]{1,255}")


class KnownNames:
    """Addresses and domains that the desk knows, in their order, to find the one that another address looks like.

    Each name is read once, when this is made. A search compares only the names that have the skeleton of the address or of its domain,
    however many names there are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names: list[str] = []
        self._places: dict[str, tuple[int, ...]] = {}  # by skeleton, ascending
        for name in names:
            key = _skeleton(_readable(name))  # not kept by `skeleton`: each name is read once
            self._places[key] = (*self._places.get(key, ()), len(self._names))
            self._names.append(name)

    def like(self, address: str) -> str:
        """The first known address or domain that looks like this address without being the same; "" without one."""
        read = _readable(address)
        return next((self._names[place] for place in self.places_to_compare(read) if _is_alike(read, self._names[place])), "")

    def places_to_compare(self, read: str) -> Sequence[int]:
        """The places of the names that could be like an address, ascending. `read` is the address as people read it."""
        whole, domain = skeleton(read), skeleton(domain_of(read))
        found = self._places.get(whole, ())
        return found if domain == whole else sorted((*found, *self._places.get(domain, ())))


def looks_like(address: str, known: Iterable[str]) -> str:
    """The known address or domain that looks like this address without being the same; "" without one. For a few names."""
    read = _readable(address)
    return next((name for name in known if _is_alike(read, name)), "")


def _is_alike(read: str, name: str) -> bool:
    shown = _readable(name)
    mine = read if "@" in shown else domain_of(read)
    return mine != shown and skeleton(mine) == skeleton(shown)


def shows_another(name: str, address: str) -> str:
    """An address in the display name that is not the author's address; "" without one."""
    found = ADDRESS.search(unicodedata.normalize("NFKC", name[:LONGEST_NAME])[:LONGEST_NAME])
    shown = found[0].strip(".").lower() if found else ""
    return "" if shown == address.lower() else shown


@lru_cache(maxsize=SKELETONS)
def skeleton(text: str) -> str:
    """A key that is equal for texts that look alike (UTS 39 §4), and is not meant to be shown. Case and diacritics do not count."""
    return _skeleton(text)


def _skeleton(text: str) -> str:
    folded = text.casefold()
    ascii_letters = folded if folded.isascii() else "".join(map(_prototype, _without_marks(folded)))
    return ascii_letters.translate(OF_ASCII).replace("rn", "m").replace("vv", "w")


def _without_marks(folded: str) -> Iterator[str]:
    return (letter for letter in unicodedata.normalize("NFD", folded) if unicodedata.category(letter) != "Mn")


@lru_cache(maxsize=SKELETONS)
def _prototype(letter: str) -> str:
    """The ASCII letter that this letter looks like; the letter itself without one."""
    if letter.isascii():
        return letter
    listed = confusables_data.get(letter) or confusables_data.get(f"{LEFT_TO_RIGHT}{letter}{LEFT_TO_RIGHT}", [])
    alike = (entry["c"].strip(LEFT_TO_RIGHT).casefold() for entry in listed)
    return min((text for text in alike if text.isascii()), key=lambda text: (len(text), text), default=letter)


def _readable(address: str) -> str:
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{u_labels(domain)}"
