"""Words and phrases that say what a text is about, and where they stand in it.

A phrase is whole words in any case, with or without accents: "log in", "rechnung*" (any ending), "version #" (a word with a digit),
"####" (with four digits at least). Of phrases that begin at one word the longest counts, and what it covers counts once: where "not
urgent" is a phrase, "urgent" is not found in it. Linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_PHRASE = 8  # words
LONGEST_WORD = 40  # letters of which the beginning is compared
WORD = re.compile(r"[^\W_]+")
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

    def leads_on(self, word: str) -> bool:
        """Whether anything comes after a word here; much faster than asking what."""
        if word in self.words or (self.digits and not word.isalpha()):
            return True
        return any(word[:length] in self.beginnings for length in self.lengths)

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


class Lexicon:
    """Phrases of several languages under their keys. Built once for a policy, never changed after."""

    def __init__(self, phrases: Mapping[str, PhrasesByLanguage]) -> None:
        self._root = _Node()
        for key, languages in phrases.items():
            for language, said in languages.items():
                for phrase in said:
                    self._add(Meaning(key, language, phrase))

    def _add(self, meaning: Meaning) -> None:
        node = self._root
        for pattern in PATTERN.findall(folded(meaning.phrase)):
            node = node.next_for(pattern)
        node.meanings.append(meaning)

    def found_in(self, words: Sequence[str]) -> list[Meaning]:
        """The meanings of every phrase of a text, each once, in order. The text comes as `words_of` gives it."""
        found: dict[Meaning, None] = {}
        leading = {word for word in set(words) if self._root.leads_on(word)}
        beginnings = [place for place, word in enumerate(words) if word in leading] if leading else []
        free = 0
        for place in beginnings:
            if place >= free:
                length, meanings = _longest(self._root, words, place)
                found.update(dict.fromkeys(meanings))
                free = place + length
        return list(found)


def words_of(text: str) -> list[str]:
    """The words of a text as phrases are compared with them."""
    return WORD.findall(folded(text))


def _longest(root: _Node, words: Sequence[str], start: int) -> tuple[int, list[Meaning]]:
    """How many words the longest phrase from here on covers, and what it means; of equally long ones all."""
    length, meanings, nodes = 0, list[Meaning](), [root]
    for covered, word in enumerate(words[start : start + LONGEST_PHRASE], 1):
        nodes = [reached for node in nodes for reached in node.after(word)]
        if not nodes:
            break
        ending = [meaning for node in nodes for meaning in node.meanings]
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
    """A list counts in every language; a table has a list for each, by its ISO 639-1 code.

    Raises ValueError that says what is allowed.
    """
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
