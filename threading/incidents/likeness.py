"""Which requests report the same fault: by the words that they share, as far as these are rare among the desk's earlier requests.

What many requests have in common (greetings, a form's own words, everyday matters) counts little; words of one meaning in several languages
count as one. Linear in the number of requests; of each text the beginning is looked at.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from math import log

from helpdesk.threading.incidents.common_words import COMMON
from helpdesk.threading.incidents.fault_words import MEANINGS, SAYS_NOTHING

MOST_COMPARED = 300
LONGEST_TEXT = 700  # characters
MOST_WORDS = 40
LONGEST_WORD = 24
STEM = 5  # letters of a word that count
EVIDENCE = 4.0  # that two texts must have in common at least: the logarithm of how rare it is
SHARE = 0.4  # of all that the one says who says less
PRIOR = 50  # requests that are taken for granted, before there are earlier ones, in which a word is as usual as this:
USUAL = {True: 0.12, False: 0.02}  # one with a meaning of its own, any other
HEAVIEST = 4.5
TELLING = 1.0  # the weight of a word that is worth being named
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?:['’][^\W_]+)?")
SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
NUMBER = re.compile(r"\d{3,6}|[a-z]{1,4}\d{1,6}")  # a code that a machine has shown; longer ones are somebody's own

Features = frozenset[str]


@dataclass(frozen=True, slots=True)
class Report:
    """What a request says, in the words that count. `customer` is who stands behind it: an account, or an address.

    `counts` while it is open and part of no incident; `proposal` is the request under which it has been proposed with others.
    """

    ticket_id: int
    customer: str
    words: tuple[str, ...]
    at: datetime
    counts: bool = True
    incident: int | None = None
    proposal: int | None = None
    looked_at: datetime | None = None
    features: Features = frozenset()


@dataclass(frozen=True, slots=True)
class Crowd:
    """The requests of the last hours, the oldest first, and some that came before them: what is usual at this desk."""

    recent: tuple[Report, ...] = ()
    earlier: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each word of the earlier requests says, by how many of them have it; and what one says that none of them has."""

    known: Mapping[str, float]
    unheard: Mapping[bool, float]  # one with a meaning of its own, any other

    def of(self, feature: str) -> float:
        found = self.known.get(feature)
        return self.unheard[feature in MEANINGS] if found is None else found

    def total(self, features: Features) -> float:
        return sum(map(self.of, features))


def words_of(subject: str, text: str) -> tuple[str, ...]:
    """The words of a request that may say what is broken, each once, those of the subject first."""
    read = unicodedata.normalize("NFKC", f"{subject[:LONGEST_TEXT]}\n{text[:LONGEST_TEXT]}").casefold()
    said = dict.fromkeys(part for found in WORD.findall(read) for part in _parts(found) if _says_something(part))
    return tuple(said)[:MOST_WORDS]


def features(words: Sequence[str]) -> Features:
    """What of these words is compared: meanings, beginnings, numbers."""
    return frozenset(map(_feature, words))


def weights_of(earlier: Sequence[Report]) -> Weights:
    """Of the words of requests that came before those which are compared: what many report now is rare all the same."""
    counts = Counter(feature for report in earlier for feature in report.features)
    requests = len(earlier) + PRIOR
    known = {word: _weight(count, requests, word in MEANINGS) for word, count in counts.items()}
    return Weights(known, {meant: _weight(0, requests, meant) for meant in USUAL})


def _weight(count: int, requests: int, meant: bool) -> float:
    return min(HEAVIEST, max(0.0, log(requests / (count + PRIOR * USUAL[meant]))))


def is_alike(one: Features, other: Features, weights: Weights) -> bool:
    """Two things in common at least, rare enough, and much of what the shorter one says. An empty text is like none."""
    shared = one & other
    if len(shared) < 2:
        return False
    common = weights.total(shared)
    return common >= EVIDENCE and common >= SHARE * min(weights.total(one), weights.total(other))


def reports_like(new: Report, others: Sequence[Report], weights: Weights) -> tuple[Report, ...]:
    """Those of the others that are like it, in their order."""
    return tuple(
        other for other in others if other.ticket_id != new.ticket_id and is_alike(new.features, other.features, weights)
    )


def shared_words(reports: Sequence[Report], weights: Weights, most: int = 6) -> tuple[str, ...]:
    """What most of these have in common, as the newest of them writes it; the most telling first."""
    counts = Counter(feature for report in reports for feature in report.features)
    common = [word for word, count in counts.items() if count * 2 > len(reports) and weights.of(word) >= TELLING]
    common.sort(key=lambda one: (-counts[one] * weights.of(one), one))
    written = {_feature(word): word for report in reports for word in reversed(report.words)}
    return tuple(written[word] for word in common[:most])


def _parts(found: str) -> Sequence[str]:
    """A run of a script without spaces is read as its pairs of characters."""
    if SPACELESS.match(found):
        return [first + second for first, second in pairwise(found)] or [found]
    return [found]


def _says_something(word: str) -> bool:
    if any(letter.isdigit() for letter in word):
        return NUMBER.fullmatch(word) is not None
    return (
        (len(word) > 2 or bool(SPACELESS.match(word))) and len(word) <= LONGEST_WORD and _without_accents(word) not in _silent()
    )


def _feature(word: str) -> str:
    folded = _without_accents(word)
    if any(letter.isdigit() for letter in folded) or SPACELESS.match(folded):
        return folded
    return _meanings().get(_stem(folded), _stem(folded))


def _stem(folded: str) -> str:
    return folded[:STEM].rstrip("s")


def _without_accents(word: str) -> str:
    """Without accents."""
    if word.isascii() or SPACELESS.match(word):
        return word
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", word.replace("ß", "ss").replace("’", "'"))
        if not unicodedata.combining(letter)
    )


@lru_cache(maxsize=1)
def _meanings() -> Mapping[str, str]:
    return {_stem(_without_accents(word)): name for name, words in MEANINGS.items() for word in words.split()}


@lru_cache(maxsize=1)
def _silent() -> frozenset[str]:
    return frozenset(_without_accents(word) for words in (SAYS_NOTHING, *COMMON.values()) for word in words.split())
