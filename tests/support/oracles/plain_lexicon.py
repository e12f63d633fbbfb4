"""Phrases found in a text by trying every phrase at every word. It knows the rules for phrases and nothing of the tree that finds them."""

from collections.abc import Mapping, Sequence

Phrases = Mapping[str, Mapping[str, Sequence[str]]]  # by key and language
LONGEST = 8  # words


def plain_found_in(phrases: Phrases, words: Sequence[str]) -> list[tuple[str, str, str]]:
    """Key, language and phrase of everything that is found, each once. Phrases are written in small letters, their words apart.

    Of phrases that begin at one word the longest count, and what they cover is not looked at again. Those of equal length come in no
    certain order, so they are sorted.
    """
    listed = [
        (key, language, phrase) for key, languages in phrases.items() for language, said in languages.items() for phrase in said
    ]
    found: dict[tuple[str, str, str], None] = {}
    place = 0
    while place < len(words):
        fitting = [row for row in listed if _fits(row[2].split(), words[place : place + LONGEST])]
        longest = max((len(phrase.split()) for *_, phrase in fitting), default=0)
        found.update(dict.fromkeys(sorted(row for row in fitting if len(row[2].split()) == longest)))
        place += longest or 1
    return list(found)


def _fits(patterns: Sequence[str], words: Sequence[str]) -> bool:
    return len(words) >= len(patterns) and all(map(_fits_word, patterns, words))


def _fits_word(pattern: str, word: str) -> bool:
    if pattern.startswith("#"):
        return sum(letter.isdigit() for letter in word) >= len(pattern)
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
