"""Compare requests by the words that they share and that are rare among the desk's earlier requests.

Words that many requests have (greetings, words of a form, everyday matters) count little. Words of one meaning in several
languages count as one. Linear in the number of requests; only the beginning of each text is read.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import pairwise
from math import log

from helpdesk.threading.incidents.common_words import COMMON
from helpdesk.threading.incidents.fault_words import MEANINGS, SAYS_NOTHING

MOST_COMPARED = 300
LONGEST_TEXT = 700  # characters that are read
MOST_WORDS = 40
LONGEST_WORD = 24
MOST_KEPT = 20_000  # different words whose features are remembered
STEM = 5  # first letters of a word that are compared
EVIDENCE = 4.0  # least weight of what two texts share; weights are logarithms of rarity
SHARE = 0.4  # least share of the shorter text's weight
FEWEST_REPEATED = 3  # words that say something, in a request that repeats an earlier one of its customer
REPEATED_SHARE = 0.6  # of the words of the shorter of the two
PRIOR = 50  # assumed earlier requests, in which a word is as common as USUAL says
USUAL = {True: 0.12, False: 0.02}  # share of requests with a word of `MEANINGS`, and with any other word
HEAVIEST = 4.5
TELLING = 1.0  # least weight of a word that a proposal names
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?:['’][^\W_]+)?")
SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
NUMBER = re.compile(r"\d{3,6}|[a-z]{1,4}\d{1,6}")  # an error code; longer numbers belong to one customer

Features = frozenset[str]


@dataclass(frozen=True, slots=True)
class FaultReport:
    """The words of a request that count for the comparison. `customer` is the account or address behind the request.

    `counts` is true while the request is open and part of no incident. `proposal` is the oldest request of the proposal that
    listed it.
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


@dataclass(frozen=True)
class Crowd:
    """The requests of the last hours, oldest first, and some earlier ones, which show what is usual at this desk.

    Of earlier ones only the words, the customer and the time are used.
    """

    recent: tuple[FaultReport, ...] = ()
    earlier: tuple[FaultReport, ...] = ()

    @cached_property
    def weights(self) -> "Weights":
        """The weights of words, by the earlier requests."""
        return weights_of(self.earlier)


class Weights:
    """How much each word counts: more, the fewer of the earlier requests have it. Each weight is computed when it is asked for."""

    def __init__(self, counts: Mapping[str, int], requests: int) -> None:
        """`counts` says how many of the earlier requests have a word. Words that none of them has need not be in it."""
        self._counts, self._requests = counts, requests
        self._known: dict[str, float] = {}
        self._totals: dict[Features, float] = {}

    def of(self, feature: str) -> float:
        """The weight of one word."""
        found = self._known.get(feature)
        if found is None:
            found = self._known[feature] = _weight(self._counts.get(feature, 0), self._requests, feature in MEANINGS)
        return found

    def total(self, features: Features) -> float:
        """The sum of the weights of these words."""
        return sum(map(self.of, features))

    def total_of_report(self, features: Features) -> float:
        """The same for the words of a whole request, which is asked for again and again."""
        found = self._totals.get(features)
        if found is None:
            found = self._totals[features] = self.total(features)
        return found


def words_of(subject: str, text: str) -> tuple[str, ...]:
    """The words of a request that may say what is broken, each once, those of the subject first."""
    read = unicodedata.normalize("NFKC", f"{subject[:LONGEST_TEXT]}\n{text[:LONGEST_TEXT]}").casefold()
    parts = (part for found in WORD.findall(read) for part in _parts(found))
    said = dict.fromkeys(part for part in parts if len(part) <= LONGEST_WORD and _says_something(part))
    return tuple(said)[:MOST_WORDS]


def features(words: Sequence[str]) -> Features:
    """What is compared of these words: meanings, first letters, numbers."""
    return frozenset(map(_feature, words))


def weights_of(earlier: Sequence[FaultReport]) -> Weights:
    """The weights of words among earlier requests. The compared requests are not among them, so a word that many report now is
    still rare.
    """
    return Weights(Counter(feature for report in earlier for feature in report.features), len(earlier) + PRIOR)


def _weight(count: int, requests: int, meant: bool) -> float:
    return min(HEAVIEST, max(0.0, log(requests / (count + PRIOR * USUAL[meant]))))


def is_alike(one: Features, other: Features, weights: Weights) -> bool:
    """Whether two requests share at least two features that are rare enough and make up much of the shorter one. An empty text is
    like none.
    """
    shared = one & other
    if len(shared) < 2:
        return False
    common = weights.total(shared)
    return common >= EVIDENCE and common >= SHARE * min(weights.total_of_report(one), weights.total_of_report(other))


def repeats(new: Features, earlier: Features) -> bool:
    """Whether a request says much the same as an earlier one of the same customer, whatever is usual at the desk."""
    shared = len(new & earlier)
    return shared >= FEWEST_REPEATED and shared >= REPEATED_SHARE * min(len(new), len(earlier))


def reports_like(new: FaultReport, others: Sequence[FaultReport], weights: Weights) -> tuple[FaultReport, ...]:
    """The other reports that are similar to this one, in their order."""
    return tuple(
        other for other in others if other.ticket_id != new.ticket_id and is_alike(new.features, other.features, weights)
    )


def shared_words(reports: Sequence[FaultReport], weights: Weights, most: int = 6) -> tuple[str, ...]:
    """The words that most of these reports share, as the newest of them writes them; those with the highest weight first."""
    counts = Counter(feature for report in reports for feature in report.features)
    common = [word for word, count in counts.items() if count * 2 > len(reports) and weights.of(word) >= TELLING]
    common.sort(key=lambda word: (-counts[word] * weights.of(word), word))
    written = {_feature(word): word for report in reports for word in reversed(report.words)}
    return tuple(written[word] for word in common[:most])


def _parts(found: str) -> Sequence[str]:
    """The pairs of characters in a run of a script without spaces; any other word as it is."""
    if not found.isascii() and SPACELESS.match(found):
        return [first + second for first, second in pairwise(found)] or [found]
    return [found]


@lru_cache(maxsize=MOST_KEPT)
def _says_something(word: str) -> bool:
    """Whether a word of at most `LONGEST_WORD` letters may say what is broken."""
    if any(letter.isdigit() for letter in word):
        return NUMBER.fullmatch(word) is not None
    return (len(word) > 2 or bool(SPACELESS.match(word))) and _without_accents(word) not in _silent()


@lru_cache(maxsize=MOST_KEPT)
def _feature(word: str) -> str:
    folded = _without_accents(word)
    if any(letter.isdigit() for letter in folded) or SPACELESS.match(folded):
        return folded
    return _meanings().get(_stem(folded), _stem(folded))


def _stem(folded: str) -> str:
    return folded[:STEM].rstrip("s")


def _without_accents(word: str) -> str:
    """The word without accents."""
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
