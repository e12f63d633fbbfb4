"""Whether the plain text and the HTML of a mail say the same. A person sees one of them, and a program may read the other."""

import html
import re

ALIKE = 0.6  # share of common words from which on two texts count as equal
SEARCHED = 50_000  # characters of each text that are compared
SHOWN = 300  # characters of what the HTML says
TAG = re.compile(r"<[^<>]*>")
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]{1,2000}")
WORD = re.compile(r"\w+")


def other_text(plain: str | None, markup: str | None) -> str:
    """The text of the HTML in one line of at most `SHOWN` characters, if the plain text says something else; else "".

    `markup` is sanitised HTML. The measure is Dice's coefficient of the words, without the URLs of links, which only plain text shows.
    """
    if plain is None or markup is None:
        return ""
    said = html.unescape(TAG.sub(" ", markup[:SEARCHED]))
    ours, theirs = _words(plain[:SEARCHED]), _words(said)
    if not ours or not theirs:
        return ""
    alike = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return "" if alike >= ALIKE else " ".join(said.split())[:SHOWN]


def _words(text: str) -> set[str]:
    if "://" in text or "mailto:" in text:
        text = ADDRESS.sub(" ", text)
    # Most pieces between white space are words, and stand many times. The expression is asked about the others, once each.
    pieces = set(text.casefold().split())
    words = {piece for piece in pieces if piece.isalnum()}
    return words.union(WORD.findall(" ".join(pieces - words)))
