"""Whether a reply only says thanks, or that the problem is solved. Such a reply confirms a resolution and does not reopen a ticket."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import takewhile

from helpdesk.threading.sorting.gratitude_words import (
    AROUND,
    CLOSINGS,
    CORE,
    FAILING,
    FOR,
    GRATITUDE,
    GREETINGS,
    NEGATIONS,
    NOT_ALWAYS,
    ONCE_MORE,
    PARTICLES,
    PRAISED,
    PRAISING,
    READ,
    SERVICE,
    SIGNED,
    SURNAMES,
    TESTED,
    TITLES,
    TROUBLE,
)

LONGEST = 300  # characters
MOST_WITHOUT_TROUBLE = 10_000  # characters
TESTED_IT = "?"  # stands for words such as "I tested it"; no phrase is equal to it
MOST_LINES = 12
NAME_WORDS = 3
LONGEST_SYLLABLES = 4  # characters of a name in Han or Hangul
PICTURE = re.compile(r"\[image: [^\]\n]{1,200}\]")  # where a picture stood (`reading.lines`)
SENTENCE_END = re.compile(r"[.!,;]\s*")
APOSTROPHES = dict.fromkeys(map(ord, "’‘`´ʼ"), "'")
CORE_PHRASES = tuple(sorted({phrase for phrases in CORE.values() for phrase in phrases}, key=len, reverse=True))
AROUND_PHRASES = tuple(sorted({phrase for phrases in AROUND.values() for phrase in phrases}, key=len, reverse=True))
TESTED_PHRASES = tuple(sorted({phrase for phrases in TESTED.values() for phrase in phrases}, key=len, reverse=True))
READ_PHRASES = tuple(sorted({phrase for phrases in READ.values() for phrase in phrases}, key=len, reverse=True))
SERVICE_WORDS = frozenset(word for words in SERVICE.values() for word in words)
OUTCOMES = frozenset(phrase for phrase in CORE_PHRASES if not any(stem in phrase for stem in GRATITUDE))


def is_only_thanks(text: str, names: Iterable[str] = ()) -> bool:
    """Whether every word of the reply is in the tables of thanks and confirmations, in any of their languages.

    `names` are the names of the people of the conversation, which may stand anywhere in the reply. The mark of a picture, such as a logo,
    says nothing. A question mark, a digit, a negation or
    any word that is in no table makes the reply more than thanks.
    """
    text = PICTURE.sub("", text[: 2 * LONGEST])
    if len(text) > LONGEST or any(letter in "?？¿؟" or letter.isdigit() for letter in text):
        return False
    lines = [words for line in text.splitlines() if (words := _words(line))]
    if not lines or len(lines) > MOST_LINES or any(not NEGATIONS.isdisjoint(line.split()) for line in lines):
        return False
    said = " ".join(_without_name(_without_greeting(lines, text), text))
    if any(words in said for words in NOT_ALWAYS):
        return False
    bare = " ".join(word for word in said.split() if word not in ONCE_MORE)
    known = _parts_of_names(names)
    return _consists_of_thanks(said, known) or _consists_of_thanks(bare, known)


def is_acknowledgement(text: str, names: Iterable[str] = ()) -> bool:
    """Whether a reply says only that its author has read a letter: "Ok", "Noted", "Yes", in the languages of the tables.

    Below an answer it is an answer, so this is asked about a resolution only. `names` are as in `is_only_thanks`.
    """
    if len(text) > LONGEST or any(letter in "?？¿؟" or letter.isdigit() for letter in text):
        return False
    said, known, read = words_without_courtesies(text), _parts_of_names(names), False
    while said:
        phrase = _phrase_at(said, READ_PHRASES)
        first = said.partition(" ")[0]
        read = read or bool(phrase)
        passed = phrase or (first if first in known else "")
        if not passed:
            return False
        said = said[len(passed) :].lstrip(" -'")
    return read


def words_without_courtesies(text: str) -> str:
    """The words of a short text in lower case, without its greeting, its closing and the name below; "" if nothing remains."""
    lines = [words for line in text.splitlines()[:MOST_LINES] if (words := _words(line))]
    return " ".join(_without_name(_without_greeting(lines, text), text)) if lines else ""


def says_trouble(text: str) -> bool:
    """Whether a text holds a question, a negation or a word of trouble, so that its author does not mean "solved".

    A text of more than `MOST_WITHOUT_TROUBLE` characters always counts as trouble.
    """
    if len(text) > MOST_WITHOUT_TROUBLE:
        return True
    lowered = [word for line in text.splitlines() for word in _words(line).split()]
    return any(letter in "?？¿؟" for letter in text) or any(word in NEGATIONS or word in FAILING for word in lowered)


def _words(line: str) -> str:
    """The words of a line in lower case, without punctuation and emoji. Apostrophes stay."""
    plain = unicodedata.normalize("NFC", line).translate(APOSTROPHES).lower().replace("i̇", "i")
    return " ".join(
        "".join(
            letter if letter.isalpha() or letter in "'-" or unicodedata.category(letter) == "Mn" else " " for letter in plain
        ).split()
    ).strip("-' ")


def _without_greeting(lines: list[str], text: str) -> list[str]:
    """The lines without a greeting such as `Hi Omar,`. A first line without a comma or exclamation mark may be more than a greeting."""
    first = next((line.strip() for line in text.splitlines() if _words(line)), "")
    greeting = next((words for words in GREETINGS if lines[0] == words or lines[0].startswith(f"{words} ")), "")
    closed = first.endswith((",", "!", "，", "、", ":", "。")) or lines[0] == greeting
    few = len(lines[0].removeprefix(greeting).split()) < NAME_WORDS
    return lines[1:] if greeting and closed and few and lines[0] not in CORE_PHRASES else lines


def _without_name(lines: list[str], text: str) -> list[str]:
    """The lines without `Best regards` and a name at the end. Capitals tell a name."""
    if not lines:
        return lines
    *above, last = _without_inline_name(lines, text)
    if last in CLOSINGS and last not in CORE_PHRASES:
        return above
    written = next(line for line in reversed(text.splitlines()) if _words(line))
    if above and written.split()[-1] in SIGNED and _is_name(written):
        return above
    if not above or above[-1] not in CLOSINGS or not _is_name(written):
        return [*above, last]
    return above if above[-1] in CORE_PHRASES else above[:-1]


def _without_inline_name(lines: list[str], text: str) -> list[str]:
    """The lines without a closing such as `LG Tina` at the end of the last line. A closing that could be thanks is not removed here."""
    written = next(line for line in reversed(text.splitlines()) if _words(line))
    last = SENTENCE_END.split(written.strip().rstrip(".!"))
    for count in (1, 2):
        tail = " ".join(last[-count:]).split()
        said = _words(" ".join(tail))
        for closing in CLOSINGS:
            rest = tail[len(closing.split()) :]
            opens = said.startswith(f"{closing} ") and closing not in CORE_PHRASES
            if opens and rest and len(last) > count and _is_name(" ".join(rest)):
                return [*lines[:-1], _words(" ".join(last[:-count]))]
    return lines


def _is_name(line: str) -> bool:
    words = [word.strip(".,!-") for word in line.split()]
    if words and words[-1] in SIGNED:
        return len(words) <= NAME_WORDS and all(len(word) <= LONGEST_SYLLABLES for word in words)
    if line.strip().startswith(SURNAMES):
        return len(line.strip()) <= LONGEST_SYLLABLES
    words = [word for place, word in enumerate(words) if place == 0 or word.lower() not in PARTICLES]
    return len(words) <= NAME_WORDS and all(word[:1].isupper() and word.lower() not in TROUBLE for word in words)


def _parts_of_names(names: Iterable[str]) -> frozenset[str]:
    """The words of the names, and titles. Words of trouble are left out: a person may be called "Still"."""
    parts = {part for name in names for part in _words(name).split() if len(part) > 1}
    return frozenset((parts | TITLES if parts else parts) - TROUBLE - FAILING - NEGATIONS)


def _consists_of_thanks(words: str, names: frozenset[str]) -> bool:
    said: set[str] = set()
    while words:
        first = words.partition(" ")[0]
        core, tested = _phrase_at(words, CORE_PHRASES), _phrase_at(words, TESTED_PHRASES)
        phrase = max(
            core, tested, _phrase_at(words, AROUND_PHRASES), _praise_at(words), first if first in names | FOR else "", key=len
        )
        if not phrase:
            return False
        said.add(core if phrase == core else TESTED_IT if phrase == tested else "")
        phrase += _service_at(words[len(phrase) :]) if not FOR.isdisjoint(phrase.split()) else ""
        if phrase in FOR:
            return False
        words = words[len(phrase) :].lstrip(" -'")
    confirmed = said & OUTCOMES if TESTED_IT in said else said - {""}
    return bool(confirmed)


def _praise_at(words: str) -> str:
    """Two words of praise at the beginning, such as `great support`; "" without them."""
    two = words.split()[:2]
    return " ".join(two) if len(two) == 2 and two[0] in PRAISING and two[1] in PRAISED else ""


def _service_at(rest: str) -> str:
    """The words of service that follow a word for "for", such as `your quick help`."""
    words = list(takewhile(SERVICE_WORDS.__contains__, rest.split()))
    return "".join(f" {word}" for word in words)


def _phrase_at(words: str, phrases: tuple[str, ...]) -> str:
    """The longest phrase with which the words begin; "" without one. Chinese and Japanese have no space after it."""
    return next((phrase for phrase in phrases if words.startswith(phrase) and _ends_at(words, phrase)), "")


def _ends_at(words: str, phrase: str) -> bool:
    rest = words[len(phrase) :]
    return not rest or rest[0] == " " or ord(phrase[-1]) >= 0x3040
