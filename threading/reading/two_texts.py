"""Whether the plain text and the HTML of a mail say the same. A person sees one of them, and a program may read the other."""

import re
from collections.abc import Iterable, Sequence

from helpdesk.threading.reading.lines import Line

ALIKE = 0.6  # share of common words from which on two texts count as equal
SEARCHED = 50_000  # characters of each text that are compared
SHOWN = 300  # characters of what the HTML says
LONGEST_STUB = 400  # characters of a plain text that asks its reader to look at the HTML
STUB = frozenset(("html", "browser", "webbrowser", "navigateur", "navegador"))  # a stub has one of these words, in any language
COMMAND = re.compile(r"^\s{0,20}[#!]\w", re.MULTILINE)
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]{1,2000}")
WORD = re.compile(r"\w+")


def other_text(plain: str | None, lines: Sequence[Line]) -> str:
    """The text of the HTML in one line of at most `SHOWN` characters, if the plain text says something else; else "".

    `lines` are those of the HTML. The measure is Dice's coefficient of the words, without the URLs of links, which only one of them shows.
    """
    if plain is None or not lines:
        return ""
    said = _beginning(lines)
    ours, theirs = _words(plain[:SEARCHED]), _words(said)
    if not ours or not theirs:
        return ""
    alike = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return "" if alike >= ALIKE else " ".join(said.split())[:SHOWN]


def is_stub(plain: str, lines: Sequence[Line]) -> bool:
    """Whether a plain text only stands in for the HTML: it has no words, or it is short and says in other words to look at the HTML.

    A text with a command is none, because its author may have written it.
    """
    text = plain.strip()
    if len(text) > LONGEST_STUB or COMMAND.search(text):
        return False
    ours, said = _words(text), _beginning(lines)
    if not ours:
        return bool(WORD.search(said))
    if STUB.isdisjoint(ours) or len(said) <= len(text):
        return False
    return len(ours & _words(said)) < ALIKE * len(ours)


def _beginning(lines: Iterable[Line]) -> str:
    """The beginning of the text of some lines, as one line."""
    pieces: list[str] = []
    room = SEARCHED
    for line in lines:
        if room <= 0:
            break
        pieces.append(line.text)
        room -= len(line.text) + 1
    return " ".join(pieces)[:SEARCHED]


def _words(text: str) -> set[str]:
    if "://" in text or "mailto:" in text:
        text = ADDRESS.sub(" ", text)
    # Most pieces between white space are words, and stand many times. The expression is asked about the others, once each.
    pieces = set(text.casefold().split())
    words = {piece for piece in pieces if piece.isalnum()}
    return words.union(WORD.findall(" ".join(pieces - words)))
