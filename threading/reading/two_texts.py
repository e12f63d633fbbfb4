"""Whether the two texts of one mail, plain and HTML, say the same: a reader sees one of them, and a program may see the other."""

import html
import re

ALIKE = 0.6  # share of words in common from which on two texts count as one
SEARCHED = 50_000  # characters of each text that are compared
SHOWN = 300  # characters of what the HTML says
TAG = re.compile(r"<[^<>]*>")
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]{1,2000}")
WORD = re.compile(r"\w+")


def other_text(plain: str | None, markup: str | None) -> str:
    """What the HTML of a mail says, in one line of at most `SHOWN` characters, where its plain text says something else; else "".

    `markup` is HTML that has been made safe: without scripts, styles and whatever a reader does not see. Dice's coefficient of the
    words, without the addresses of links, which stand in plain text alone.
    """
    if plain is None or markup is None:
        return ""
    said = " ".join(html.unescape(TAG.sub(" ", markup[:SEARCHED])).split())
    ours, theirs = _words(plain[:SEARCHED]), _words(said)
    if not ours or not theirs:
        return ""
    alike = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return "" if alike >= ALIKE else said[:SHOWN]


def _words(text: str) -> set[str]:
    return set(WORD.findall(ADDRESS.sub(" ", text).casefold()))
