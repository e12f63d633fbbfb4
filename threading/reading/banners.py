"""Banners: the lines that a mail filter of one of the companies put above or below the words of a mail from outside.

Nobody wrote them, so they are no words of the author. They are told by what they say (`banner_words`), and at the edges of a mail alone.
A desk may know the banners of its own filters and of its customers' filters. Of these, all words of the lines must be those of one banner, in
any case, whatever the punctuation and the line breaks are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from helpdesk.threading.reading.banner_words import ALARMS, ORIGINS, OWN, TAGS, THINGS, WARNINGS

LONGEST_BANNER = 8  # lines
LONGEST_LINE = 1_000  # characters of a line that are read
FEWEST_WORDS = 3  # of a banner of the desk that is no tag
ENDS = (".", "!", "?", "…", ">", ")", "]", "*", "_")
QUOTED = ('"', "“", "„", "«", "‘", "'")
WORD = re.compile(r"\w+")
TAG = re.compile(r"\[[^\[\]]{2,40}\]|\*{2,}[^*]{2,40}\*{2,}|[^a-z]{5,40}")
SENTENCE_END = re.compile(r"[.!…]\s")


def _by_first_word(table: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for phrase in (phrase for phrases in table.values() for phrase in phrases):
        word = phrase.split()[0]
        found[word] = (*found.get(word, ()), f" {phrase} ")
    return found


ORIGIN_BY_WORD, WARNING_BY_WORD = _by_first_word(ORIGINS), _by_first_word(WARNINGS)
BEGINNINGS = frozenset(
    tuple(phrase.split()[:count])
    for phrases in ORIGINS.values()
    for phrase in phrases
    for count in (2, 3)
    if len(phrase.split()) > 1
)


def banner_above(texts: Sequence[str], mine: Sequence[bool], banners: Sequence[str] = ()) -> range:
    """The lines of a banner above the author's words. `mine` marks the lines that somebody may have written here.

    `banners` are the whole texts of the desk's own banners.
    """
    start = next((at for at, text in enumerate(texts[: 2 * LONGEST_BANNER]) if text.strip() and not _is_rule(text)), len(texts))
    if start == len(texts) or not mine[start]:
        return range(0)
    end = _end_of_banners(texts, mine, start, _in_words(tuple(banners)))
    while end > start > 0 and (not texts[start - 1].strip() or _is_rule(texts[start - 1])):
        start -= 1
    return range(start, end)


def banner_below(texts: Sequence[str], mine: Sequence[bool], banners: Sequence[str] = ()) -> range:
    """The lines of a banner that is the last paragraph of the author's lines. A line above must not announce it.

    `banners` are the whole texts of the desk's own banners.
    """
    last = next((at for at in range(len(texts) - 1, -1, -1) if mine[at] and texts[at].strip() and not _is_rule(texts[at])), -1)
    start = last
    while start > 0 and mine[start - 1] and texts[start - 1].strip() and last - start < LONGEST_BANNER:
        start -= 1
    if last < 0 or _end_of_banners(texts, mine, start, _in_words(tuple(banners))) <= last:
        return range(0)
    above = next((texts[at].strip() for at in range(start - 1, -1, -1) if texts[at].strip()), "")
    return range(0) if not above or above.endswith(":") else range(start, last + 1)


def _end_of_banners(texts: Sequence[str], mine: Sequence[bool], start: int, banners: frozenset[str]) -> int:
    """The line below the banners that begin at `start`, and below the rules that end them; `start` where none does."""
    end = start
    while (length := _banner_at(texts, mine, end) or _own_banner_at(texts, mine, end, banners)) and end - start < LONGEST_BANNER:
        end = _next_line(texts, mine, end + length)
    return end


def _banner_at(texts: Sequence[str], mine: Sequence[bool], at: int) -> int:
    """How many lines from `at` are a banner: its first line says where the mail comes from, it or the next ones what to mind."""
    if at >= len(texts) or not mine[at] or texts[at].lstrip().startswith(QUOTED):
        return 0
    first = _words(texts[at])
    if first.strip() in TAGS and TAG.fullmatch(texts[at].strip()):
        return 1
    said = ""
    for count, text in enumerate(texts[at : at + LONGEST_BANNER], start=1):
        if not mine[at + count - 1] or not text.strip() or (count == 2 and not _may_begin(first)):
            return 0
        said = f"{said.rstrip()}{_words(text)}"
        if _has_one_of(ORIGIN_BY_WORD, said) and _has_one_of(WARNING_BY_WORD, said):
            end = _end_of(texts, mine, at + count)
            return end - at if _says_no_more(" ".join(texts[at:end])) else 0
    return 0


def _own_banner_at(texts: Sequence[str], mine: Sequence[bool], at: int, banners: frozenset[str]) -> int:
    """How many lines from `at` are one of the desk's own banners. One or two words are a banner only in brackets, stars or capitals."""
    said = " "
    for count, text in enumerate(texts[at : at + LONGEST_BANNER] if banners else (), start=1):
        if not mine[at + count - 1] or not text.strip():
            return 0
        said = f"{said.rstrip()}{_words(text)}"
        if said in banners:
            return count if len(said.split()) >= FEWEST_WORDS or (count == 1 and TAG.fullmatch(text.strip())) else 0
    return 0


@lru_cache(maxsize=4)
def _in_words(banners: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_words(banner) for banner in banners) - {"  "}


def _says_no_more(text: str) -> bool:
    """Whether each sentence is one of a banner: nobody asks, nobody writes of themselves, and nothing else is said."""
    if "?" in text or not OWN.isdisjoint(WORD.findall(text.lower())):
        return False
    return all(_is_of_banner(_words(sentence)) for sentence in SENTENCE_END.split(text[: LONGEST_BANNER * LONGEST_LINE]))


def _is_of_banner(words: str) -> bool:
    said = words.split()
    if not said or words.strip() in TAGS or set(said) <= ALARMS or not THINGS.isdisjoint(said):
        return True
    return _has_one_of(ORIGIN_BY_WORD, words) or _has_one_of(WARNING_BY_WORD, words)


def _may_begin(first: str) -> bool:
    """Whether a first line of several may begin a banner: a tag, a word of alarm, or the first part of what a banner says."""
    head = first.strip()
    return head in TAGS or head.partition(" ")[0] in ALARMS or _has_one_of(ORIGIN_BY_WORD, first) or _is_begun(first)


def _is_begun(first: str) -> bool:
    """Whether the words at the end of a line are the beginning of what says where a mail comes from; a relay may have broken the line."""
    words = first.split()
    return tuple(words[-2:]) in BEGINNINGS or tuple(words[-3:]) in BEGINNINGS


def _end_of(texts: Sequence[str], mine: Sequence[bool], at: int) -> int:
    """The line below a banner, of which the lines above `at` are certain. A sentence goes on to its end, and a further warning belongs to it."""
    end = at
    while end < len(texts) and mine[end] and texts[end].strip() and end - at < LONGEST_BANNER:
        goes_on = not texts[end - 1].rstrip().endswith(ENDS)
        if not goes_on and not _has_one_of(WARNING_BY_WORD, _words(texts[end])):
            break
        end += 1
    return end


def _next_line(texts: Sequence[str], mine: Sequence[bool], at: int) -> int:
    """The next line with words from `at` on, behind blank lines and rules below a banner."""
    while at < len(texts) and mine[at] and (not texts[at].strip() or _is_rule(texts[at])):
        at += 1
    return at


def _is_rule(text: str) -> bool:
    return not text.strip("-–—_*=~# \t\u200b\ufeff")


def _has_one_of(phrases: Mapping[str, Sequence[str]], said: str) -> bool:
    """Whether one of the phrases stands in a text. `phrases` has them by their first words."""
    return any(phrase in said for word in said.split() for phrase in phrases.get(word, ()))


def _words(text: str) -> str:
    """The words of a line in lower case with a blank at each side, so that phrases can be looked for."""
    return f" {' '.join(WORD.findall(text[:LONGEST_LINE].lower()))} "
