"""The audience firewall: words of an internal note must not leave the house in a letter to a customer.

Texts are compared as runs of words (shingles), whatever their case, punctuation and line breaks. What the customer has read or written
already is no secret. Linear in the length of the texts.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

RUN = 6  # words in succession that two texts do not share by chance
SHORTEST = 3  # a note of fewer words is too common to be recognised
LONGEST_TEXT = 200_000  # characters of each text that are looked at
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def leaked(letter: str, notes: Iterable[str], public: Iterable[str]) -> str | None:
    """The words of a note that stand in a letter; None where there are none.

    `public` are texts of the conversation that both sides know.
    """
    words = _words(letter)
    said: dict[int, set[tuple[str, ...]]] = {}
    known: dict[int, set[tuple[str, ...]]] = {}
    for note in notes:
        secret = _words(note)
        size = min(RUN, len(secret))
        if size < SHORTEST:
            continue
        if size not in said:
            said[size] = set(_runs(words, size))
        shared = [run for run in _runs(secret, size) if run in said[size]]
        if shared and size not in known:  # what both sides know is long, and asked for seldom
            known[size] = {run for text in public for run in _runs(_words(text), size)}
        found = next((run for run in shared if run not in known[size]), None)
        if found is not None:
            return " ".join(found)
    return None


def _words(text: str) -> list[str]:
    """Of the text as it is normalised no more than it had: one sign may become eighteen (U+FDFA)."""
    return WORD.findall(unicodedata.normalize("NFKC", text[:LONGEST_TEXT])[:LONGEST_TEXT].casefold())


def _runs(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + size]) for start in range(len(words) - size + 1))
