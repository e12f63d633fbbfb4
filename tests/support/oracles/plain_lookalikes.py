"""Which known name an address looks like, found by comparing the address with every name, as it was done before there was an index."""

import unicodedata
from collections.abc import Iterable

import idna
from confusable_homoglyphs.confusables import confusables_data


def plain_looks_like(address: str, known: Iterable[str]) -> str:
    """The first known name that is written in another way than the address and has the same skeleton; "" without one."""
    read = _readable(address)
    for name in known:
        shown = _readable(name)
        mine = read if "@" in shown else read.rpartition("@")[2]
        if mine != shown and _skeleton(mine) == _skeleton(shown):
            return name
    return ""


def _skeleton(text: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text.casefold()) if unicodedata.category(letter) != "Mn")
    return (
        "".join(map(_prototype, plain))
        .translate({ord("o"): "0", ord("i"): "l", ord("|"): "l", ord("1"): "l"})
        .replace("rn", "m")
        .replace("vv", "w")
    )


def _prototype(letter: str) -> str:
    if letter.isascii():
        return letter
    listed = confusables_data.get(letter) or confusables_data.get(f"\u200e{letter}\u200e", [])
    alike = [entry["c"].strip("\u200e").casefold() for entry in listed]
    return min((text for text in alike if text.isascii()), key=lambda text: (len(text), text), default=letter)


def _readable(address: str) -> str:
    local_part, at, domain = address.rpartition("@")
    try:
        return f"{local_part}{at}{idna.decode(domain)}"
    except UnicodeError:
        return address
