"""The words by which messages are found: written the same way whoever wrote them, so that SQLite and PostgreSQL answer equally.

Case and accents do not count: "Envío" and "envio" are one word. A script without spaces is cut into pairs of characters.
Only letters and digits are left, so that no word has a meaning in the language of a database's search.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from helpdesk.config.values import LETTER_LANGUAGES
from helpdesk.threading.incidents.common_words import COMMON
from helpdesk.threading.matching.compared_words import CJK
from helpdesk.threading.reading.words import INVISIBLE

LONGEST_TEXT = 50_000  # characters of one text that are read
LONGEST_WORD = 40  # longer words are cut
MOST_WORDS = 2_000  # different words of one message
MOST_SOUGHT = 8  # words of one search
MOST_TYPED = 50  # words of one search among which those that say something are chosen
LETTERS = bytes(
    code if code > 127 else ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(256)
)  # of UTF-8, by octet
WORD = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
SPACELESS = re.compile(f"[{CJK}]")
ACCENTS = re.compile("[\u0300-\u036f]")
# Endings of inflected words in the languages of the letters, the longer ones first, with the fewest letters that must be left before them.
ENDINGS = (("en", 5), ("es", 5), ("er", 5), ("s", 4), ("n", 5), ("e", 5), ("o", 5), ("a", 5), ("i", 5))
SHORTEST_STEM = 4  # of a word that is found by its beginning; a shorter one is found as it is
USUAL_INVISIBLE = ("\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")
MOST_KEPT = 20_000  # different words whose folded forms are remembered
AROUND = 70  # characters of a message on each side of the first word that was found
SEARCHED = 20_000  # characters of a message in which that word is looked for


@dataclass(frozen=True, slots=True)
class SoughtWord:
    """One word of a search. `opens` says that words are found that only begin with it. `typed` is the word with its ending."""

    text: str
    opens: bool
    typed: str

    @property
    def forms(self) -> tuple[str, ...]:
        """The word as it was typed, and with the other endings of inflected words where it has a stem."""
        endings = (ending for ending, _ in ENDINGS) if self.opens else ()
        return tuple(dict.fromkeys((self.typed, self.text, *(self.text + ending for ending in endings))))

    def fits(self, word: str) -> bool:
        """Whether a word of a message is what is sought."""
        return word.startswith(self.text) if self.opens else word == self.text


def search_words(head: str, text: str = "") -> tuple[str, ...]:
    """The different words by which a message is found, in order, at most `MOST_WORDS`.

    `head` has what belongs to it: subject, people, names of files. Words that say nothing (`COMMON`) are left out of `text` alone,
    because a name may be one of them.
    """
    said = (word for word in _words_of(text[:LONGEST_TEXT]) if word not in _silent())
    return tuple(islice(dict.fromkeys((*_words_of(head[:LONGEST_TEXT]), *said)), MOST_WORDS))


def sought_words(text: str) -> tuple[SoughtWord, ...]:
    """The words of a search, at most `MOST_SOUGHT`. "Rechnungen" also finds "Rechnung", because the ending is left away.

    Words that say nothing are sought only where there are no others.
    """
    words = list(islice(_words_of(text[:LONGEST_TEXT]), MOST_TYPED))
    telling = [word for word in words if word not in _silent()] or words
    return tuple(dict.fromkeys(map(_sought, telling[:MOST_SOUGHT])))


def count_found(sought: Iterable[SoughtWord], texts: Iterable[str]) -> int:
    """How many of the sought words stand in these texts."""
    words = search_words(" ".join(texts))
    return sum(any(entry.fits(word) for word in words) for entry in sought)


def excerpt_with(text: str, sought: Sequence[SoughtWord]) -> str:
    """A line of a message with the first sought word in it; its beginning where none of them is found."""
    text = text[:SEARCHED]
    found = next((place for place in WORD.finditer(text) if any(_has(place[0], entry) for entry in sought)), None)
    begin = max(found.start() - AROUND, 0) if found else 0
    end = min((found.end() if found else begin + AROUND) + AROUND, len(text))
    while 0 < begin < len(text) and not text[begin - 1].isspace() and found and begin < found.start():
        begin += 1
    cut = text.rfind(" ", found.end() if found else begin, end) if end < len(text) else end
    shown = " ".join(text[begin : cut if cut > begin else end].split())
    return f"{'… ' if begin else ''}{shown}{' …' if end < len(text) else ''}"


def _has(written: str, sought: SoughtWord) -> bool:
    return any(sought.fits(word) for word in _words_of(written))


def _sought(word: str) -> SoughtWord:
    if SPACELESS.match(word):
        return SoughtWord(word, opens=False, typed=word)
    bare = next(
        (word[: -len(ending)] for ending, left in ENDINGS if word.endswith(ending) and len(word) - len(ending) >= left), word
    )
    stem = bare if word.isalpha() else word
    return SoughtWord(stem, opens=len(stem) >= SHORTEST_STEM, typed=word)


def _words_of(text: str) -> Iterable[str]:
    """The different words of a text, in order. Most words are plain, and only the others are looked at one by one."""
    if text.isascii():
        return (word[:LONGEST_WORD] for word in dict.fromkeys(_split(text)))
    if any(sign in text for sign in USUAL_INVISIBLE):
        text = INVISIBLE.sub("", text)
    different = dict.fromkeys(_split(unicodedata.normalize("NFKC", text)[:LONGEST_TEXT].lower()))
    return (part for word in different for part in (_fold_short if len(word) <= LONGEST_WORD else _fold_word)(word))


def _split(text: str) -> list[str]:
    """The text without its ASCII signs, in lower case, cut at white space."""
    return text.encode("utf-8", "replace").translate(LETTERS).decode().split()


def _fold_word(word: str) -> tuple[str, ...]:
    """A word without case and accents; the pairs of characters of a word without spaces, and its other words."""
    if word.isascii():
        return (word[:LONGEST_WORD],)
    bare = unicodedata.normalize("NFKC", ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))).casefold()
    return tuple(part for piece in WORD.findall(bare[:LONGEST_TEXT]) for part in _parts(piece))


_fold_short = lru_cache(maxsize=MOST_KEPT)(_fold_word)


@lru_cache(maxsize=1)
def _silent() -> frozenset[str]:
    """The words of the languages of the letters that say nothing."""
    return frozenset(part for language in LETTER_LANGUAGES for word in COMMON[language].split() for part in _fold_word(word))


def _parts(word: str) -> Iterable[str]:
    if SPACELESS.match(word):
        return [first + second for first, second in pairwise(word)] or [word]
    return [word[:LONGEST_WORD]]
