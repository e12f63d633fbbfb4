"""Greetings and closings of letters to customers: what a person wrote is not said twice, and a name is said as people say it."""

import re

from helpdesk.threading.reading.signature_words import GREETINGS, SIGN_OFFS, THANKS

LONGEST_GREETING = 80  # characters of a line that may be a greeting
MOST_WORDS = 6
LAST_LINES = 4  # of a text, in which a closing may stand
IN_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,80}[)\]]")
NO_NAME = frozenset("@<>/")  # signs of an address, of markup, of a link
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "phd", "md", "inc", "ltd", "llc", "gmbh", "ag", "sa", "bv", "srl"})
CLOSINGS = frozenset(words for part in (SIGN_OFFS, THANKS) for phrases in part.values() for words in phrases)


def spoken_name(name: str) -> str:
    """A name as a greeting says it: "Müller, Jörg (IT)" is Jörg Müller. "" for what is no name. At most 80 characters are read."""
    plain = " ".join(IN_BRACKETS.sub(" ", name[:80]).replace('"', " ").split()).strip(" ,;")
    last, comma, first = (part.strip() for part in plain.partition(","))
    if comma and "," not in first and first.casefold().strip(".") not in SUFFIXES:
        plain = f"{first} {last}"
    return "" if NO_NAME & set(plain) or not any(letter.isalpha() for letter in plain) else plain


def begins_with_greeting(text: str) -> bool:
    """Whether a text of staff begins with a greeting of its own."""
    line = text[:2000].lstrip().partition("\n")[0].strip().casefold()
    if not line or len(line) > LONGEST_GREETING or len(line.split()) > MOST_WORDS:
        return False
    greeting = max((words for words in GREETINGS if line.startswith(words)), key=len, default="")
    return bool(greeting) and not line[len(greeting) :][:1].isalpha()


def ends_with_closing(text: str) -> bool:
    """Whether the last lines of a text of staff have a closing, such as "Kind regards"."""
    return any(line in CLOSINGS for line in _last_lines(text))


def ends_with_name(text: str, author: str) -> bool:
    """Whether the last line of a text of staff is the name of its author, or the first name."""
    names = {author.casefold(), author.casefold().partition(" ")[0]} - {""}
    return any(line in names for line in _last_lines(text)[-1:])


def _last_lines(text: str) -> list[str]:
    return [line.strip(" ,.!–-").casefold() for line in text[-2000:].splitlines() if line.strip()][-LAST_LINES:]
