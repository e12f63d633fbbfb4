"""Words and phrases that say what a text is about, and where they stand in it.

A phrase is whole words in any case, with or without accents: "log in", "rechnung*" (any ending), "version #" (a word with a digit),
"####" (with four digits at least). Of phrases that begin at one word the longest counts, and what it covers counts once: where "not
urgent" is a phrase, "urgent" is not found in it. Linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from helpdesk.config.plain_words import words_in

LONGEST_PHRASE = 8  # words
MOST_KEPT = 20_000  # different words of texts whose place in the lexicons is remembered
LONGEST_KEPT = 40  # letters of such a word
LONGEST_WORD = 40  # letters of which the beginning is compared
PATTERN = re.compile(r"#+|[^\W_]+\*?")
SPACES = re.compile(r"[\s_\-./:'’,&]+")
LANGUAGE = re.compile(r"[a-z]{2}")
ACCENTS = re.compile("[\u0300-\u036f]")
EVERY_LANGUAGE = ""

PhrasesByLanguage = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase stands for, and in which language; "" in all of them."""

    key: str
    language: str
    phrase: str


@dataclass(slots=True)
class _Node:
    """A place in the tree of phrases. `lengths` are those of the beginnings of words that lead on from here."""

    words: dict[str, "_Node"] = field(default_factory=dict)
    beginnings: dict[str, "_Node"] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    digits: dict[int, "_Node"] = field(default_factory=dict)
    meanings: list[Meaning] = field(default_factory=list)

    def next_for(self, pattern: str) -> "_Node":
        if pattern.startswith("#"):
            return self.digits.setdefault(len(pattern), _Node())
        if not pattern.endswith("*"):
            return self.words.setdefault(pattern, _Node())
        beginning = pattern[:-1][:LONGEST_WORD]
        self.lengths = tuple(sorted({*self.lengths, len(beginning)}))
        return self.beginnings.setdefault(beginning, _Node())

    @property
    def goes_on(self) -> bool:
        """Whether a phrase has a word after this place."""
        return bool(self.words or self.beginnings or self.digits)

    def after(self, word: str) -> Iterator["_Node"]:
        """Where a word of a text leads: by itself, by its beginnings, by its digits."""
        if word in self.words:
            yield self.words[word]
        for length in self.lengths:
            if length > len(word):
                break
            if word[:length] in self.beginnings:
                yield self.beginnings[word[:length]]
        if self.digits:
            count = sum(letter.isdigit() for letter in word)
            yield from (node for least, node in self.digits.items() if count >= least)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Where a word leads as the first of a phrase, and what it means by itself."""

    nodes: tuple[_Node, ...]
    meanings: tuple[Meaning, ...]
    goes_on: bool  # whether a phrase of it may have a second word


class Lexicon:
    """Phrases of several languages under their keys. Built once for a policy, never changed after."""

    def __init__(self, phrases: Mapping[str, PhrasesByLanguage]) -> None:
        self._root = _Node()
        self._kept = lru_cache(maxsize=MOST_KEPT)(self.beginning)
        for key, languages in phrases.items():
            for language, said in languages.items():
                for phrase in said:
                    self._add(Meaning(key, language, phrase))

    def _add(self, meaning: Meaning) -> None:
        node = self._root
        for pattern in PATTERN.findall(folded(meaning.phrase)):
            node = node.next_for(pattern)
        if meaning not in node.meanings:
            node.meanings.append(meaning)

    def beginning(self, word: str) -> _Beginning | None:
        """Where a word leads as the first of a phrase; None if no phrase begins with it."""
        nodes = tuple(self._root.after(word))
        if not nodes:
            return None
        meanings = tuple(meaning for node in nodes for meaning in node.meanings)
        return _Beginning(nodes, meanings, any(node.goes_on for node in nodes))

    def occurrences(self, words: Sequence[str]) -> Iterator[tuple[int, Meaning]]:
        """Every phrase that stands in a text, with the place of its first word; those that a longer phrase covers too."""
        for place, word in enumerate(words):
            beginning = self._kept(word) if len(word) <= LONGEST_KEPT else self.beginning(word)
            if beginning is None:
                continue
            yield from ((place, meaning) for meaning in beginning.meanings)
            nodes: Sequence[_Node] = beginning.nodes if beginning.goes_on else ()
            for later in words[place + 1 : place + LONGEST_PHRASE] if nodes else ():
                nodes = [reached for node in nodes for reached in node.after(later)]
                if not nodes:
                    break
                yield from ((place, meaning) for node in nodes for meaning in node.meanings)

    def found_in(self, words: Sequence[str]) -> list[Meaning]:
        """The meanings of every phrase of a text, each once, in order. The text comes as `words_of` gives it."""
        return Lexicons((self,)).read(words).found(self)


class Lexicons:
    """Several lexicons whose phrases are looked for together: a text is gone through once, however many they are."""

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._lexicons = tuple(lexicons)
        # Few words make up most of all texts. Longer ones are not kept, so that strangers' mail cannot fill the memory.
        self._kept = lru_cache(maxsize=MOST_KEPT)(self._beginnings)

    def read(self, words: Sequence[str]) -> "ReadText":
        """Go through a text as `words_of` gives it, and note where phrases may begin."""
        places: dict[Lexicon, list[tuple[int, _Beginning]]] = {lexicon: [] for lexicon in self._lexicons}
        for place, word in enumerate(words):
            for lexicon, beginning in self._kept(word) if len(word) <= LONGEST_KEPT else self._beginnings(word):
                places[lexicon].append((place, beginning))
        return ReadText(words, places)

    def _beginnings(self, word: str) -> tuple[tuple[Lexicon, _Beginning], ...]:
        found = ((lexicon, lexicon.beginning(word)) for lexicon in self._lexicons)
        return tuple((lexicon, beginning) for lexicon, beginning in found if beginning is not None)


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text, and for each lexicon the places where phrases may begin, ascending."""

    words: Sequence[str]
    places: Mapping[Lexicon, Sequence[tuple[int, _Beginning]]]

    def found(self, lexicon: Lexicon) -> list[Meaning]:
        """The meanings of every phrase of a lexicon in the text, each once, in order. Raises KeyError for a lexicon that was not read."""
        found: dict[int, Meaning] = {}  # by identity: each meaning stands in one place of the tree
        free = 0
        for place, beginning in self.places[lexicon]:
            if place >= free:
                length, meanings = _longest(beginning, self.words, place)
                found.update((id(meaning), meaning) for meaning in meanings)
                free = place + length
        return list(found.values())


def words_of(text: str) -> list[str]:
    """The words of a text as phrases are compared with them."""
    return words_in(folded(text))


def _longest(beginning: _Beginning, words: Sequence[str], start: int) -> tuple[int, Sequence[Meaning]]:
    """How many words the longest phrase from here on covers, and what it means; of equally long ones all."""
    length, meanings = (1 if beginning.meanings else 0), beginning.meanings
    if not beginning.goes_on:
        return length, meanings
    nodes: Sequence[_Node] = beginning.nodes
    for covered, word in enumerate(words[start + 1 : start + LONGEST_PHRASE], 2):
        nodes = [reached for node in nodes for reached in node.after(word)]
        if not nodes:
            break
        ending = tuple(meaning for node in nodes for meaning in node.meanings)
        if ending:
            length, meanings = covered, ending
    return length, meanings


def in_language(found: Iterable[Meaning], language: str) -> list[Meaning]:
    """The meanings that count in a text of a language: those of that language, and those of every language. All of them count where none of
    them does, or where the language is not known ("")."""
    every = list(found)
    own = [meaning for meaning in every if meaning.language in (language, EVERY_LANGUAGE)]
    return own if own and language else every


def folded(text: str) -> str:
    """Small letters without accents: "Günstiger" is written "gunstiger"."""
    return text.lower() if text.isascii() else ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def by_language(value: object) -> object:
    """A phrase or a list counts in every language; a table has a list for each, by its ISO 639-1 code.

    Raises ValueError that says what is allowed.
    """
    if isinstance(value, str):
        return {EVERY_LANGUAGE: (value,)}
    if isinstance(value, list | tuple):
        return {EVERY_LANGUAGE: value} if value else {}
    if isinstance(value, dict):
        wrong = next((code for code in value if code != EVERY_LANGUAGE and not LANGUAGE.fullmatch(str(code))), None)
        if wrong is not None:
            raise ValueError(f'"{wrong}" is no language; write a code of two small letters, such as {{ en = ["…"], de = ["…"] }}')
    return value


def phrase(text: str) -> str:
    """The phrase itself, when it can be found in a text.

    Raises ValueError that says what is allowed.
    """
    parts = PATTERN.findall(folded(text))
    if not parts or SPACES.sub("", PATTERN.sub("", folded(text))) or len(parts) > LONGEST_PHRASE:
        raise ValueError(
            f'"{text}": write 1 to {LONGEST_PHRASE} whole words, "invoice*" for a beginning, "#" for a word with a digit'
        )
    return text
