"""Which recent requests report the same as a new one: by the words and the pairs of words that they share.

What many requests have in common (greetings, footers, a form's own words) counts little. No language is known here.
Linear in the number and the length of the texts; at most 300 texts and 1000 characters of each are looked at.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

MOST_COMPARED = 300
LONGEST_TEXT = 1000  # characters
ALIKE = 0.25  # of the weight of all words of two texts, that of those which both have
LEAST_TICKETS = 5
LEAST_CUSTOMERS = 3
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")

Features = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a request says: `customer` is who stands behind it, an account or an address; `text` its subject and first words."""

    ticket_id: int
    customer: str
    text: str


def reports_like(new: Report, recent: Sequence[Report]) -> tuple[Report, ...]:
    """Those of the recent requests that are like the new one, by their ids; the newest of them are looked at."""
    newest = sorted({one.ticket_id: one for one in recent if one.ticket_id != new.ticket_id}.values(), key=_age)[-MOST_COMPARED:]
    own, others = features(new.text), [features(one.text) for one in newest]
    counts = Counter(feature for text in (own, *others) for feature in text)
    weights = {feature: log(1 + (len(newest) + 1) / count) for feature, count in counts.items()}
    return tuple(report for report, text in zip(newest, others, strict=True) if likeness(own, text, weights) >= ALIKE)


def may_be_incident(new: Report, alike: Sequence[Report]) -> bool:
    """Whether so many customers report the same that it is worth a senior's look; one customer alone never is."""
    customers = {one.customer for one in (new, *alike)}
    return len(alike) + 1 >= LEAST_TICKETS and len(customers) >= LEAST_CUSTOMERS


def features(text: str) -> Features:
    """The words of a text, and each two that follow one another."""
    words = WORD.findall(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold())
    return frozenset({*((word,) for word in words), *pairwise(words)})


def likeness(one: Features, other: Features, weights: Mapping[tuple[str, ...], float]) -> float:
    """0 for nothing in common, 1 for the same; an empty text is like none."""
    whole = sum(weights[feature] for feature in one | other)
    return sum(weights[feature] for feature in one & other) / whole if whole else 0.0


def _age(report: Report) -> int:
    return report.ticket_id
