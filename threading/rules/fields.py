"""Values such as order numbers, drawn from a mail into fields of its request.

Secrets are masked first, as in letters, so that no field shows a card number. The time is linear in the length of what is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.config.lexicon import PATTERN, Lexicon, folded, words_of
from helpdesk.threading.reading.secrets import mask

READ = 20_000  # characters of the text in which values are searched
LONGEST_VALUE = 60
AROUND = ".,;:!?#*'\"()[]{}<>«»„“”‘’|=…"  # what stands around a value and is no part of it


@dataclass(frozen=True, slots=True)
class SoughtText:
    """A subject and a text in which values are searched, as pieces without white space. `places` are the pieces of `words`."""

    pieces: tuple[str, ...]
    words: tuple[str, ...]
    places: tuple[int, ...]


def sought_text(subject: str, text: str) -> SoughtText:
    """Cut a subject and the beginning of a text into pieces, without secrets."""
    pieces = tuple(f"{mask(subject)}\n{mask(text[:READ])}".split())
    numbered = [(word, place) for place, piece in enumerate(pieces) for word in words_of(piece)]
    return SoughtText(pieces, tuple(word for word, _ in numbered), tuple(place for _, place in numbered))


def values_in(text: SoughtText, phrases: Lexicon) -> Mapping[str, str]:
    """The first value of each field that stands in a text: the whole piece that has the digits, without the punctuation around it."""
    found: dict[str, str] = {}
    for place, meaning in phrases.occurrences(text.words):
        if meaning.key in found:
            continue
        piece = text.pieces[text.places[place + _place_of_value(meaning.phrase)]]
        value = piece.strip(AROUND)[:LONGEST_VALUE]
        if value:
            found[meaning.key] = value
    return found


def _place_of_value(phrase: str) -> int:
    """Which word of a phrase is the value: the first with #."""
    patterns = PATTERN.findall(folded(phrase))
    return next((place for place, pattern in enumerate(patterns) if "#" in pattern), 0)
