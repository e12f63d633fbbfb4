"""The words of a text in the form in which a quote is compared with what it quotes.

Mail clients wrap lines anew, add marks, turn quotation marks, write links twice and bullets in their own way. What is left of all that are
the words, in their order.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from helpdesk.config.plain_words import words_in
from helpdesk.threading.reading.words import INVISIBLE

Words = tuple[str, ...]

CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
# What a client writes behind the words of a link, as in "our page <https://example.com>".
WRITTEN_TWICE = re.compile(r"[<\[(](?:https?://|mailto:|tel:|cid:)[^\s<>\[\]()]{1,4000}[>\])]")
# A shortcut of a letter to write a mail; clients show its label only.
SHORTCUT = re.compile(r"(?:mailto|tel|cid):\S{1,4000}")
SHORTCUTS = ("mailto:", "tel:", "cid:")
# An address of ours with a token, as programs write it behind the words of a link to it; letters have it in one of their parts only.
REPLY_ADDRESS = re.compile(r"[<(\[]?(?<![\w+])\w[\w.-]{0,63}\+[a-z][a-z2-7]{24,62}@[\w.-]{1,190}[>)\]]?", re.ASCII)
URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,4000}")
INNER_URL = re.compile(r"https?:/{1,2}([^\s&;<>\"]{1,2000})")
# Filters of mail that put an address of their own in place of a link, without the address that it had.
OPAQUE = ("mimecast", "cudasvc", "trendmicro", "sophos", "fireeye", "ppops", "proofpoint", "urlsand", "barracuda", "edgepilot")
MARKS = re.compile(r"(?:[^\W\d_]{0,3}(?:>|&gt;)[ \t]?){1,50}")
LONGEST_LINE = 20_000  # characters of one line that are compared
CHARACTERS_A_WORD = 10


def words_of(text: str, longest: int = LONGEST_LINE) -> Words:
    """The words of a line or of a text, of which `longest` characters are compared. Linear in that."""
    text = text[:longest] if len(text) > longest else text
    if not text.isascii():
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))[:longest]
    if ":" in text or "www." in text:
        text = _without_links(text)
    if "+" in text and "@" in text:
        text = REPLY_ADDRESS.sub(" ", text)
    return tuple(words_in(text, WORD, small=True))


def words_of_line(text: str) -> Words:
    """The words of a line without the marks that a client put in front of a quote."""
    bare = text.lstrip(" \t\u200b\ufeff")
    marks = MARKS.match(bare) if ">" in bare[:20] or bare.startswith("&gt;") else None
    return words_of(bare[marks.end() :] if marks else bare)


def document_of(text: str, longest: int) -> list[str]:
    """The first words of a whole text, at most `longest`."""
    return list(words_of(text, longest * CHARACTERS_A_WORD)[:longest])


def _without_links(text: str) -> str:
    """The text with each link as one word: the place to which it leads, however a filter has wrapped it."""
    shortcuts = any(scheme in text for scheme in SHORTCUTS)
    if shortcuts or "://" in text:
        text = WRITTEN_TWICE.sub(" ", text)
    if shortcuts:
        text = SHORTCUT.sub(" ", text)
    return URL.sub(lambda link: f" {_place_of(link[0])} ", text) if "://" in text or "www." in text else text


def _place_of(link: str) -> str:
    """The place to which a link leads, as one word of letters and digits; "" where a filter hides it."""
    plain = unquote(unquote(link)) if "%" in link else link
    # A filter writes the link's own address behind its own, and a link may have further links as values.
    inner = INNER_URL.match(plain, max(plain.rfind("http:/"), plain.rfind("https:/"), 0))
    place = inner[1] if inner else plain
    if plain.count("http") <= 1 and any(name in link.lower() for name in OPAQUE):
        return ""
    return "".join(letter for letter in place.lower() if letter.isalnum())[:200]


def phrases_in(words: Sequence[str], phrases: Iterable[str]) -> bool:
    """Whether one of the phrases stands in the words, as neighbours. A phrase is its words with one space between them."""
    flat = f" {' '.join(words)} "
    return any(f" {phrase} " in flat for phrase in phrases)
