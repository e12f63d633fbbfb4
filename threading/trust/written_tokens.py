"""Our own tokens in a text or a file, at any place: in an address, a link, a Message-ID.

A token proves nothing about the author of the text. It shows that the text holds a part of one of our letters, and who received that letter.
"""

import re
from collections.abc import Iterable, Mapping

from helpdesk.threading.reading.words import INVISIBLE
from helpdesk.threading.trust.tokens import LONGEST_TOKEN, Keyring, Token, verify

SHORTEST_TOKEN = 38
MOST_LOOKED_AT = 20_000  # different words of a token's length in one mail; each costs one HMAC
ENCODED = re.compile(r"(?:%(?:25){0,9}|=)(?:2[Bb]|40|3[AaCcEe])")
FOLDED = re.compile(r"=\r?\n")  # where quoted-printable breaks a line
WORD = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]{{{SHORTEST_TOKEN - 1},{LONGEST_TOKEN - 1}}}(?![A-Za-z0-9])")


def tokens_written(texts: Iterable[str], keyring: Keyring) -> dict[str, Token]:
    """The valid tokens in the texts, by their spelling in lower case. Takes time linear in the length of the texts."""
    words: dict[str, None] = {}
    for text in texts:
        for word in _words(text):
            if len(words) >= MOST_LOOKED_AT:
                break
            words[word] = None
    found = ((word, verify(word, keyring)) for word in words)
    return {word: token for word, token in found if token is not None}


def tokens_in(text: str, written: Mapping[str, Token]) -> tuple[Token, ...]:
    """Which of the `written` tokens of a mail stand in this part of it, in order."""
    return tuple(dict.fromkeys(written[word] for word in _words(text) if word in written)) if written else ()


def _words(text: str) -> Iterable[str]:
    """The words of a token's length, in lower case.

    Links to an address spell "+" and "@" as "%2B" and "%40" (RFC 6068 §2), and a link within a link as "%252B". The source of a mail in
    quoted-printable has "=2B" and broken lines (RFC 2045 §6.7).
    """
    plain = text if text.isascii() else INVISIBLE.sub("", text)
    plain = FOLDED.sub("", plain) if "=" in plain else plain
    plain = " ".join(word for word in plain.split() if len(word) >= SHORTEST_TOKEN)  # the others are most of a text
    plain = ENCODED.sub(" ", plain) if "%" in plain or "=" in plain else plain
    return (word.lower() for word in WORD.findall(plain))
